"""Expectations on events that the tests publish themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.context.received_events import ReceivedEvents
from scenarios.context.scenario_timeline import ScenarioTimeline
from simulator.errors import ExpectationFailed
from simulator.timeline import Record, Timeline


class Room:
    """Publishes events on the timeline and to one client, as a room does."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.scenario_timeline = ScenarioTimeline(self.timeline, "a test")
        self.matched: list[Record] = []
        self.events = ReceivedEvents("client", self.scenario_timeline, self.matched.append)

    def publish(self, action: str, **fields: Any) -> None:
        event = {"action": action, **fields}
        self.timeline.append("event", event=event)
        self.events.receive({**event, "callClientId": "17.4"})


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    with room.scenario_timeline:
        yield room


async def test_other_events_may_come_between_the_expected_ones(room: Room) -> None:
    room.publish("dialout-connected")
    room.publish("participant-joined", participant={"session_id": "a"})
    room.publish("dialout-answered")
    received = await room.events.expect([("dialout-connected", {}), ("dialout-answered", {})], within=1)
    assert [event["action"] for event in received] == ["dialout-connected", "dialout-answered"]
    assert [record.fields["event"]["action"] for record in room.matched] == ["dialout-connected", "dialout-answered"]


async def test_an_expectation_waits_for_an_event(room: Room) -> None:
    asyncio.get_running_loop().call_soon(room.publish, "dialout-stopped")
    assert await room.events.expect([("dialout-stopped", {})], within=1)


async def test_an_expectation_does_not_match_events_before_the_previous_match(room: Room) -> None:
    room.publish("dialout-connected")
    room.publish("dialout-answered")
    await room.events.expect([("dialout-answered", {})], within=1)
    with pytest.raises(ExpectationFailed) as failed:
        await room.events.expect([("dialout-connected", {})], within=0.01)
    assert failed.value.expected == "dialout-connected  within 0.01 s"
    assert (
        failed.value.because
        == "it came before dialout-answered, which an earlier step has matched; events are expected in order"
    )


async def test_events_of_one_expectation_must_come_in_order(room: Room) -> None:
    room.publish("dialout-stopped")
    room.publish("participant-left", participant={"session_id": "a"})
    with pytest.raises(ExpectationFailed, match="as number 2 of 2: participant-left · dialout-stopped"):
        await room.events.expect([("participant-left", {}), ("dialout-stopped", {})], within=0.01)


async def test_in_any_order_each_event_matches_once(room: Room) -> None:
    room.publish("dialout-answered", sessionId="b")
    room.publish("dialout-answered", sessionId="a")
    patterns = [("dialout-answered", {"sessionId": "a"}), ("dialout-answered", {})]
    received = await room.events.expect(patterns, within=1, in_any_order=True)
    assert [event["sessionId"] for event in received] == ["a", "b"]
    with pytest.raises(ExpectationFailed):
        await room.events.expect([("dialout-answered", {})], within=0.01)


async def test_the_nearest_event_is_the_one_with_the_fewest_differences(room: Room) -> None:
    room.publish("dialout-error", sessionId="a", errorMsg="486 Busy Here")
    room.publish("dialout-error", sessionId="b", errorMsg="404 Not Found")
    room.publish("dialout-error", sessionId="b", errorMsg="603 Decline")
    with pytest.raises(ExpectationFailed) as failed:
        await room.events.expect([("dialout-error", {"sessionId": "a", "errorMsg": "/500/"})], within=0.01)
    assert failed.value.nearest is not None
    assert failed.value.nearest.startswith("dialout-error  at +")
    assert failed.value.nearest.endswith(", with errorMsg: 486 Busy Here, expected /500/")


async def test_without_an_event_of_that_name_the_nearest_is_one_of_its_family(room: Room) -> None:
    room.publish("dialout-connected", sessionId="a")
    room.timeline.append("phone", phone="desk", action="rings")
    with pytest.raises(ExpectationFailed) as failed:
        await room.events.expect([("dialout-answered", {})], within=0.01)
    assert failed.value.nearest is not None
    assert failed.value.nearest.startswith("dialout-connected  {sessionId: a}  at +")
    assert failed.value.because is not None
    assert failed.value.because.startswith("the last telephony record is: ")
    assert failed.value.because.endswith("desk rings")
    assert any("dialout-connected" in line for line in failed.value.happened)


async def test_without_any_similar_event_the_failure_says_so(room: Room) -> None:
    with pytest.raises(ExpectationFailed, match="nothing like it happened"):
        await room.events.expect([("dialin-ready", {})], within=0.01)


async def test_a_wrong_digit_fails_at_once(room: Room) -> None:
    room.publish("dtmf-event", tone="1", method="sip-info")
    room.publish("dtmf-event", tone="3", method="sip-info")
    patterns = [("dtmf-event", {"tone": tone}) for tone in "12"]
    async with asyncio.timeout(1):
        with pytest.raises(ExpectationFailed, match="tone: 3, expected 2"):
            await room.events.expect(patterns, within=60, consecutive=True)


async def test_expect_none_looks_at_all_events_since_the_start(room: Room) -> None:
    room.publish("dialout-answered", sessionId="a")
    await room.events.expect([("dialout-answered", {})], within=1)
    await room.events.expect_none([("dialout-answered", {"sessionId": "b"}), ("dialout-error", {})], for_s=0.01)
    with pytest.raises(ExpectationFailed, match=r"client does not receive dialout-answered"):
        await room.events.expect_none([("dialout-answered", {})], for_s=60)


async def test_expect_none_fails_when_an_event_comes_while_it_waits(room: Room) -> None:
    asyncio.get_running_loop().call_soon(room.publish, "dialout-error")
    with pytest.raises(ExpectationFailed):
        await room.events.expect_none([("dialout-error", {})], for_s=60)
