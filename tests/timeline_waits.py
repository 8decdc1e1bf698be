"""Waits for records on the timeline of a server that runs on another loop."""

from __future__ import annotations

from collections.abc import Callable

from fake_daily_server.server import FakeDaily
from simulator.timeline import Record


async def wait_for_record(daily: FakeDaily, wanted: Callable[[Record], bool], *, within: float = 5) -> Record:
    """Wait for the first record, past or future, that `wanted` accepts; on a timeout, fail with the whole timeline."""
    found: Record | None = await daily.owner_loop.run(daily.timeline.wait(wanted, within=within))
    assert found is not None, "\n".join(map(str, daily.timeline.records()))
    return found


async def wait_for_held_caller(daily: FakeDaily, action: str) -> Record:
    """Wait for the first record with this action of a held caller."""
    return await wait_for_record(daily, lambda record: record.kind == "roomless" and record.fields["action"] == action)
