"""Waiting for a record on the timeline of a server that runs on a loop of its own."""

from __future__ import annotations

from collections.abc import Callable

from fake_daily_server.server import FakeDaily
from simulator.timeline import Record


async def happened(daily: FakeDaily, wanted: Callable[[Record], bool], *, within: float = 5) -> Record:
    """The first record that is wanted, from the beginning on; fails with all that happened when there is none."""
    found: Record | None = await daily.owner_loop.run(daily.timeline.wait(wanted, within=within))
    assert found is not None, "\n".join(map(str, daily.timeline.records()))
    return found


async def lobby(daily: FakeDaily, action: str) -> Record:
    """Something that happened to a caller who was in no room yet."""
    return await happened(daily, lambda record: record.kind == "lobby" and record.fields["action"] == action)
