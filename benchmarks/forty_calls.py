"""Whether 40 simultaneous calls keep their media whole."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.exchange import exchange
from benchmarks.figures import Row, Run, number
from benchmarks.tone import write_tone
from simulator.phone_call import PhoneCall
from simulator.useragent.handle import Call
from simulator.useragent.messages import Statistics

_PHONES, _LINES = 10, 4
_PACKETS_A_SECOND = 50
_FULL = 0.98
"""Share of the packets due that each stream must have had: silence loses nothing."""
_ALONG_THE_WAY_S = 0.2
"""After this long every packet that was sent before has arrived, or never will."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both ends of one call."""

    near: Call
    far: PhoneCall

    @property
    def is_up(self) -> bool:
        return self.near.state == self.far.state == "answered"

    async def statistics(self) -> tuple[Statistics, Statistics]:
        return await self.near.statistics(), await self.far.statistics()


def measure(run: Run) -> list[Row]:
    """10 phones take 4 calls each from 10 gateway workers; each end plays a tone for 30 s; then they are compared.

    PCMU, so 50 packets a second each way; 80 RTP streams between 20 processes. A packet is lost when a receiver
    misses its sequence number, or reports it by RTCP, or when it has fewer packets than its sender had sent 0.2 s
    earlier. All calls must still be up at the end, and each stream must have had at least 98% of the packets that the
    time allows: silence would lose nothing.
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
                    near = await made.gateway.dial(
                        str(phone.number),
                        codecs=("PCMU",),
                        headers={},
                        caller="sip:bench@127.0.0.1",
                        display_name=None,
                        on_notice=lambda call, notice: None,
                    )
                    far = await phone.wait_for_call()
                    await far.wait_answered()
                    pairs.append(_Pair(near, far))
            for pair in pairs:
                await pair.near.play(tone, loop=True)
                await pair.far.play(tone, loop=True)
            agents = {pair.near.user_agent.pid for pair in pairs}
            before = [await pair.statistics() for pair in pairs]
            busy, began = _cpu_s(), time.monotonic()
            for second in range(seconds):
                await asyncio.sleep(1)
                run.progress(second + 1, seconds)
            lasted = time.monotonic() - began
            up = [nth for nth, pair in enumerate(pairs) if pair.is_up]
            sent = [await pairs[one].statistics() for one in up]
            load = (_cpu_s() - busy) / lasted
            await asyncio.sleep(_ALONG_THE_WAY_S)
            got = [await pairs[one].statistics() for one in up]
    note = f"{len(agents)} gateway workers and {_PHONES} phones; {load:.0%} CPU"
    return [_row(len(pairs), [before[one] for one in up], sent, got, lasted, seconds, note)]


def _row(
    wanted: int,
    before: Sequence[tuple[Statistics, Statistics]],
    sent: Sequence[tuple[Statistics, Statistics]],
    got: Sequence[tuple[Statistics, Statistics]],
    lasted: float,
    seconds: int,
    note: str,
) -> Row:
    up = len(got)
    ends = [end for pair in got for end in pair]
    by_sequence = sum(end.lost_packets for end in ends)
    by_rtcp = sum(end.remote_lost_packets for end in ends)
    by_count = sum(
        max(0, near_sent.sent_packets - far_got.received_packets)
        + max(0, far_sent.sent_packets - near_got.received_packets)
        for (near_sent, far_sent), (near_got, far_got) in zip(sent, got, strict=True)
    )
    lost = max(by_sequence, by_rtcp, by_count)
    received = sum(end.received_packets for end in ends)
    fewest = min(
        (
            later.received_packets - earlier.received_packets
            for pair, first in zip(sent, before, strict=True)
            for later, earlier in zip(pair, first, strict=True)
        ),
        default=0,
    )
    due = lasted * _PACKETS_A_SECOND
    full = min(1.0, fewest / due)
    return Row(
        f"{wanted} calls with media for {seconds} s",
        f"{up} up, {lost} lost, {full:.0%} full",
        target=f"{wanted} up, 0 lost",
        passed=up == wanted and lost == 0 and full >= _FULL,
        median=float(lost),
        samples=up,
        unit="packets",
        notes=(
            f"lost by sequence number {by_sequence}, by RTCP {by_rtcp}, by count {by_count}; "
            f"late for the jitter buffer {sum(end.discarded_packets for end in ends)}",
            f"{received} packets arrived; the poorest stream had {fewest} of {due:.0f} that were due "
            f"(below {_FULL:.0%} is missed)",
            f"jitter at most {number(max((end.jitter_ms for end in ends), default=0.0))} ms; {note}",
        ),
    )


def _cpu_s() -> float:
    """CPU seconds of this process and all below it."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)
