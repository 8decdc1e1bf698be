"""The queue of digits of one call: order, spacing, and what is reported when digits cannot be sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from simulator.dtmf import InfoType
from simulator.errors import CallEnded, CallError, CallRefused
from simulator.useragent.digit_queue import DigitQueue, DigitSequence
from simulator.useragent.messages import DigitMethod, DigitsFailed, DigitsSent


class RecordingCall:
    """Sends nothing: it remembers each digit with the moment, and fails at those in `refuses`."""

    def __init__(self, refuses: str = "") -> None:
        self.sent: list[tuple[float, str]] = []
        self.refuses = refuses
        self.never_answers = False
        self.accepted_at_the_end = False
        """Whether an INFO is accepted, and the call ends before the queue goes on."""

    @property
    def digits(self) -> str:
        return "".join(digit for _, digit in self.sent)

    async def send_telephone_event(self, digit: str, duration_ms: int, on_sent: Callable[[], None]) -> float:
        began = time.monotonic()
        await asyncio.sleep((duration_ms + 40) / 1000)
        if digit in self.refuses:
            raise CallError("no audio")
        self.sent.append((began, digit))
        on_sent()
        return began

    async def send_info(self, content_type: str, body: str, on_accepted: Callable[[], None]) -> None:
        digit = body.removeprefix("Signal=")[0]
        if self.accepted_at_the_end:
            on_accepted()
        if self.never_answers:
            await asyncio.sleep(60)
        if digit in self.refuses:
            raise CallRefused(
                "send_info: the INFO was answered 415 Unsupported Media Type", 415, "Unsupported Media Type"
            )
        self.sent.append((time.monotonic(), digit))
        on_accepted()


class Sending:
    """A queue on a recording call, and what it has reported."""

    def __init__(self, refuses: str = "") -> None:
        self.call = RecordingCall(refuses)
        self.notices: list[DigitsSent | DigitsFailed] = []
        self.queue = DigitQueue(self.call, "o1", self.notices.append)

    def enqueue(self, digits: str, method: DigitMethod = "sip-info", duration_ms: int = 20) -> asyncio.Future[None]:
        finished = asyncio.get_running_loop().create_future()
        info_type: InfoType = "application/dtmf-relay"
        self.queue.enqueue(DigitSequence(digits, method, duration_ms, 0, info_type, finished))
        return finished


async def test_sequences_are_sent_in_order_by_either_method() -> None:
    sending = Sending()
    sending.enqueue("12")
    sending.enqueue("3", "telephone-event")
    await sending.enqueue("4")
    assert sending.call.digits == "1234"
    assert [(type(notice), notice.digits) for notice in sending.notices] == [
        (DigitsSent, "12"),
        (DigitsSent, "3"),
        (DigitsSent, "4"),
    ]


async def test_telephone_events_begin_a_duration_and_a_gap_apart() -> None:
    sending = Sending()
    finished = asyncio.get_running_loop().create_future()
    sending.queue.enqueue(DigitSequence("12", "telephone-event", 40, 80, "application/dtmf-relay", finished))
    await finished
    (first, _), (second, _) = sending.call.sent
    assert second - first >= 0.105  # 10 ms before it is due, to get the packet that begins then


async def test_a_failure_names_the_digits_that_were_not_sent() -> None:
    sending = Sending(refuses="3")
    with pytest.raises(CallError, match="415 Unsupported"):
        await sending.enqueue("12345")
    await sending.enqueue("6")
    failed, sent = sending.notices
    assert isinstance(failed, DigitsFailed)
    assert (failed.digits, failed.method) == ("345", "sip-info")
    assert failed.error == "the INFO with the digit 3 was answered 415 Unsupported Media Type"
    assert isinstance(sent, DigitsSent)
    assert sending.call.digits == "126"


async def test_the_end_of_the_call_fails_every_unfinished_sequence() -> None:
    sending = Sending()
    sending.call.never_answers = True
    first, second = sending.enqueue("12"), sending.enqueue("3")
    await asyncio.sleep(0)
    sending.queue.stop(CallEnded("send_digits", 200, "OK"))
    for finished in (first, second):
        with pytest.raises(CallEnded):
            await finished
    assert [(type(notice), notice.digits) for notice in sending.notices] == [(DigitsFailed, "12"), (DigitsFailed, "3")]
    sending.queue.stop(CallEnded("send_digits", 200, "OK"))
    assert len(sending.notices) == 2


async def test_a_digit_that_was_accepted_just_before_the_end_counts_as_sent() -> None:
    sending = Sending()
    sending.call.never_answers = sending.call.accepted_at_the_end = True
    first, second = sending.enqueue("1"), sending.enqueue("2")
    await asyncio.sleep(0)
    sending.queue.stop(CallEnded("send_digits", 200, "OK"))
    await first
    with pytest.raises(CallEnded):
        await second
    assert [(type(notice), notice.digits) for notice in sending.notices] == [(DigitsSent, "1"), (DigitsFailed, "2")]


async def test_nobody_has_to_wait_for_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    sending = Sending(refuses="1")
    sending.enqueue("1", "telephone-event")
    await sending.enqueue("2")
    assert [type(notice) for notice in sending.notices] == [DigitsFailed, DigitsSent]
    assert caplog.records == []


async def test_a_wait_that_is_cancelled_does_not_stop_the_digits() -> None:
    sending = Sending()
    waiting = asyncio.ensure_future(sending.enqueue("1"))
    waiting.cancel()
    await sending.enqueue("2")
    assert sending.call.digits == "12"
