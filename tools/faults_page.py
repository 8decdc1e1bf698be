"""`python -m tools.faults_page` writes docs/reference/faults.md: all faults, from the models, with their proofs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.dtmf_senders import BAD_SENDERS
from simulator.relay import FaultFields
from simulator.sip_faults import SipFault

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "faults.md"

HEAD = """\
# Faults

What can be broken on purpose, by joint, each with the story or the test that shows it. Written from the models by
`make generate`; do not edit.

Faults on SIP messages are set with `carrier: sip_fault` in a [story](../scenarios.md), in Python with
`network.set_fault("sip-drop", "BYE")`, over HTTP with `POST /_sim/faults`. They hold for later calls, until
they are removed or the server is reset; the timeline says which message a fault took. Those of RTP are set with
`carrier: impair`, `phone.impair(Faults(…))` and `POST /_sim/phones/{id}/impair`, and have a seed.

Faults on webhook events are set with `carrier: webhook_fault` and `POST /_sim/webhooks/faults`; they have `fault`, the
`type` of the events, `nth`, `times`, `share`, `seed`, and some of them `delay_ms`. Faults on requests of the REST API
are set with `carrier: rest_fault` and `POST /_sim/rest/faults`: `fault`, `method`, `path` (its beginning, in which `*`
stands for one part and `$` for the end), `nth`, `times`, `share`, `seed`, and `status` or `delay_ms`.

Faults on the events that clients receive are set with `carrier: event_fault` and `POST /_sim/clients/faults`: `fault`,
`event` (all when left out), `client` (a user name), `nth` and `times` for each client, `share` of these at random with
`seed`, and `delay_ms`. Where the timeline has a record, it names the event, its number and the client.

