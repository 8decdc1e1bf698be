"""Digits that the relay hears before the worker's notice of the media was read."""

from __future__ import annotations

from simulator.useragent import messages as m
from simulator.useragent.heard_digits import Digit, HeardDigits

MEDIA = m.Media(
    at=0,
    call="i1",
    codec="PCMU",
    clock_rate=8000,
    payload_type=0,
    telephone_event=101,
    direction="sendrecv",
    local_rtp="127.0.0.1:4000",
    remote_rtp="127.0.0.1:4002",
)
ENDED = m.Ended(at=0, call="i1", status=200, reason="OK", by="remote")


def digit(text: str) -> m.DigitEnd:
    return m.DigitEnd(at=0, call="", digit=text, method="telephone-event", duration_ms=100)


def test_digits_follow_the_media_in_their_order_and_name_the_call() -> None:
    delivered: list[Digit] = []
    heard = HeardDigits("i1", delivered.append)
    heard.hear(digit("1"))
    heard.hear(digit("2"))
    assert delivered == []
    heard.follow(MEDIA)
    heard.hear(digit("3"))
    heard.follow(MEDIA)  # a re-INVITE
    assert [(each.call, each.digit) for each in delivered] == [("i1", "1"), ("i1", "2"), ("i1", "3")]


def test_nothing_is_delivered_after_the_end() -> None:
    delivered: list[Digit] = []
    heard = HeardDigits("i1", delivered.append)
    heard.hear(digit("1"))
    heard.follow(ENDED)
    heard.hear(digit("2"))
    assert delivered == []
