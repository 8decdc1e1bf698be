"""What a sandbox keeps in a file for its next start: rooms, phones, purchased numbers, webhooks, its API key."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from fake_daily_server.domain.room import Privacy
from fake_daily_server.values.errors import DailyError
from fake_daily_server.webhooks.store import Subscription
from simulator.errors import ConfigurationError, SimulatorError
from simulator.kept_files import kept_files_folder
from simulator.phone_spec import PhoneSpec

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

_LOOK_S = 1.0
"""How often the file is brought up to date: a sandbox that is killed loses no more than that."""


class KeptRoom(BaseModel):
    """A room without its participants, as it is created again."""

    name: str
    privacy: Privacy
    properties: dict[str, Any]


class SandboxState(BaseModel):
    """What the file has: everything of a server that its next start is to have, too."""

    api_key: str
    rooms: tuple[KeptRoom, ...] = ()
    phones: tuple[dict[str, Any], ...] = ()
    """Fields of `PhoneSpec`, without those that have their default, and without `register`, which has a password."""
    numbers: tuple[str, ...] = ()
    webhooks: tuple[Subscription, ...] = ()

    @classmethod
    def of(cls, daily: FakeDaily) -> SandboxState:
        """The present state of a server."""
        rooms = daily.rooms.rooms.values()
        return cls(
            api_key=daily.api_key,
            rooms=tuple(
                KeptRoom(
                    name=room.name,
                    privacy=room.privacy,
                    properties=room.properties.model_dump(mode="json", by_alias=True, exclude_unset=True),
                )
                for room in rooms
            ),
            phones=tuple(
                phone.spec.model_dump(mode="json", exclude_defaults=True, exclude={"registration"})
                for phone in daily.network.phones
                if phone.test_number is None
            ),
            numbers=tuple(owned.number for owned in daily.site.domain.numbers.all),
            webhooks=tuple(webhook.subscription for webhook in daily.site.webhooks.webhooks),
        )

    async def add_to(self, daily: FakeDaily) -> list[str]:
        """Add what is kept to a server that has just started; return a sentence for each thing that it refuses."""
        refused: list[str] = []

        @contextlib.contextmanager
        def told(what: str) -> Iterator[None]:
            try:
                yield
            except (DailyError, SimulatorError, ValidationError) as reason:
                refused.append(f"{what} was not restored: {reason}")

        for number in self.numbers:
            if not daily.site.domain.numbers.owns(number):
                with told(f"number {number}"):
                    daily.site.domain.numbers.buy(number)
        for room in self.rooms:
            with told(f"room {room.name}"):
                daily.rooms.create(room.name, room.privacy, room.properties)
        for fields in self.phones:
            with told(f"phone {fields.get('name') or fields.get('number')}"):
                await daily.network.install(PhoneSpec(**fields))
        for subscription in self.webhooks:
            daily.site.webhooks.add(subscription)
        return refused


def state_path() -> Path:
    """The file in the current directory."""
    return kept_files_folder("sandbox") / "state.json"


def read_state(path: Path) -> SandboxState | None:
    """Read the file; None if there is none. Raises ConfigurationError if it cannot be used."""
    try:
        return SandboxState.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else f"{wrong.error_count()} of its values are not usable"
        raise ConfigurationError(
            "state", str(path), f"a file that a sandbox has written ({reason}); --fresh begins without it"
        ) from None


@asynccontextmanager
async def state_is_kept(daily: FakeDaily, path: Path) -> AsyncIterator[None]:
    """Write the state of a server to the file whenever it has changed, and at the end."""
    written = ""

    def write() -> None:
        nonlocal written
        text = SandboxState.of(daily).model_dump_json(indent=1)
        if text != written:
            _replace(path, text)
            written = text

    async def watch() -> None:
        while True:
            write()
            await asyncio.sleep(_LOOK_S)

    watching = asyncio.create_task(watch(), name="state of the sandbox")
    try:
        yield
    finally:
        watching.cancel()
        write()


def _replace(path: Path, text: str) -> None:
    """Write the file in one step, readable by its owner only: it has the API key."""
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
