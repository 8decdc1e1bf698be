"""CPU time of SIP video, and audio losses during it."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.figures import Row, Run
from fake_daily_server.media.clock import ClockCounts
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone_call import PhoneCall

_CALLS = 4
_MAX_MISSING = 0.001


def measure(run: Run) -> list[Row]:
    """CPU time of four SIP calls in one room with audio and VP8 video.

    The video is 1280 by 720 at 15 pictures a second in each direction. This one process encodes and decodes for both
    sides of all calls and mixes the audio: twice the work of a server under test. The target is met if the audio clock
    skipped no tick, at most 0.1% of the audio frames were missing and at least 95% of the pictures were received.
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
        before = _counters(calls, media, clock)
        began, cpu = time.monotonic(), _cpu_s()
        await asyncio.sleep(seconds)
        passed, cpu = time.monotonic() - began, _cpu_s() - cpu
        after = _counters(calls, media, clock)
    pictures, missed, frames, skipped = (new - old for new, old in zip(after, before, strict=True))
    expected = _CALLS * 15 * passed
    met = skipped == 0 and missed <= _MAX_MISSING * frames and pictures >= 0.95 * expected
    return [
        Row(
            f"{_CALLS} SIP calls with video, VP8, 1280x720, 15 fps",
            f"{pictures / expected:.0%} of the pictures, {missed} of {frames} audio frames missing",
            target="≥ 95%, ≤ 0.1% missing",
            passed=met,
            median=pictures / expected,
            samples=_CALLS,
            unit="share of pictures",
            notes=(f"{cpu / passed:.0%} of a core for both sides of all calls, without the SIP workers",),
        )
    ]


def _counters(calls: list[PhoneCall], media: RoomMedia, clock: ClockCounts) -> tuple[int, int, int, int]:
    """Pictures received, audio frames missing, audio frames read, and ticks skipped."""
    legs = media.statistics().values()
    underruns, read = sum(leg.underruns for leg in legs), sum(leg.read for leg in legs)
    return _received_pictures(calls), underruns, read, clock.skipped


def _received_pictures(calls: list[PhoneCall]) -> int:
    return sum(call.video_seen.pictures for call in calls if call.video_seen)


def _cpu_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system
