"""What a scenario file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from fake_daily_server.rest import properties
from fake_daily_server.settings import Settings
from scenarios.as_written import Written, as_written
from scenarios.steps import AnyStep
from scenarios.steps.client import DEFAULT_CLIENT
from scenarios.words import Model, OrNothing
from simulator.numbers import check_number
from simulator.phone_spec import PhoneSpec

RESERVED_NAMES = ("room", "customer", DEFAULT_CLIENT)
"""Names that steps use for what every scenario has, as in `$room.sip_uri`."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")]


def _own_name(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError(f"{name!r} is what every scenario has already; choose another name")
    return name


OwnName = Annotated[Name, AfterValidator(_own_name)]


if TYPE_CHECKING:
    RoomProperties: TypeAlias = Written
else:
    RoomProperties = as_written(properties.RoomProperties)


class RoomSpec(RoomProperties):
    """A room, by Daily's properties. Its name is made up unless given."""

    name: str | None = None
    privacy: Literal["public", "private"] = "public"

    def properties(self) -> dict[str, Any]:
        """The properties that were written, as Daily's API takes them."""
        written = self.as_json()
        return {name: value for name, value in written.items() if name not in ("name", "privacy")}


class ClientSpec(Model):
    """A participant with the signalling of daily-js. It joins before the first step."""

    owner: bool = True
    """Owners may dial out; others are refused."""
    user_name: str | None = None
    room: str | None = None
    """One of `rooms`; the scenario's own room when left out."""
    joins: bool = True
    """False: it joins when a step says `client: join`."""


def _named(phones: Any) -> Any:
    """A phone's key is its name, so that reports and SIP traces have it."""
    if not isinstance(phones, dict):
        return phones
    specs = {name: {} if spec in ("", "~") else spec for name, spec in phones.items()}
    return {name: {"name": name, **spec} if isinstance(spec, dict) else spec for name, spec in specs.items()}


class Scenario(Model):
    """One test: a room, people and phones, and what happens step by step."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    """What it proves, in one sentence."""
    room: Annotated[RoomSpec | None, OrNothing] = RoomSpec()
    """Null for calls from phone to phone, without Daily."""
    rooms: dict[OwnName, RoomSpec] = Field(default_factory=dict)
    """More rooms, by name, which only differ in who joins them."""
    client: ClientSpec = ClientSpec()
    """The participant whose requests and events the steps are about."""
    clients: dict[OwnName, ClientSpec] = Field(default_factory=dict)
    """More participants, by name."""
    phones: Annotated[dict[OwnName, PhoneSpec], BeforeValidator(_named)] = Field(default_factory=dict)
    """Simulated phones, by name."""
    numbers: tuple[Annotated[str, AfterValidator(check_number)], ...] = ()
    """Telephone numbers that the Daily domain has bought, the oldest first: caller ids for dial-out."""
    settings: Settings | None = None
    """Settings of the fake Daily that differ for this scenario; it then gets a server of its own."""
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    """What happens, in order."""

    @property
    def own_settings(self) -> dict[str, Any] | None:
        """What differs from the default settings of the fake Daily; None when nothing does."""
        own = {} if self.settings is None else self.settings.model_dump(exclude_unset=True)
        if self.numbers:
            own["phone_numbers"] = self.numbers
        return own or None

    @model_validator(mode="after")
    def _check_names(self) -> Scenario:
        owners: dict[str, str] = {}
        for what, names in (("a client", self.clients), ("a phone", self.phones), ("a room", self.rooms)):
            for name in names:
                if name in owners:
                    raise ValueError(f"{name!r} is both {owners[name]} and {what}; give one of them another name")
                owners[name] = what
        for name, client in {DEFAULT_CLIENT: self.client, **self.clients}.items():
            if client.room is not None and client.room not in self.rooms:
                known = ", ".join(self.rooms) or "none"
                raise ValueError(f"client {name!r} is in a room {client.room!r} that is not in `rooms` ({known})")
        return self
