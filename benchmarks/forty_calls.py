"""RTP losses of 40 simultaneous calls."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.exchange import exchange
from benchmarks.figures import Row, Run, format_number
from benchmarks.tone import write_tone
from simulator.phone_call import PhoneCall
from simulator.useragent.handle import Call
from simulator.useragent.messages import Statistics

_PHONES, _LINES = 10, 4
_PACKETS_A_SECOND = 50
_MIN_RECEIVED = 0.98
"""Minimum share of the expected packets in each stream; without it, a silent stream would lose no packet."""
_TRANSIT_TIME = 0.2
"""Seconds after which a packet that has not arrived is lost."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both sides of one call."""

    gateway: Call
    phone: PhoneCall

    @property
    def is_up(self) -> bool:
        return self.gateway.state == self.phone.state == "answered"

    async def statistics(self) -> tuple[Statistics, Statistics]:
        return await self.gateway.statistics(), await self.phone.statistics()


def measure(run: Run) -> list[Row]:
    """RTP losses of 10 phones with 4 calls each from 10 gateway workers; both sides of a call play a tone for 30 s.

    With PCMU these are 80 RTP streams of 50 packets a second between 20 processes. A packet is lost if its sequence
    number is missing at the receiver, if RTCP reports it, or if a receiver has fewer packets than its sender had
    sent 0.2 s earlier. All calls must be up at the end, and each stream must have received at least 98% of the packets
    expected, because a silent stream loses none.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = 6 if run.quick else 30
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder, "tone.wav"), hertz=440)
        async with exchange(workers=_PHONES) as made:
            pairs: list[_Pair] = []
            for one in range(_PHONES):
                phone = await made.network.phone(f"+120655501{one:02}")
                for _ in range(_LINES):
                    gateway_call = await made.gateway.dial(
                        str(phone.number),
                        codecs=("PCMU",),
                        headers={},
                        caller="sip:bench@127.0.0.1",
                        display_name=None,
                        on_notice=lambda call, notice: None,
                    )
                    phone_call = await phone.wait_for_call()
                    await phone_call.wait_answered()
                    pairs.append(_Pair(gateway_call, phone_call))
            for pair in pairs:
                await pair.gateway.play(tone, loop=True)
                await pair.phone.play(tone, loop=True)
            agents = {pair.gateway.user_agent.pid for pair in pairs}
            before = [await pair.statistics() for pair in pairs]
            cpu_before, began = _cpu_s(), time.monotonic()
            for second in range(seconds):
                await asyncio.sleep(1)
                run.progress(second + 1, seconds)
            lasted = time.monotonic() - began
            up = [nth for nth, pair in enumerate(pairs) if pair.is_up]
            sent = [await pairs[one].statistics() for one in up]
            load = (_cpu_s() - cpu_before) / lasted
            await asyncio.sleep(_TRANSIT_TIME)
            received = [await pairs[one].statistics() for one in up]
    note = f"{len(agents)} gateway workers and {_PHONES} phones; {load:.0%} CPU"
    return [_row(len(pairs), [before[one] for one in up], sent, received, lasted, seconds, note)]


def _row(
    calls: int,
    before: Sequence[tuple[Statistics, Statistics]],
    sent: Sequence[tuple[Statistics, Statistics]],
    received: Sequence[tuple[Statistics, Statistics]],
    lasted: float,
    seconds: int,
    note: str,
) -> Row:
    up = len(received)
    sides = [side for pair in received for side in pair]
    by_sequence = sum(side.lost_packets for side in sides)
    by_rtcp = sum(side.remote_lost_packets for side in sides)
    by_count = sum(
        max(0, gateway_sent.sent_packets - phone_received.received_packets)
        + max(0, phone_sent.sent_packets - gateway_received.received_packets)
        for (gateway_sent, phone_sent), (gateway_received, phone_received) in zip(sent, received, strict=True)
    )
    lost = max(by_sequence, by_rtcp, by_count)
    packets = sum(side.received_packets for side in sides)
    fewest = _fewest_received(before, sent)
    expected = lasted * _PACKETS_A_SECOND
    share = min(1.0, fewest / expected)
    return Row(
        f"{calls} calls with media for {seconds} s",
        f"{up} up, {lost} lost, {share:.0%} received",
        target=f"{calls} up, 0 lost",
        passed=up == calls and lost == 0 and share >= _MIN_RECEIVED,
        median=float(lost),
        samples=up,
        unit="packets",
        notes=(
            f"lost by sequence number {by_sequence}, by RTCP {by_rtcp}, by count {by_count}; "
            f"late for the jitter buffer {sum(side.discarded_packets for side in sides)}",
            f"{packets} packets arrived; the worst stream had {fewest} of {expected:.0f} expected "
            f"(the target is missed below {_MIN_RECEIVED:.0%})",
            f"jitter at most {format_number(max((side.jitter_ms for side in sides), default=0.0))} ms; {note}",
        ),
    )


def _fewest_received(
    before: Sequence[tuple[Statistics, Statistics]], after: Sequence[tuple[Statistics, Statistics]]
) -> int:
    """The fewest packets that any stream received between `before` and `after`."""
    received = (
        later.received_packets - earlier.received_packets
        for pair, first in zip(after, before, strict=True)
        for later, earlier in zip(pair, first, strict=True)
    )
    return min(received, default=0)


def _cpu_s() -> float:
    """CPU seconds of this process and its descendants."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)
