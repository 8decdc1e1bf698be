from __future__ import annotations

import pytest

from scenarios.steps.client import RefusedRequest, SendDtmf, StartDialOut
from scenarios.steps.expect import Expect, ExpectDigits
from scenarios.steps.phone import ExpectCallState, Hears, Press
from tests.unit.scenarios.scenario_texts import problems, scenario, step_problems, steps


def test_a_whole_scenario() -> None:
    read = scenario("""
        title: A busy line is tried again and answered
        room: {enable_dialout: true}
        phones:
          desk: {number: "+12065550142", calls: [busy, {ring_ms: 200, then: answer}]}
        steps:
          - client: startDialOut
            with: {phoneNumber: "+12065550142", waitBeforeExtensionDialSec: 1, extension: 012}
            save: {first: sessionId}
          - expect: dialout-error
            where: {sessionId: $first, errorMsg: /busy/i}
            within_ms: 2000
          - phone: desk
            press: 12#
            method: sip-info
          - expect: {dtmf: "12#", method: sip-info}
    """)
    dial, error, press, digits = read.steps
    assert isinstance(dial, StartDialOut)
    assert dial.with_.as_json() == {
        "phoneNumber": "+12065550142",
        "waitBeforeExtensionDialSec": 1,
        "extension": "012",
    }
    assert isinstance(error, Expect)
    assert error.within_ms == 2000
    assert isinstance(press, Press)
    assert press.press == "12#"
    assert isinstance(digits, ExpectDigits)
    assert read.phones["desk"].name == "desk"
    assert [plan.then for plan in read.phones["desk"].calls] == ["busy", "answer"]
    assert read.room is not None
    assert read.room.properties() == {"enable_dialout": True}


def test_short_forms_of_rooms_phones_and_calls() -> None:
    read = scenario("""
        title: t
        room: null
        phones: {a: , b: {calls: busy}}
        steps: [{pause_ms: 5}]
    """)
    assert read.room is None
    assert read.phones["a"].number is None
    assert read.phones["b"].calls[0].then == "busy"


def test_scenarios_are_immutable() -> None:
    read = steps("- pause_ms: 1")
    with pytest.raises(ValueError, match="frozen"):
        setattr(read, "title", "other")  # noqa: B010 - mypy knows that it cannot be set


def test_a_request_that_must_be_refused_may_have_any_options() -> None:
    (step,) = steps("""\
        - client: startDialOut
          with: {phonNumber: x, waitBeforeExtensionDialSec: 61, video: maybe}
          fails: {status: 400}
    """).steps
    assert isinstance(step, RefusedRequest)


def test_options_of_send_dtmf_have_dailys_types() -> None:
    (step,) = steps("""\
        - client: sendDTMF
          with: {tones: 0012, digitDurationMs: 100}
    """).steps
    assert isinstance(step, SendDtmf)
    assert step.with_.as_json() == {"tones": "0012", "digitDurationMs": 100}


def test_the_word_of_a_phone_step_decides_its_kind() -> None:
    hears, state = steps("""\
        - {phone: desk, hears: "12", duration_ms: 200±40}
        - {phone: desk, expect: ended, status: "486"}
    """).steps
    assert isinstance(hears, Hears)
    assert isinstance(state, ExpectCallState)