Faults on the digits that clients send are set with `carrier: digit_fault` and `POST /_sim/digits/faults`: `fault`, and
`nth`, `times`, `share`, `seed`, which count digits over all calls.
"""
_SIP = {
    "sip-drop": ("A message is lost: a BYE, an ACK, a response.", "scenarios/files/faults/lost_bye.yaml"),
    "sip-delay": ("A message comes late by `delay_ms`.", "scenarios/files/faults/late_and_doubled.yaml"),
    "sip-duplicate": ("A message comes twice.", "scenarios/files/faults/late_and_doubled.yaml"),
    "sip-without-codec": (
        "The session description lists a `codec` no more.",
        "tests/integration/faults/test_sip_faults.py",
    ),
    "sip-garble": ("The body is no session description.", "tests/integration/faults/test_sip_faults.py"),
    "sip-respond": (
        "The network answers a request with `status` and `reason`.",
        "scenarios/files/faults/second_invite_refused.yaml",
    ),
}
_WEBHOOK_STORY = "scenarios/files/faults/webhooks_lost_doubled_swapped.yaml"
_LATE_STORY = "scenarios/files/faults/webhooks_late_and_again.yaml"
_WEBHOOKS = {
    "webhook-drop": ("An event is never sent.", _WEBHOOK_STORY),
    "webhook-delay": ("An event is sent late by `delay_ms`.", _LATE_STORY),
    "webhook-request-lost": (
        "The first request of an event does not arrive; a second attempt follows by `retryType`, or after `delay_ms`.",
        _LATE_STORY,
    ),
    "webhook-answer-lost": (
        "The answer to the first request is lost; the event comes again by `retryType`, or after `delay_ms`.",
        _LATE_STORY,
    ),
    "webhook-twice": ("An event is sent twice.", _WEBHOOK_STORY),
    "webhook-out-of-order": ("An event is sent after the next one.", _WEBHOOK_STORY),
    "webhook-bad-signature": (
        "An event is signed with another key.",
        "tests/integration/faults/test_webhook_faults.py",
    ),
}
_REST = {
    "rest-status": ("A request is answered with an error, such as 429.", "scenarios/files/faults/rest_fails_once.yaml"),
    "rest-garbage": (
        "A request is answered with HTML in place of JSON.",
        "tests/integration/faults/test_rest_faults.py",
    ),
    "rest-reset": (
        "The connection is reset (TCP RST), and the request has no effect.",
        "tests/integration/faults/test_rest_faults.py",
    ),
    "rest-delay": ("A request is carried out late.", "tests/integration/faults/test_rest_faults.py"),
}
_EVENT_STORY = "scenarios/files/faults/events_lost_doubled_swapped.yaml"
_EVENTS = {
    "event-drop": ("A client never receives an event.", _EVENT_STORY),
    "event-delay": ("An event comes late by `delay_ms`.", "tests/integration/faults/test_event_faults.py"),
    "event-duplicate": ("An event comes twice.", _EVENT_STORY),
    "event-out-of-order": ("An event comes after the next one.", _EVENT_STORY),
    "event-without-field": ("An event lacks a `field`.", "tests/integration/faults/test_event_faults.py"),
    "event-other-value": (
        "A `field` of an event has another `value`.",
        "tests/integration/faults/test_event_faults.py",
    ),
}
_DIGIT_STORY = "scenarios/files/faults/sent_digits.yaml"
_DIGITS = {
    "sent-digit-lost": ("A digit that a client sends never reaches the far end.", _DIGIT_STORY),
    "sent-digit-doubled": ("It reaches the far end twice.", _DIGIT_STORY),
    "sent-digit-other-method": ("It comes as SIP INFO in place of telephone-event, or the other way.", _DIGIT_STORY),
}
_RELAY_TESTS = "tests/integration/relay/test_impairment.py"
OTHERS = (
    ("SIP", "`carrier: refuse`", "All calls to a number are refused.", "scenarios/files/dial_out/carrier_outage.yaml"),
    ("SIP", "`calls: {status: …}`", "A phone refuses.", "scenarios/files/dial_out/declined.yaml"),
    ("SIP", "an ACK that never comes", "`sip-drop`, `times: all`.", "scenarios/files/faults/no_ack.yaml"),
    ("gateway", "`carrier: kill_worker`", "A SIP process dies.", "scenarios/files/dial_out/worker_killed.yaml"),
    (
        "gateway",
        "setting `most_gateway_workers`",
        "Daily's side is full.",
        "tests/integration/telephony/test_dialout_refusals.py",
    ),
    ("clock", "`advance_clock_s`", "Time passes.", "scenarios/files/webhooks/delivery_retried.yaml"),
    (
        "dial-out",
        "`carrier: fail_dialouts`",
        "A dial-out fails before its session.",
        "scenarios/files/dial_out/fails_before_a_session.yaml",
    ),
    ("REST", "setting `rate_limits`", "429 beyond Daily's limits.", "tests/server/rest/test_rate_limits.py"),
    ("REST", "setting `number_vendor`", "500 when numbers are bought.", "tests/server/rest/test_numbers_api.py"),
    ("webhooks", "`customer: answers`, `status`", "An error.", "scenarios/files/webhooks/delivery_retried.yaml"),
    (
        "webhooks",
        "`customer: answers`, `delay_ms`",
        "A slow answer.",
        "scenarios/files/webhooks/retry_after_a_slow_answer.yaml",
    ),
    (
        "signalling",
        "`cut_network`, `POST /_sim/clients/{id}/network`",
        "The socket is cut, and stays down for a while.",
        "tests/integration/control/test_network.py",
    ),
)
"""Faults without a model of their own: joint, name, what happens, proof."""


def rows() -> Iterator[tuple[str, str, str, str]]:
    """All faults: joint, name, what happens, and the file that shows it."""
    for name, (what, proof) in _SIP.items():
        yield "SIP", f"`{name}`", what, proof
    for name, (what, proof) in _REST.items():
        yield "REST", f"`{name}`", what, proof
    for name, (what, proof) in _WEBHOOKS.items():
        yield "webhooks", f"`{name}`", what, proof
    for name, (what, proof) in _EVENTS.items():
        yield "signalling", f"`{name}`", what, proof
    for name, (what, proof) in _DIGITS.items():
        yield "DTMF", f"`{name}`", what, proof
    yield from OTHERS
    for name, field in FaultFields.model_fields.items():
        yield "RTP", f"`{name}`", str(field.description), _RELAY_TESTS
    for name, sender in BAD_SENDERS.items():
        yield "DTMF", f"`press_like: {name}`", sender.about, "tests/integration/dtmf_senders/test_bad_senders.py"


def page() -> str:
    """The text of the page."""
    lines = [HEAD, "| joint | fault | what happens | shown by |", "|---|---|---|---|"]
    lines += [
        f"| {joint} | {name} | {' '.join(what.split())} | [{Path(proof).stem}](../../{proof}) |"
        for joint, name, what, proof in rows()
    ]
    lines += ["", "## Fields of a fault on SIP messages", "", "| field | default | meaning |", "|---|---|---|"]
    for name, field in SipFault.model_fields.items():
        default = "required" if field.is_required() else f"`{field.default}`"
        lines.append(f"| `{name}` | {default} | {_MEANINGS[name]} |")
    return "\n".join(lines) + "\n"


_MEANINGS = {
    "fault": "What becomes of the message.",
    "message": "A request, such as `BYE`, or a response, such as `200 INVITE`: status and method.",
    "nth": "Number of the first message of this kind that is taken, counted from when the fault was set.",
    "times": "How many are taken from that one on, retransmissions included; or `all`.",
    "share": "The share of these that is taken at random, by `seed`.",
    "seed": "The seed of all random decisions.",
    "delay_ms": "With `sip-delay`: how late the message comes, in ms.",
    "status": "With `sip-respond`: the status of the response, 300 to 699.",
    "reason": "With `sip-respond`: its reason phrase.",
    "codec": "With `sip-without-codec`: the codec that the session description lists no more, such as `PCMU`.",
}

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
