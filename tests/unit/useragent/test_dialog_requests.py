"""The responses to requests within a dialog that PJSIP does not get right."""

from __future__ import annotations

import pytest

from simulator.sip_bytes import read
from simulator.useragent.worker.dialog_requests import CallState, Response, own_response


def response(
    method: str, *fields: str, state: CallState = CallState.UP, awaits_notify: bool = False
) -> Response | None:
    text = "\r\n".join([f"{method} sip:x@h SIP/2.0", *fields]) + "\r\n\r\n"
    return own_response(read(text.encode()), state, awaits_notify=awaits_notify)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "PRACK", "REFER", "BYE"])
def test_pjsip_handles_what_it_can(method: str) -> None:
    assert response(method) is None
    assert response(method, "Require: timer, 100REL") is None


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 200), ("SUBSCRIBE", 489), ("PUBLISH", 405), ("x", 405)])
def test_the_rest_is_answered(method: str, status: int) -> None:
    answer = response(method)
    assert answer is not None
    assert answer.status == status


@pytest.mark.parametrize(
    ("event", "awaits_notify", "status"),
    [("refer", True, None), ("REFER;id=3", True, None), ("refer", False, 481), ("dialog", True, 489), ("", True, 489)],
)
def test_a_notify_needs_a_subscription(event: str, *, awaits_notify: bool, status: int | None) -> None:
    answer = response("NOTIFY", f"Event: {event}", awaits_notify=awaits_notify)
    assert (answer.status if answer else None) == status


@pytest.mark.parametrize("method", ["INVITE", "INFO", "OPTIONS", "x"])
def test_an_unsupported_extension_is_named(method: str) -> None:
    answer = response(method, "Require: timer", "Require: foo, 100rel, bar")
    assert answer == Response(420, "Bad Extension", (("Unsupported", "foo, bar"),))


def test_a_bye_ends_the_call_whatever_it_requires() -> None:
    assert response("BYE", "Require: foo") is None


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "NOTIFY", "x"])
@pytest.mark.parametrize("state", [CallState.OVER, CallState.HUNG_UP_HERE])
def test_a_call_that_has_ended_is_unknown(method: str, state: CallState) -> None:
    answer = response(method, state=state)
    assert answer is not None
    assert answer.status == 481


def test_a_bye_may_cross_ours() -> None:
    assert response("BYE", state=CallState.HUNG_UP_HERE) is None
    assert response("BYE", state=CallState.OVER) == Response(481)
