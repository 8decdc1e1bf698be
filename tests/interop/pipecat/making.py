"""Bots made inside tests: Pipecat is imported when the first of them runs, so that tests without it can skip."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.timeline import Record
from tests.timeline_waits import wait_for_record

if TYPE_CHECKING:
    from tests.interop.pipecat.transport_bot import TransportBot

ENDS_WITHIN_S = 5.0
"""How long a bot may take to end; two seconds of silence after an EndFrame are Pipecat's own."""


def make(room: RoomHandle, **options: Any) -> TransportBot:
    """A DailyTransport for this room in a pipeline of its own."""
    from tests.interop.pipecat.transport_bot import TransportBot

    return TransportBot(room, **options)


class Bots:
    """Runs the bots of `bots/` as Pipecat's runner does."""

    def __init__(self) -> None:
        self._running: list[asyncio.Task[None]] = []

    def start(self, bot: str, room: RoomHandle, body: Mapping[str, Any]) -> None:
        """Begin with the bot of `bots/<bot>.py`."""
        from pipecat.runner.types import DailyRunnerArguments

        module = importlib.import_module(f"tests.interop.pipecat.bots.{bot}")
        arguments = DailyRunnerArguments(room_url=room.url, token=room.owner_token, body=dict(body))
        self._running.append(asyncio.create_task(module.bot(arguments), name=bot))

    async def end(self) -> None:
        """Wait until every bot has ended by itself."""
        ended, late = await asyncio.wait(self._running, timeout=ENDS_WITHIN_S)
        assert not late, f"{[task.get_name() for task in late]} still run after {ENDS_WITHIN_S:g} s"
        for task in ended:
            task.result()

    @property
    def still_run(self) -> bool:
        """Whether none has ended."""
        return not any(task.done() for task in self._running)

    async def stop(self) -> None:
        """Cancel what still runs: each by itself, for a pipeline whose parts are all cancelled at once never ends."""
        late = [task for task in self._running if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=ENDS_WITHIN_S)


async def said(daily: FakeDaily, room: RoomHandle, action: str) -> dict[str, Any]:
    """The first event of this name in a room, once there is one."""

    def wanted(record: Record) -> bool:
        here = record.kind == "event" and record.fields["room"] == room.name
        return here and record.fields["event"]["action"] == action

    event: dict[str, Any] = (await wait_for_record(daily, wanted)).fields["event"]
    return event


async def ready(daily: FakeDaily, room: RoomHandle) -> str:
    """The SIP endpoint of the room, once somebody is there to take calls."""
    endpoint: str = (await said(daily, room, "dialin-ready"))["sipEndpoint"]
    return endpoint


def of_calls(daily: FakeDaily, room: RoomHandle) -> list[str]:
    """What calls did in a room, in order; not that a phone's codec is a fallback."""
    told = []
    for event in daily.events(room):
        action = event["action"]
        of_a_call = action.startswith(("dialin-", "dialout-")) or "participantType" in event.get("participant", {})
        if of_a_call and not action.endswith(("-warning", "-updated")):
            told.append(action)
    return told
