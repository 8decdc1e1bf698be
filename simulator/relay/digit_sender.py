"""Sends the telephone-events of one party of a call: its audio packets are replaced on their way through the relay.

PJSIP could send them, too, but advances its timestamps by 200 ms for each digit however long it is, and has no segments
for durations of more than 16 bits.
"""

from __future__ import annotations

import asyncio
import time

from simulator.errors import CallError
from simulator.relay.digit_train import DigitTrain
from simulator.relay.rtp import RtpPacket, serial_distance
from simulator.useragent.outgoing_digit import OutgoingDigit

STALLED_AFTER = 1.0
"""Seconds without an audio packet of the party after which a digit cannot be sent."""
_CLOSED = "the media of the call have ended"
_STALLED = f"no audio was sent for {STALLED_AFTER:g} s; the packets of a digit take the place of audio packets"
_USUAL_STEP_MS = 20
_LONGEST_STEP_MS = 200


class DigitSender:
    """Sends the digits of a party one at a time. Used on the relay's loop."""

    def __init__(self) -> None:
        self._train: DigitTrain | None = None
        self._clock_rate = 8000
        self._done: asyncio.Future[str] | None = None
        """Gets why the digit could not be sent; empty when it was."""
        self._began_at = 0.0
        self._previous: RtpPacket | None = None
        """The latest audio packet."""
        self._seen = 0
        """Number of audio packets so far."""
        self._closed = False

    async def send(self, digit: OutgoingDigit) -> float:
        """Send a digit; returns the moment of its first packet (`time.monotonic()`) when its end was sent.

        The end is repeated twice after that, unless the next digit begins.
        Raises CallError when the party sends no audio for a second, and when the path is closed.
        """
        if self._closed:
            raise CallError(_CLOSED)
        self._clock_rate = digit.clock_rate
        self._train = DigitTrain(digit.digit, digit.duration_ms * digit.clock_rate // 1000, digit.payload_type)
        self._done = asyncio.get_running_loop().create_future()
        try:
            await self._until_sent(self._done)
        except BaseException:
            self._train = None
            raise
        finally:
            self._done = None
        return self._began_at

    def rewrite(self, data: bytes) -> bytes:
        """A packet of the party: as it is, or replaced by one of the digit that is being sent."""
        packet = RtpPacket.parse(data)
        if packet is None:
            return data
        step = self._step_to(packet)
        self._previous = packet
        self._seen += 1
        train = self._train
        if train is None:
            return data
        if not train.begun:
            self._began_at = time.monotonic()
        replaced = train.instead_of(packet, step)
        if train.ended and self._done is not None and not self._done.done():
            self._done.set_result("")
        if train.finished:
            self._train = None
        return bytes(replaced)

    def close(self) -> None:
        """Fail the digit that is being sent, and all later ones."""
        self._closed = True
        if self._done is not None and not self._done.done():
            self._done.set_result(_CLOSED)

    async def _until_sent(self, done: asyncio.Future[str]) -> None:
        while not done.done():
            seen = self._seen
            finished, _ = await asyncio.wait((done,), timeout=STALLED_AFTER)
            if not finished and self._seen == seen:
                raise CallError(_STALLED)
        if done.result():
            raise CallError(done.result())

    def _step_to(self, packet: RtpPacket) -> int:
        """Timestamp units from the packet before to this one, which are how long each is."""
        usual = _USUAL_STEP_MS * self._clock_rate // 1000
        if self._previous is None or self._previous.ssrc != packet.ssrc:
            return usual
        step = serial_distance(self._previous.timestamp, packet.timestamp, bits=32)
        return step if 0 < step <= _LONGEST_STEP_MS * self._clock_rate // 1000 else usual
