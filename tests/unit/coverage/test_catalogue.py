"""What can be met is derived from the contract and the state tables."""

from __future__ import annotations

from fake_daily_server.contract.files import contract_schema
from fake_daily_server.coverage.catalogue import catalogue
from fake_daily_server.coverage.point import SECTIONS, Point
from fake_daily_server.telephony.machines.all_machines import MACHINES, steps


def names(section: str) -> set[str]:
    return {point.name for point in catalogue() if point.section == section}


def test_every_section_has_points() -> None:
    assert all(names(section) for section in SECTIONS)


def test_all_events_and_webhooks_of_the_contract_are_points() -> None:
    assert names("events") == set(contract_schema("events")["x-events"])
    assert set(contract_schema("webhooks")["x-types"]) < names("webhooks")


def test_fields_are_those_that_may_be_absent_and_the_values_of_enumerations() -> None:
    fields = names("event fields")
    assert "dialout-stopped.userId" in fields
    assert "dialout-stopped.sessionId" not in fields  # always there, with the event
    assert {'dtmf-event.method = "sip-info"', 'dtmf-event.method = "telephone-event"'} < fields


def test_calls_that_take_nothing_have_no_refusal() -> None:
    calls = names("REST calls")
    assert {"GET /v1/rooms/{room} refused", "POST /v1/rooms refused", "GET /v1/rooms"} < calls
    assert "GET /v1/rooms refused" not in calls


def test_all_steps_of_all_machines_are_points() -> None:
    of_tables = {f"{machine.title}: {step}" for machine in MACHINES for step in steps(machine)}
    assert names("arcs") == of_tables
    assert Point("arcs", "Dial-out: ringing -> answered: Answered") in catalogue()
