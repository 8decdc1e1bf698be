from __future__ import annotations

import asyncio
import threading

from simulator.timeline import Record, Timeline


def test_records_count_from_one_and_say_themselves() -> None:
    timeline = Timeline()
    first = timeline.append("phone", phone="desk", action="rings", reason=None)
    second = timeline.append("event", event={"action": "x"})
    assert (first.seq, second.seq, timeline.last_seq) == (1, 2, 2)
    assert str(first).endswith("phone  phone=desk action=rings")
    assert second.as_dict()["event"] == {"action": "x"}
    assert [record.seq for record in timeline.records(kind="event")] == [2]
    assert [record.seq for record in timeline.records(after=1)] == [2]


async def test_a_wait_sees_the_past_and_the_future_and_ends() -> None:
    timeline = Timeline()
    timeline.append("sip", message="old")

    def wanted(record: Record) -> bool:
        return record.fields.get("message") == "new"

    assert await timeline.wait(lambda record: record.kind == "sip", within=1) is not None
    waiting = asyncio.create_task(timeline.wait(wanted, within=5))
    await asyncio.sleep(0)
    timeline.append("sip", message="new")
    found = await waiting
    assert found is not None
    assert found.seq == 2
    assert await timeline.wait(wanted, after=found.seq, within=0.01) is None


def test_clearing_forgets_and_goes_on_counting() -> None:
    timeline = Timeline()
    timeline.append("sip")
    timeline.clear()
    assert list(timeline.records()) == []
    assert timeline.append("sip").seq == 2
    assert [record.seq for record in timeline.records(after=1)] == [2]


def test_the_newest_are_kept_and_the_rest_is_counted() -> None:
    timeline = Timeline(keep=10)
    for number in range(100):
        timeline.append("sip", number=number)
    kept = [record.seq for record in timeline.records()]
    assert kept[-1] == 100
    assert 10 <= len(kept) <= 11
    assert timeline.dropped == 100 - len(kept)
    assert [record.seq for record in timeline.records(after=98)] == [99, 100]


def test_listeners_hear_until_they_stop() -> None:
    timeline = Timeline()
    heard: list[int] = []
    stop = timeline.listen(lambda record: heard.append(record.seq))
    timeline.append("sip")
    stop()
    timeline.append("sip")
    assert heard == [1]


async def test_a_wait_on_another_loop_is_woken_at_once() -> None:
    timeline = Timeline()
    waits = threading.Event()

    async def elsewhere() -> Record | None:
        asyncio.get_running_loop().call_later(0.02, waits.set)
        return await timeline.wait(lambda record: record.kind == "sip", within=30)

    thread = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
    await asyncio.to_thread(waits.wait)
    timeline.append("sip")
    async with asyncio.timeout(5):
        assert await thread is not None
