"""Faults on the events that clients receive: lost, late, doubled, swapped, and the records of what they took."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.signalling.event_faults import EventFault, EventFaults


async def set_fault(daily: FakeDaily, **fields: Any) -> None:
    async with httpx.AsyncClient(base_url=f"{daily.url}/_sim/", trust_env=False) as sim:
        assert (await sim.post("clients/faults", json=fields)).status_code == 200


async def texts(client: Client, number: int) -> list[str]:
    await client.wait_for("app-message", where={"data": {"text": "last"}})
    return [event["data"]["text"] for event in client.events if event["action"] == "app-message"][:number]


async def say(sender: Client, *said: str) -> None:
    for text in (*said, "last"):
        await sender.send_app_message({"text": text})


@pytest.mark.parametrize(
    ("fault", "received"),
    [
        ("event-drop", ["a", "c", "last"]),
        ("event-duplicate", ["a", "b", "b", "c", "last"]),
        ("event-out-of-order", ["a", "c", "b", "last"]),
    ],
)
async def test_the_second_event_of_a_kind_is_taken(
    fake_daily: FakeDaily, daily_room: RoomHandle, fault: str, received: list[str]
) -> None:
    ann, bob = [await fake_daily.join(daily_room, user_name=name) for name in ("Ann", "Bob")]
    await set_fault(fake_daily, fault=fault, event="app-message", nth=2, client="Bob")
    await say(ann, "a", "b", "c")
    assert await texts(bob, 9) == received
    did = [record.fields for record in fake_daily.timeline.records(kind="client") if "did" in record.fields]
    assert [(each["did"], each["client"], each["name"], each["number"]) for each in did] == [
        (fault, "Bob", "app-message", 2)
    ]


async def test_a_field_is_absent_or_has_another_value(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    ann, bob = [await fake_daily.join(daily_room, user_name=name) for name in ("Ann", "Bob")]
    about = {"event": "app-message", "client": "Bob"}
    await set_fault(fake_daily, fault="event-without-field", field="fromId", **about)
    await set_fault(fake_daily, fault="event-other-value", field="fromId", value="nobody", nth=2, **about)
    await say(ann, "a", "b")
    await texts(bob, 9)
    received = [event for event in bob.events if event["action"] == "app-message"]
    assert [event.get("fromId") for event in received] == [None, "nobody", ann.session_id]


async def test_a_late_event_does_not_hold_up_others(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    ann, bob = [await fake_daily.join(daily_room, user_name=name) for name in ("Ann", "Bob")]
    await set_fault(fake_daily, fault="event-delay", event="app-message", delay_ms=300)
    before = time.monotonic()
    await say(ann, "late")
    await bob.wait_for("app-message", where={"data": {"text": "late"}})
    assert time.monotonic() - before >= 0.3
    assert await texts(bob, 9) == ["last", "late"]


async def test_a_reset_removes_faults(fake_daily: FakeDaily) -> None:
    await set_fault(fake_daily, fault="event-drop", times="all")
    await fake_daily.reset()
    room = await fake_daily.create_room()
    await (await fake_daily.join(room)).wait_for("joined-meeting")


def test_a_share_is_taken_at_random_and_the_same_with_the_same_seed() -> None:
    def taken(seed: int) -> list[int]:
        faults = EventFaults()
        faults.add(EventFault(fault="event-drop", times="all", share=0.3, seed=seed))
        results = [faults.take({"action": "app-message"}, "Bob", "id") for _ in range(200)]
        return [index for index, result in enumerate(results) if result is not None]

    assert taken(1) == taken(1) != taken(2)
    assert 40 <= len(taken(1)) <= 80


def test_each_client_has_a_count_of_its_own() -> None:
    faults = EventFaults()
    faults.add(EventFault(fault="event-drop", event="dialout-answered", nth=2))
    answered, other = {"action": "dialout-answered"}, {"action": "dialout-stopped"}
    assert [faults.take(event, "a", "1") for event in (answered, other)] == [None, None]
    assert faults.take(answered, "b", "2") is None
    taken = faults.take(answered, "a", "1")
    assert taken is not None
    assert taken[1] == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fault": "event-delay"}, "requires `delay_ms`"),
        ({"fault": "event-drop", "event": "dialout-answerd"}, "did you mean 'dialout-answered'"),
        ({"fault": "event-without-field", "event": "dialout-answered"}, "require `field`"),
        ({"fault": "event-other-value", "event": "dialout-answered", "field": "origin"}, "requires `value`"),
        ({"fault": "event-drop", "share": 0}, "greater than 0"),
        ({"fault": "event-dorp"}, "did you mean 'event-drop'|Input should be"),
    ],
)
def test_a_wrong_fault_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=message):
        EventFault.model_validate(fields)
