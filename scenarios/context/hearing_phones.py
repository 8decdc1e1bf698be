"""Phones that must hear something in a scenario listen from the moment their call has media.

Otherwise a phone would begin to listen with the first step about its sound, which is too late for a short sound when
the machine is busy.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from simulator.errors import CallEnded
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.timeline import Record, Timeline

_HAS_MEDIA = "has media"
"""What the record of a call's first media has as `action`."""


async def load_audio() -> None:
    """Import what the steps about sound need, numpy above all, before the time of a step counts."""
    await asyncio.to_thread(importlib.import_module, "simulator.audio.expectations")


@asynccontextmanager
async def phones_hearing(phones: Mapping[str, Phone], names: Iterable[str], timeline: Timeline) -> AsyncIterator[None]:
    """Let the phones with these names listen in each of their calls, during the context."""
    hearing = [phones[name] for name in set(names)]
    tasks: set[asyncio.Task[None]] = set()

    def take(record: Record) -> None:
        if record.kind != "phone" or record.fields.get("action") != _HAS_MEDIA:
            return
        for call in (call for phone in hearing for call in phone.calls):
            if call.sip_call_id == record.fields.get("sip_call_id"):
                task = asyncio.get_running_loop().create_task(_listen(call), name=f"{call.phone} listens")
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    stop = timeline.listen(take)
    try:
        yield
    finally:
        stop()


async def _listen(call: PhoneCall) -> None:
    with contextlib.suppress(CallEnded):
        await call.listen()
