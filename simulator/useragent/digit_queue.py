"""The digits that are to be sent on one call: sequences one after the other, each digit when it is due."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.dtmf import PAUSE, PAUSE_MS, InfoDigit, InfoType
from simulator.errors import CallEnded, CallError, CallRefused, SimulatorError
from simulator.useragent import messages as m

_END_PACKETS = 0.060
"""Seconds that the three end packets of a telephone-event take, one every 20 ms."""
_EARLY = 0.010
"""Seconds that a telephone-event is handed over before it is due: it begins with the next packet of the audio."""
_LATEST_START = 0.020
"""Seconds that a digit may start too late without moving those after it."""


class DigitCall(Protocol):
    """What `DigitQueue` uses of a `Call`."""

    async def send_telephone_event(self, digit: str, duration_ms: int, on_sent: Callable[[], None]) -> float:
        """Send one digit as telephone-event, call `on_sent`, and return the moment at which it began."""

    async def send_info(self, content_type: str, body: str, on_accepted: Callable[[], None]) -> None:
        """Send a SIP INFO, and call `on_accepted` when the peer has accepted it."""


@dataclass(slots=True, eq=False)
class DigitSequence:
    """Digits 0-9 A-D * #, and `,` for a pause of 1 s, which are sent in the same way."""

    digits: str
    method: m.DigitMethod
    duration_ms: int
    gap_ms: int
    info_type: InfoType
    finished: asyncio.Future[None]
    """Done when the last digit and the gap after it are over; CallError when they cannot be sent."""
    sent: int = 0
    """How many of the characters were sent or waited for."""

    def count_sent(self) -> None:
        """Count one more character as sent."""
        self.sent += 1

    @property
    def remaining(self) -> str:
        """The digits and pauses that are not sent."""
        return self.digits[self.sent :]


class DigitQueue:
    """Sends the sequences of one call in a task of its own. `emit` gets `DigitsSent` or `DigitsFailed` for each."""

    def __init__(self, call: DigitCall, key: str, emit: Callable[[m.DigitsSent | m.DigitsFailed], None]) -> None:
        self._call = call
        self._key = key
        self._emit = emit
        self._queue: deque[DigitSequence] = deque()
        self._task: asyncio.Task[None] | None = None
        self._due = 0.0
        """`time.monotonic()` at which the next digit begins."""

    def enqueue(self, sequence: DigitSequence) -> None:
        """Send a sequence once those before it are finished."""
        sequence.finished.add_done_callback(_mark_retrieved)
        self._queue.append(sequence)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"digits of {self._key}")

    def stop(self, ended: CallEnded) -> None:
        """Stop sending, because the call has ended, and report every sequence of which digits are missing as failed."""
        if self._task is not None:
            self._task.cancel()
        while self._queue:
            sequence = self._queue.popleft()
            if sequence.remaining:
                self._fail(sequence, ended)
            else:
                self._finish(sequence)

    async def _run(self) -> None:
        self._due = time.monotonic()
        while self._queue:
            sequence = self._queue[0]
            try:
                await self._send(sequence)
            except SimulatorError as failure:
                self._queue.popleft()
                self._fail(sequence, failure)
                continue
            self._queue.popleft()
            self._finish(sequence)

    async def _send(self, sequence: DigitSequence) -> None:
        for character in sequence.digits:
            if character == PAUSE:
                self._due += PAUSE_MS / 1000
                sequence.count_sent()
            elif sequence.method == "sip-info":
                await self._send_info(sequence, character)
            else:
                await self._send_telephone_event(sequence, character)
        await self._wait_until(self._due)

    async def _send_telephone_event(self, sequence: DigitSequence, digit: str) -> None:
        await self._wait_until(self._due - _EARLY)
        began = await self._call.send_telephone_event(digit, sequence.duration_ms, sequence.count_sent)
        length = sequence.duration_ms + sequence.gap_ms
        self._due = began + max(length / 1000, sequence.duration_ms / 1000 + _END_PACKETS)

    async def _send_info(self, sequence: DigitSequence, digit: str) -> None:
        await self._wait_until(self._due)
        began = max(self._due, time.monotonic() - _LATEST_START)
        try:
            body = InfoDigit(digit, sequence.duration_ms).body(sequence.info_type)
            await self._call.send_info(sequence.info_type, body, sequence.count_sent)
        except CallRefused as refusal:
            answer = f"{refusal.status} {refusal.reason}"
            raise CallError(f"the INFO with the digit {digit} was answered {answer}") from refusal
        self._due = max(began + (sequence.duration_ms + sequence.gap_ms) / 1000, time.monotonic())

    @staticmethod
    async def _wait_until(due: float) -> None:
        if (left := due - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _finish(self, sequence: DigitSequence) -> None:
        self._emit(m.DigitsSent(at=time.monotonic(), call=self._key, digits=sequence.digits, method=sequence.method))
        if not sequence.finished.done():
            sequence.finished.set_result(None)

    def _fail(self, sequence: DigitSequence, failure: SimulatorError) -> None:
        self._emit(
            m.DigitsFailed(
                at=time.monotonic(),
                call=self._key,
                digits=sequence.remaining,
                method=sequence.method,
                error=str(failure),
            )
        )
        if not sequence.finished.done():
            sequence.finished.set_exception(
                failure if isinstance(failure, CallEnded) else CallError(f"send_digits: {failure}")
            )


def _mark_retrieved(finished: asyncio.Future[None]) -> None:
    """Keep asyncio from logging the error of a sequence that nobody waits for; the notice reports it."""
    if not finished.cancelled():
        finished.exception()
