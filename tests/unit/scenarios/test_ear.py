"""Expectations on a client's events, with the events put in by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.ear import Ear
from scenarios.happenings import Happenings
from simulator.errors import ExpectationFailed
from simulator.timeline import Record, Timeline


class Room:
    """Publishes to one client's ear, as a room does."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.happenings = Happenings(self.timeline, "a test")
        self.matched: list[Record] = []
        self.ear = Ear("client", self.happenings, self.matched.append)

    def publish(self, action: str, **fields: Any) -> None:
        event = {"action": action, **fields}
        self.timeline.append("event", event=event)
        self.ear.take({**event, "callClientId": "17.4"})


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    with room.happenings:
        yield room


async def test_events_are_awaited_in_order_with_others_between(room: Room) -> None:
    room.publish("dialout-connected")
    room.publish("participant-joined", participant={"session_id": "a"})
    room.publish("dialout-answered")
    heard = await room.ear.hear([("dialout-connected", {}), ("dialout-answered", {})], within=1)
    assert [event["action"] for event in heard] == ["dialout-connected", "dialout-answered"]
    assert [record.fields["event"]["action"] for record in room.matched] == ["dialout-connected", "dialout-answered"]


async def test_an_event_that_comes_later_is_waited_for(room: Room) -> None:
    asyncio.get_running_loop().call_soon(room.publish, "dialout-stopped")
    assert await room.ear.hear([("dialout-stopped", {})], within=1)


async def test_an_expectation_does_not_look_behind_the_one_before(room: Room) -> None:
    room.publish("dialout-connected")
    room.publish("dialout-answered")
    await room.ear.hear([("dialout-answered", {})], within=1)
    with pytest.raises(ExpectationFailed) as failed:
        await room.ear.hear([("dialout-connected", {})], within=0.01)
    assert failed.value.expected == "dialout-connected  within 0.01 s"
    assert failed.value.because == "it came before dialout-answered, which an earlier step expected; order counts"


async def test_order_within_one_step_counts_too(room: Room) -> None:
    room.publish("dialout-stopped")
    room.publish("participant-left", participant={"session_id": "a"})
    with pytest.raises(ExpectationFailed, match="as number 2 of 2: participant-left · dialout-stopped"):
        await room.ear.hear([("participant-left", {}), ("dialout-stopped", {})], within=0.01)


async def test_in_any_order_each_event_counts_once(room: Room) -> None:
    room.publish("dialout-answered", sessionId="b")
    room.publish("dialout-answered", sessionId="a")
    wanted = [("dialout-answered", {"sessionId": "a"}), ("dialout-answered", {})]
    heard = await room.ear.hear(wanted, within=1, in_any_order=True)
    assert [event["sessionId"] for event in heard] == ["a", "b"]
    with pytest.raises(ExpectationFailed):
        await room.ear.hear([("dialout-answered", {})], within=0.01)


async def test_the_nearest_event_is_the_one_with_the_fewest_differences(room: Room) -> None:
    room.publish("dialout-error", sessionId="a", errorMsg="486 Busy Here")
    room.publish("dialout-error", sessionId="b", errorMsg="404 Not Found")
    room.publish("dialout-error", sessionId="b", errorMsg="603 Decline")
    with pytest.raises(ExpectationFailed) as failed:
        await room.ear.hear([("dialout-error", {"sessionId": "a", "errorMsg": "/500/"})], within=0.01)
    assert failed.value.nearest is not None
    assert failed.value.nearest.startswith("dialout-error  at +")
    assert failed.value.nearest.endswith(", with errorMsg: 486 Busy Here, wanted /500/")


async def test_without_an_event_of_that_name_one_of_its_family_is_near(room: Room) -> None:
    room.publish("dialout-connected", sessionId="a")
    room.timeline.append("phone", phone="desk", action="rings")
    with pytest.raises(ExpectationFailed) as failed:
        await room.ear.hear([("dialout-answered", {})], within=0.01)
    assert failed.value.nearest is not None
    assert failed.value.nearest.startswith("dialout-connected  {sessionId: a}  at +")
    assert failed.value.because is not None
    assert failed.value.because.startswith("the last thing on the line was: ")
    assert failed.value.because.endswith("desk rings")
    assert any("dialout-connected" in line for line in failed.value.happened)


async def test_when_nothing_like_it_happened_that_is_said(room: Room) -> None:
    with pytest.raises(ExpectationFailed, match="nothing like it happened"):
        await room.ear.hear([("dialin-ready", {})], within=0.01)


async def test_a_wrong_digit_fails_at_once(room: Room) -> None:
    room.publish("dtmf-event", tone="1", method="sip-info")
    room.publish("dtmf-event", tone="3", method="sip-info")
    wanted = [("dtmf-event", {"tone": tone}) for tone in "12"]
    async with asyncio.timeout(1):
        with pytest.raises(ExpectationFailed, match="tone: 3, wanted 2"):
            await room.ear.hear(wanted, within=60, next_of_kind=True)


async def test_silence_looks_back_to_the_beginning(room: Room) -> None:
    room.publish("dialout-answered", sessionId="a")
    await room.ear.hear([("dialout-answered", {})], within=1)
    await room.ear.silent([("dialout-answered", {"sessionId": "b"}), ("dialout-error", {})], for_s=0.01)
    with pytest.raises(ExpectationFailed, match=r"client is not told of dialout-answered"):
        await room.ear.silent([("dialout-answered", {})], for_s=60)


async def test_silence_is_broken_by_what_comes_while_watching(room: Room) -> None:
    asyncio.get_running_loop().call_soon(room.publish, "dialout-error")
    with pytest.raises(ExpectationFailed):
        await room.ear.silent([("dialout-error", {})], for_s=60)
