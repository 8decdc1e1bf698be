"""CPU time of the RTP relay."""

from __future__ import annotations

import asyncio
import time

from benchmarks.figures import Row, Run, format_number
from simulator.network import Network
from simulator.phone_call import PhoneCall

LIMIT_PERCENT = 0.8
"""Target in percent of a core, per call with PCMU: 100 packets a second received and sent, and some RTCP."""
_PAIRS, _CALLS_PER_PAIR = 5, 4
_SECONDS = 8.0


def measure(run: Run) -> list[Row]:
    """CPU time of the process with the relay, for 20 calls between phones with PCMU in both directions.

    The same calls without the relay are measured too and subtracted, so that the figure is the relay's alone: it
    receives packets, parses headers, counts and sends. The CPU time of the kernel for that is included.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = _SECONDS / 4 if run.quick else _SECONDS
    without, _ = await _share(seconds, rtp_relay=False)
    run.progress(1, 2)
    with_relay, packets = await _share(seconds, rtp_relay=True)
    run.progress(2, 2)
    calls = _PAIRS * _CALLS_PER_PAIR
    percent = (with_relay - without) * 100 / calls
    each = (with_relay - without) * seconds / packets * 1_000_000
    return [
        Row(
            "relay, per call",
            f"{format_number(percent)}% of a core",
            target=f"≤ {LIMIT_PERCENT}%",
            passed=percent <= LIMIT_PERCENT,
            median=percent,
            samples=packets,
            unit="%",
            notes=(f"{format_number(each)} µs for each of {packets} packets, in {calls} simultaneous calls",),
        )
    ]


async def _share(seconds: float, *, rtp_relay: bool) -> tuple[float, int]:
    """The share of a core that this process uses during the calls, and the number of relayed packets."""
    async with Network(rtp_relay=rtp_relay, warm_phones=2 * _PAIRS) as network:
        calls = [call for pair in range(_PAIRS) for call in await _talk(network, pair)]
        await asyncio.sleep(0.5)
        before, began = _relayed(calls), time.monotonic()
        cpu = time.process_time()
        await asyncio.sleep(seconds)
        cpu, took = time.process_time() - cpu, time.monotonic() - began
        return cpu / took, _relayed(calls) - before


async def _talk(network: Network, pair: int) -> list[PhoneCall]:
    caller = await network.phone(f"+1206555{2 * pair:04d}")
    callee = await network.phone(f"+1206555{2 * pair + 1:04d}", calls="answer")
    calls = [await caller.dial(callee.number or callee.uri) for _ in range(_CALLS_PER_PAIR)]
    for call in calls:
        await call.wait_answered()
    return calls


def _relayed(calls: list[PhoneCall]) -> int:
    return sum(tap.summary().packets for call in calls if call.tap for tap in call.tap.taps.values())
