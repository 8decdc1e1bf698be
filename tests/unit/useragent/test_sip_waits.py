"""What a call waits for, as failed expectations tell it."""

from __future__ import annotations

import pytest

from simulator.sip_timers import FAST_TIMERS
from simulator.useragent import messages as m
from simulator.useragent.sip_waits import SipWaits

ABOUT = {"at": 0.0, "call": "o1"}


def waits(*notices: m.AnyCallNotice) -> list[str]:
    found = SipWaits(FAST_TIMERS)
    for notice in notices:
        found.follow(notice)
    return found.texts


DIALLING = m.Dialling(**ABOUT, sip_call_id="c", local_uri="sip:a@h", remote_uri="sip:b@h")
TRYING = m.Trying(**ABOUT, headers=())
ENDED = m.Ended(**ABOUT, status=200, reason="OK", by="local")


def test_an_invite_waits_for_any_response() -> None:
    (text,) = waits(DIALLING)
    assert text.startswith("a response to our INVITE has been awaited for 0.0 s")
    assert text.endswith("for at most 4 s (timer B; sip_timers is 'fast')")
    assert waits(DIALLING, TRYING) == waits(DIALLING, ENDED) == []


def test_a_refer_waits_as_long_as_its_subscription_lasts() -> None:
    accepted = m.TransferProgress(**ABOUT, status=202, reason="Accepted", final=False)
    trying = m.TransferProgress(**ABOUT, status=100, reason="Trying", final=False, expires_s=60)
    done = m.TransferProgress(**ABOUT, status=200, reason="OK", final=True)
    assert "at most 4 s (timer N" in waits(accepted)[0]
    assert "at most 60 s (timer N" in waits(accepted, trying)[0]
    assert waits(accepted, trying, done) == []


def test_commands_wait_for_the_peer() -> None:
    found = SipWaits(FAST_TIMERS)
    with found.during(m.Hold):
        assert "the response to our re-INVITE" in found.texts[0]
    with found.during(m.Play):
        assert found.texts == []
    with found.during(m.Transfer):
        pass
    assert "the response to our REFER" in found.texts[0]


def test_an_ack_that_is_told_before_its_answer_is_done_is_not_awaited() -> None:
    found = SipWaits(FAST_TIMERS)
    with found.during(m.Answer):
        assert "the ACK of our 200" in found.texts[0]
        found.follow(m.Answered(**ABOUT))
    assert found.texts == []


def test_the_ack_of_an_answer_is_awaited_until_it_comes() -> None:
    found = SipWaits(FAST_TIMERS)
    with found.during(m.Answer):
        pass
    assert "the ACK of our 200" in found.texts[0]
    found.follow(m.Answered(**ABOUT))
    assert found.texts == []


def test_nothing_is_awaited_after_a_command_that_was_refused() -> None:
    found = SipWaits(FAST_TIMERS)
    with pytest.raises(RuntimeError), found.during(m.Answer):
        raise RuntimeError
    assert found.texts == []
