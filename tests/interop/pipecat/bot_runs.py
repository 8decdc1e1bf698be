"""Running bots in tests. Pipecat is imported when the first one runs, so that tests can skip without it."""

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
"""Seconds that a bot may take to end; Pipecat itself plays two seconds of silence after an EndFrame."""


def transport_bot(room: RoomHandle, **options: Any) -> TransportBot:
    """Create a bot with a DailyTransport for this room."""
    from tests.interop.pipecat.transport_bot import TransportBot

    return TransportBot(room, **options)


class Bots:
    """Runs the bots of `bots/` as Pipecat's runner does."""

    def __init__(self) -> None:
        self._running: list[asyncio.Task[None]] = []

    def start(self, bot: str, room: RoomHandle, body: Mapping[str, Any]) -> None:
        """Start the bot of `bots/<bot>.py`."""
        from pipecat.runner.types import DailyRunnerArguments

        module = importlib.import_module(f"tests.interop.pipecat.bots.{bot}")
        arguments = DailyRunnerArguments(room_url=room.url, token=room.owner_token, body=dict(body))
        self._running.append(asyncio.create_task(module.bot(arguments), name=bot))

    async def end(self) -> None:
        """Wait until every bot has ended by itself; fail if one does not."""
        ended, late = await asyncio.wait(self._running, timeout=ENDS_WITHIN_S)
        assert not late, f"{[task.get_name() for task in late]} still run after {ENDS_WITHIN_S:g} s"
        for task in ended:
            task.result()

    @property
    def all_running(self) -> bool:
        """Whether no bot has ended."""
        return not any(task.done() for task in self._running)

    async def stop(self) -> None:
        """Cancel the running bots through their own tasks: a pipeline with all tasks cancelled at once never ends."""
        late = [task for task in self._running if not task.done()]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=ENDS_WITHIN_S)


async def room_event(daily: FakeDaily, room: RoomHandle, action: str) -> dict[str, Any]:
    """Wait for the first event of this name in a room."""

    def wanted(record: Record) -> bool:
        here = record.kind == "event" and record.fields["room"] == room.name
        return here and record.fields["event"]["action"] == action

    event: dict[str, Any] = (await wait_for_record(daily, wanted)).fields["event"]
    return event


async def dialin_endpoint(daily: FakeDaily, room: RoomHandle) -> str:
    """Wait until the room accepts calls; return its SIP endpoint."""
    endpoint: str = (await room_event(daily, room, "dialin-ready"))["sipEndpoint"]
    return endpoint


def call_events(daily: FakeDaily, room: RoomHandle) -> list[str]:
    """Return the actions of events about calls in a room, in order, without warnings and updates."""
    actions = []
    for event in daily.events(room):
        action = event["action"]
        is_about_a_call = action.startswith(("dialin-", "dialout-")) or "participantType" in event.get(
            "participant", {}
        )
        if is_about_a_call and not action.endswith(("-warning", "-updated")):
            actions.append(action)
    return actions