TYPOS = [
    # a step, the location of its mistake, and a part of the message
    ("- client: startDialOt", "7:13", "steps[1].client: 'startDialOt' is not allowed; did you mean 'startDialOut'?"),
    (
        "- client: startDialOut\n  with: {phonNumber: x}",
        "8:12",
        "steps[1].with.phonNumber: is not known here; did you mean 'phoneNumber'?",
    ),
    (
        "- client: startDialOut\n  with: {phoneNumber: $x, waitBeforeExtensionDialSec: soon}",
        "8:57",
        "steps[1].with.waitBeforeExtensionDialSec: 'soon' is not a number",
    ),
    ("- client: startDialOut", "7:5", "steps[1].with: is missing"),
    (
        "- client: sendDTMF\n  with: {tones: 12x}",
        "8:19",
        "steps[1].with.tones: '12x' cannot be sent; allowed: 1 to 20 of 0-9 A-D * #",
    ),
    (
        "- client: sendDTMF\n  with: {tones: $keys, digitDurationMs: 3}",
        "8:43",
        "steps[1].with.digitDurationMs: 3 is not usable; allowed: greater than or equal to 50",
    ),
    ("- expekt: dialout-error", "7:5", "did you mean 'expect'?"),
    ("- expect: dialout-eror", "7:13", "'dialout-eror' is not an event; did you mean 'dialout-error'?"),
    (
        "- expect: dialout-error\n  where: {sesionId: x}",
        "8:13",
        "steps[1].where.sesionId: dialout-error has no field 'sesionId'; did you mean 'sessionId'?",
    ),
    ("- expect: dialout-error\n  where: {errorMsg: /bus(y/}", "8:23", "a regular expression (missing )"),
    ("- expect: dialout-error\n  save: {a: errorMessage}", "8:12", "did you mean 'errorMsg'?"),
    ("- expect: dialout-error\n  witin_ms: 5", "8:5", "did you mean 'within_ms'?"),
    ("- expect: dialout-error\n  within_ms: fast", "8:16", "'fast' is not a whole number"),
    ("- expect: dialout-error\n  within_ms: 600001", "8:16", "it must be at most 600000"),
    ("- expect: dialout-error\n  for_ms: 5", "7:5", "`for_ms` goes with `absent: true`"),
    ("- expect: dialout-error\n  absent: true\n  within_ms: 5", "7:5", "`within_ms` does not go with `absent: true`"),
    ("- expect: [dialout-connected, {event: dialout-answered, whre: {}}]", "7:59", "did you mean 'where'?"),
    ("- expect: []", "7:13", "must have at least 1 item"),
    ("- expect: {dtmf: 12x}", "7:20", "'12x' is not usable; allowed: a text from 0-9 A-D * #; 'x' is not one of them"),
    ("- expect: {dtmf: 12, method: sip-inf}", "7:32", "did you mean 'sip-info'?"),
    ("- phone: desk\n  pres: 12", "8:5", "a phone step has one of the words dial, press, press_like, do, offer, hears"),
    ("- phone: desk\n  press: 12\n  metod: auto", "9:5", "did you mean 'method'? Known: optional, phone, call, press"),
    ("- phone: desk\n  do: hangupp", "8:9", "did you mean 'hangup'?"),
    ("- phone: desk\n  do: answer\n  status: 486", "7:5", "go with `do: reject`, not with `do: answer`"),
    ("- phone: desk\n  expect: answered\n  by: remote", "7:5", "`by` goes with `expect: ended`"),
    ("- phone: desk\n  expect_persona: {step: recrd_s}", "8:28", "not a step of personas; did you mean 'record_s'?"),
    ("- phone: desk\n  expect_persona: {brench: sales}", "8:22", "did you mean 'branch'?"),
    ("- phone: desk\n  expect_persona: {}", "8:21", "one of the fields branch, menu, step, text or digits"),
    ("- phone: dsk\n  do: answer", "7:12", "there is no phone 'dsk'; did you mean 'desk'?"),
    ("- phone: desk\n  press_like: badly", "8:17", "press_like: 'badly' is not usable; allowed: textbook, no-marker"),
    ("- {carrier: impair, of: dsk, faults: {loss: 0.1}}", "7:27", "there is no phone 'dsk'"),
    ("- {carrier: impair, of: desk, faults: {loss: 2}}", "7:48", "it must be at most 1"),
    ("- {carrier: impair, of: desk, faults: {lost: 1}}", "7:42", "did you mean 'loss'?"),
    (
        "- carrier: explode",
        "7:14",
        "'explode' is not allowed; allowed: refuse, restore, fail_dialouts, kill_worker, impair, recover, sip_fault",
    ),
    ("- {carrier: kill_worker, of: dsk}", "7:32", "there is no phone 'dsk'"),
    ("- {client: leave, by: bop}", "7:25", "there is no client 'bop'; did you mean 'bob'?"),
    ("- pause_ms: -1", "7:15", "it must be at least 0"),
    ("- just words", "7:5", "'just words' has none"),
    ("- {phone: desk, dial: $room.sip_ur}", "7:25", "did you mean '$room.sip_uri'?"),
    (
        "- {phone: desk, dial: $room.sip_uris}",
        "7:25",
        "$room.url, $room.token, $room.sip_uri, $room.sip_uris.1, $room.dialin_code and $room.dialin_number",
    ),
    ("- {phone: desk, dial: $room.sip_uris.x}", "7:25", "$room.sip_uris.x is not known"),
    ("- {phone: desk, dial: $dsk.number}", "7:25", "$dsk is not saved by an earlier step; did you mean '$desk'?"),
]


