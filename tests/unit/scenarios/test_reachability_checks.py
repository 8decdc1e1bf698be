"""Calls that must fail although no step expects it are found by `check`."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.scenario_texts import problems, scenario, step_problems, steps

NO_DIALOUT = """
title: t
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
"""


def test_a_room_without_dial_out_is_reported_unless_the_refusal_is_expected() -> None:
    (found,) = problems(NO_DIALOUT)
    assert str(found) == (
        "here.yaml:5:5: steps[1]: the room may not dial out; give `room` the property `enable_dialout: true`, "
        "or expect the refusal with `fails`"
    )
    scenario(NO_DIALOUT + "    fails: {status: 400}\n")
    change = "  - {rest: POST /rooms/$room.name, with: {properties: {enable_dialout: true}}}\n"
    scenario(NO_DIALOUT.replace("steps:\n", "steps:\n" + change))


def test_the_room_of_the_client_that_dials_counts() -> None:
    (found,) = problems("""
        title: t
        room: {enable_dialout: true}
        rooms: {upstairs: {}}
        clients: {bob: {room: upstairs}}
        phones: {desk: {number: "+12065550142"}}
        steps:
          - {client: startDialOut, by: bob, with: {phoneNumber: $desk.number}}
    """)
    assert "the room of bob may not dial out; give `upstairs` the property" in found.text


def test_a_caller_id_that_the_domain_does_not_have_is_reported_with_the_way_out() -> None:
    dial = '- {client: startDialOut, with: {phoneNumber: "+12065550142", callerId: "+14155550177"}'
    (found,) = step_problems(dial + "}")
    assert found.text == (
        "the domain has no number '+14155550177', only +14155550100, +14155550101; add it to `numbers`, "
        "or expect the refusal with `fails`"
    )
    assert step_problems(dial + ", fails: {status: 400}}") == []
    assert step_problems(dial.replace("0177", "0101") + "}") == []


@pytest.mark.parametrize(
    "step",
    [
        '{client: startDialOut, with: {phoneNumber: "+12065550143"}}',
        '{phone: desk, dial: "+12065550143"}',
        '{client: sipCallTransfer, with: {sessionId: x, toEndPoint: "+12065550143"}}',
    ],
)
def test_a_number_that_no_phone_has_is_reported_with_the_nearest(step: str) -> None:
    (found,) = step_problems(f"- {step}")
    assert found.text == (
        "no phone has the number '+12065550143'. The nearest is '+12065550142'. "
        "Give it to one, or let a later step expect the failure"
    )


@pytest.mark.parametrize(
    "later", ["{expect: dialout-error}", "{phone: desk, expect: ended, status: 404}", "{carrier: fail_dialouts}"]
)
def test_a_number_that_no_phone_has_may_be_dialled_when_a_later_step_expects_the_failure(later: str) -> None:
    steps(f"""\
        - {{client: startDialOut, with: {{phoneNumber: "+12065550143"}}}}
        - {later}
    """)


def test_numbers_of_the_domain_may_be_dialled() -> None:
    steps("""\
        - {phone: desk, dial: "+14155550100"}
        - {phone: desk, dial: "+12095038039"}
    """)


@pytest.mark.parametrize(
    ("room", "dialled", "text"),
    [
        ("{}", "$room.sip_uri", "`room` has 0 SIP endpoints; give it the property `sip: {num_endpoints: 1}`"),
        ("{sip: {num_endpoints: 2}}", "$room.sip_uris.3", "`room` has 2 SIP endpoints; give it the property"),
        ("{sip: {}}", "sip:${room.dialin_code}@127.0.0.1", "`room` has no code; give it the property `dialin: {}`"),
    ],
)
def test_an_address_that_the_room_does_not_have_is_reported(room: str, dialled: str, text: str) -> None:
    (found,) = problems(f"""
        title: t
        room: {room}
        phones: {{desk: {{}}}}
        steps:
          - {{phone: desk, dial: "{dialled}"}}
    """)
    assert text in found.text
    assert found.field == "steps[1].dial"


@pytest.mark.parametrize(
    ("room", "dialled"),
    [
        ("{sip: {num_endpoints: 3}}", "$room.sip_uris.3"),
        ("{enable_dialin: true}", "$room.sip_uri"),
        ("{dialin: {}}", "$room.dialin_code"),
    ],
)
def test_an_address_that_the_room_has_is_fine(room: str, dialled: str) -> None:
    scenario(f"""
        title: t
        room: {room}
        phones: {{desk: {{}}}}
        steps:
          - {{phone: desk, dial: "{dialled}"}}
    """)


def test_limits_of_room_properties_are_known() -> None:
    (found,) = problems("title: t\nroom: {sip: {num_endpoints: 10}}\nsteps: [{pause_ms: 1}]\n")
    assert str(found) == ("here.yaml:2:29: room.sip.num_endpoints: 10 is not usable; allowed: less than or equal to 5")
