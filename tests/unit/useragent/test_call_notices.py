"""The order in which a call's notices are sent."""

from __future__ import annotations

from simulator.useragent.messages import AnyCallNotice, Ringing
from simulator.useragent.worker.call_notices import CallNotices


def ringing(status: int) -> Ringing:
    return Ringing(at=0.0, call="o1", status=status, reason="")


def test_deferred_notices_are_sent_in_order_at_the_end() -> None:
    sent: list[AnyCallNotice] = []
    notices = CallNotices("o1", sent.append)
    notices.emit(ringing(180))
    with notices.deferred():
        notices.emit(ringing(181))
        notices.emit(ringing(182))
        assert sent == [ringing(180)]
    notices.emit(ringing(183))
    assert sent == [ringing(180), ringing(181), ringing(182), ringing(183)]


def test_closed_notices_send_what_was_deferred_and_nothing_later() -> None:
    sent: list[AnyCallNotice] = []
    notices = CallNotices("o1", sent.append)
    with notices.deferred():
        notices.emit(ringing(180))
        notices.close()
        notices.emit(ringing(181))
    notices.emit(ringing(182))
    assert sent == [ringing(180)]


def test_discarded_notices_are_not_sent() -> None:
    sent: list[AnyCallNotice] = []
    notices = CallNotices("o1", sent.append)
    with notices.deferred():
        notices.emit(ringing(180))
        notices.discard()
    assert not sent
