"""Faults on the events that clients receive."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fake_daily_server.domain.event_faults import EventFault, EventFaults
from fake_daily_server.server import FakeDaily


async def events_with(daily: FakeDaily, **fault: Any) -> list[str]:
    """The telephony events that a client receives of a call, with a fault."""
    daily.site.event_faults.add(EventFault.model_validate(fault))
    client = await daily.join(await daily.create_room(enable_dialout=True))
    phone = await daily.network.phone("+12065550142")
    await client.start_dialout({"phoneNumber": phone.number})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await call.hang_up()
    await client.wait_for("dialout-stopped")
    return [event["action"] for event in client.events if event["action"].startswith(("dialout-", "participant-"))]


async def test_an_event_never_comes(fake_daily: FakeDaily) -> None:
    found = await events_with(fake_daily, fault="event-drop", action="dialout-answered")
    assert "dialout-answered" not in found
    notes = [record.fields["text"] for record in fake_daily.timeline.records(kind="note")]
    assert notes == ["dialout-answered number 1 has the fault event-drop"]


async def test_an_event_comes_twice(fake_daily: FakeDaily) -> None:
    found = await events_with(fake_daily, fault="event-twice", action="dialout-answered")
    assert found.count("dialout-answered") == 2


async def test_an_event_comes_after_the_next_one(fake_daily: FakeDaily) -> None:
    found = await events_with(fake_daily, fault="event-out-of-order", action="dialout-connected")
    assert found.index("participant-joined") < found.index("dialout-connected") < found.index("dialout-answered")


async def test_an_event_comes_late(fake_daily: FakeDaily) -> None:
    fake_daily.site.event_faults.add(
        EventFault.model_validate({"fault": "event-late", "action": "participant-left", "delay_ms": 1})
    )
    await events_with(fake_daily, fault="event-twice", action="dialout-answered")
    await fake_daily.wait_for("participant-left")
    order = [event["action"] for event in fake_daily.events()]
    assert order.index("participant-left") > order.index("dialout-stopped")


async def test_an_event_that_is_late_never_comes_once_the_faults_are_removed() -> None:
    faults = EventFaults()
    sent: list[str] = []
    passed = asyncio.Event()
    faults.send_late(1, lambda: sent.append("an event"))
    faults.clear()
    faults.send_late(2, passed.set)
    await asyncio.wait_for(passed.wait(), 5)
    assert sent == []


async def test_a_field_is_absent_or_has_another_value(fake_daily: FakeDaily) -> None:
    fake_daily.site.event_faults.add(
        EventFault.model_validate(
            {"fault": "event-other-value", "action": "dialout-answered", "field": "origin", "value": "another"}
        )
    )
    await events_with(fake_daily, fault="event-without-field", action="dialout-stopped", field="sipCallId")
    events = {event["action"]: event for event in fake_daily.events()}
    assert events["dialout-answered"]["origin"] == "another"
    assert "sipCallId" not in events["dialout-stopped"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fault": "event-late", "action": "dialout-stopped"},
        {"fault": "event-without-field", "action": "dialout-stopped"},
        {"fault": "event-other-value", "action": "dialout-stopped", "field": "origin"},
        {"fault": "event-drop", "action": "dialout-stopped", "field": "origin"},
    ],
)
def test_a_fault_without_its_companions_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="require"):
        EventFault.model_validate(wrong)
