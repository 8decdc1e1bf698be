"""The timeline numbers and keeps records, and wakes the waits on them."""

from __future__ import annotations

import asyncio
import threading

from simulator.timeline import Record, Timeline


def test_records_are_numbered_from_one_and_printed_in_one_line() -> None:
    timeline = Timeline()
    first = timeline.append("phone", phone="desk", action="rings", reason=None)
    second = timeline.append("event", event={"action": "x"})
    assert (first.seq, second.seq, timeline.last_seq) == (1, 2, 2)
    assert str(first).endswith("phone  phone=desk action=rings")
    assert second.as_dict()["event"] == {"action": "x"}
    assert [record.seq for record in timeline.records(kind="event")] == [2]
    assert [record.seq for record in timeline.records(after=1)] == [2]


async def test_a_wait_finds_past_and_future_records_and_has_a_time_limit() -> None:
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


def test_clearing_removes_records_and_numbering_continues() -> None:
    timeline = Timeline()
    timeline.append("sip")
    timeline.clear()
    assert list(timeline.records()) == []
    assert timeline.append("sip").seq == 2
    assert [record.seq for record in timeline.records(after=1)] == [2]


def test_the_newest_records_are_kept_and_removed_ones_are_counted() -> None:
    timeline = Timeline(keep=10)
    for number in range(100):
        timeline.append("sip", number=number)
    kept = [record.seq for record in timeline.records()]
    assert kept[-1] == 100
    assert 10 <= len(kept) <= 11
    assert timeline.dropped == 100 - len(kept)
    assert [record.seq for record in timeline.records(after=98)] == [99, 100]


def test_a_listener_is_called_until_it_is_removed() -> None:
    timeline = Timeline()
    numbers: list[int] = []
    stop = timeline.listen(lambda record: numbers.append(record.seq))
    timeline.append("sip")
    stop()
    timeline.append("sip")
    assert numbers == [1]


async def test_a_wait_on_another_loop_is_woken_without_delay() -> None:
    timeline = Timeline()
    started = threading.Event()

    async def wait_on_another_loop() -> Record | None:
        asyncio.get_running_loop().call_later(0.02, started.set)
        return await timeline.wait(lambda record: record.kind == "sip", within=30)

    thread = asyncio.create_task(asyncio.to_thread(asyncio.run, wait_on_another_loop()))
    await asyncio.to_thread(started.wait)
    timeline.append("sip")
    async with asyncio.timeout(5):
        assert await thread is not None