@pytest.mark.parametrize(("step", "location", "message"), TYPOS, ids=[message[-30:] for _, _, message in TYPOS])
def test_a_mistake_in_a_step_is_reported_with_its_location_and_what_is_allowed(
    step: str, location: str, message: str
) -> None:
    found = step_problems(step)
    assert [f"{each.location.line}:{each.location.column}" for each in found if each.location] == [location]
    assert message in str(found[0])
    assert str(found[0]).startswith(f"here.yaml:{location}: steps[1]")


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("titel: x", 1, "titel: is not known here; did you mean 'title'?"),
        ("room: {enable_dailout: true}", 8, "did you mean 'enable_dialout'?"),
        ("room: {enable_dialout: maybe}", 24, "room.enable_dialout: 'maybe' is not true or false"),
        ("room: {sip: {num_endpoints: two}}", 29, "room.sip.num_endpoints: 'two' is not a whole number"),
        ("room: {privacy: secret}", 17, "'secret' is not allowed; allowed: public and private"),
        ("client: {ownr: true}", 10, "did you mean 'owner'?"),
        ("phones: {desk: {number: 5550142}}", 25, "'5550142' is not usable; allowed: an E.164 number"),
        ("phones: {desk: {calls: bussy}}", 24, "did you mean 'busy'?"),
        ("phones: {desk: {calls: [busy, {rings: 3}]}}", 32, "phones.desk.calls[2].rings: is not known here"),
        ("phones: {desk: {calls: {then: drop}}}", 24, "`then: drop` requires `after_ms`"),
        ("phones: {desk: {codecs: [PCMX]}}", 26, "did you mean 'PCMU'?"),
        ("phones: {room: {}}", 10, "'room' is a reserved name"),
        ("phones: {1a: {}}", 10, "'1a' is not allowed; it must be of the form"),
        ("phones: 5", 9, "'5' is not a mapping"),
        ("numbers: ['12']", 11, "'12' is not usable; allowed: an E.164 number"),
        ("settings: {ring_timout: 1}", 12, "did you mean 'ring_timeout'?"),
        ("settings: {ring_timeout: 0}", 26, "it must be more than 0"),
    ],
)
def test_a_mistake_above_the_steps_is_reported_with_its_location_and_what_is_allowed(
    line: str, column: int, message: str
) -> None:
    found = problems(f"title: A test\nsteps: [{{pause_ms: 1}}]\n{line}\n")
    assert len(found) == 1, found
    assert f"here.yaml:3:{column}: " in str(found[0])
    assert message in str(found[0])


def test_all_mistakes_are_reported_in_the_order_of_the_file() -> None:
    found = problems("titel: x\nroom: {sip: 5}\nsteps:\n  - pause_ms: x\n  - expect: nothing\n")
    assert [str(each.location and each.location.line) for each in found] == ["1", "1", "2", "4", "5"]


def test_a_client_and_a_phone_cannot_have_the_same_name() -> None:
    (found,) = problems("title: t\nclients: {a: {}}\nphones: {a: {}}\nsteps: [{pause_ms: 1}]\n")
    assert "'a' is both a client and a phone" in str(found)


def test_without_a_room_there_is_no_client() -> None:
    found = problems("title: t\nroom: null\nsteps: [{expect: dialin-ready}, {client: leave}]\n")
    assert [each.text for each in found] == ["there is no client in a scenario with `room: null`"] * 2
