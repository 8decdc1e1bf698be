"""What SIP video costs, and whether sound keeps time beside it."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.figures import Row, Run
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone_call import PhoneCall

_CALLS = 4
_MOST_MISSED = 0.001


def measure(run: Run) -> list[Row]:
    """Four SIP calls with VP8 video, 320 by 240 at 15 pictures a second each way, and sound, in one room.

    Both ends of all calls encode and decode in this one process, which also mixes the sound: twice the work of a
    server under test. It holds when the clock of the sound left out no tick, at most 0.1% of the frames of sound were
    missing, and at least 95% of the pictures came.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = 5.0 if run.quick else 20.0
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room(enable_dialout=True)
        media, clock = daily.rooms.get(room.name).media, daily.site.media_clock.counts
        client = await daily.join(room)
        calls: list[PhoneCall] = []
        for number in range(_CALLS):
            phone = await daily.network.phone(uri=f"sip:phone{number}@example.com", video=("VP8",))
            await client.start_dialout({"sipUri": phone.uri, "video": True})
            calls.append(await phone.wait_for_call())
        for call in calls:
            await call.expect_video(pictures=30, within=20)
        legs = media.statistics().values()
        before = _seen(calls), sum(leg.underruns for leg in legs), sum(leg.read for leg in legs), clock.skipped
        began, cpu = time.monotonic(), _cpu_s()
        await asyncio.sleep(seconds)
        passed, cpu = time.monotonic() - began, _cpu_s() - cpu
        legs = media.statistics().values()
        after = _seen(calls), sum(leg.underruns for leg in legs), sum(leg.read for leg in legs), clock.skipped
    pictures, missed, frames, skipped = (new - old for new, old in zip(after, before, strict=True))
    wanted = _CALLS * 15 * passed
    holds = skipped == 0 and missed <= _MOST_MISSED * frames and pictures >= 0.95 * wanted
    return [
        Row(
            f"{_CALLS} SIP calls with video, VP8, 320x240, 15 fps",
            f"{pictures / wanted:.0%} of the pictures, {missed} of {frames} frames of sound missing",
            target="≥ 95%, ≤ 0.1% missing",
            passed=holds,
            median=pictures / wanted,
            samples=_CALLS,
            unit="share of pictures",
            notes=(f"{cpu / passed:.0%} of a core for both ends of all calls, without the SIP workers",),
        )
    ]


def _seen(calls: list[PhoneCall]) -> int:
    return sum(call.video_seen.pictures for call in calls if call.video_seen)


def _cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system
