from __future__ import annotations

from tests.unit.scenarios.scenario_texts import step_problems, steps


def test_later_steps_can_use_a_saved_variable() -> None:
    steps("""\
        - client: startDialOut
          with: {phoneNumber: $desk.number}
          save: {first: sessionId}
        - expect:
            - dialout-connected
            - {event: participant-joined, where: {participant.session_id: $first}, save: {who: participant.user_name}}
        - client: stopDialOut
          with: {sessionId: $first}
        - expect: participant-left
          where: {participant: {user_name: $who}}
    """)


def test_a_step_cannot_use_a_variable_that_it_saves_itself() -> None:
    (found,) = step_problems("""\
        - expect: dialout-connected
          where: {sessionId: $session}
          save: {session: sessionId}
    """)
    assert (
        "$session is not saved by an earlier step; known: $desk, $client, $bob, $customer, $daily, $python and $room"
        in found.text
    )


def test_a_reference_within_a_text_is_checked() -> None:
    (found,) = step_problems('- {phone: desk, dial: "sip:${nobody}@127.0.0.1"}')
    assert found.field == "steps[1].dial"


def test_a_phones_name_cannot_be_a_variable() -> None:
    (found,) = step_problems("""\
        - client: startDialOut
          with: {phoneNumber: "+12065550142"}
          save: {desk: sessionId}
    """)
    assert found.text == "$desk is already the name of something else; choose another name"


def test_variables_of_phones_clients_and_the_room_are_known() -> None:
    steps("""\
        - {phone: desk, dial: $room.sip_uri}
        - {phone: desk, dial: $room.sip_uris.2}
        - expect: dialin-connected
          where: {sipCallId: $desk.call_id, sessionId: $bob.session_id}
    """)
