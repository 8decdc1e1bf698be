"""WebRTC clients: time until the first sound, and how many a server can serve."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.figures import Row, Run, timed
from benchmarks.json_lines import run_job
from fake_daily_server.domain.room import Room
from fake_daily_server.media.clock import ClockCounts
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.integration.webrtc.peer import WebRtcPeer, on_loopback

_CLIENTS = 12
_FEW = 3
_MAX_MISSING = 0.001


def measure_join(run: Run) -> list[Row]:
    """Time from opening the WebSocket until the first decoded audio frame of another participant.

    The client is a process with aiortc only, which joins, receives audio and leaves repeatedly. The first join is
    reported separately, because the server then imports aiortc.
    """
    with on_loopback():
        return asyncio.run(_measure_join(run))


async def _measure_join(run: Run) -> list[Row]:
    joins = run.repetitions(25)
    samples: list[float] = []
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room()
        alone = {"url": room.url, "token": room.owner_token, "times": 1}
        async with WebRtcPeer(room.url, room.owner_token, hz=440):
            async for result in run_job("benchmarks.webrtc_peers", {"join": {**alone, "times": joins + 1}}):
                samples.append(result["ms"])
                run.progress(len(samples), joins + 1)
    first, *later = samples
    note = f"first client of the server: {first:.0f} ms"
    return [timed("WebRTC: join to first sound", later, limit_ms=400, notes=(note,))]


def measure_clients(run: Run) -> list[Row]:
    """Twelve WebRTC clients in one room that all send a tone; they run in another process than the server.

    The target is met if the clock skipped no tick and at most 0.1% of the frames were missing when the mixer needed
    them. All twelve receive the mix. With a track for each participant the number of packets grows with the square of
    the number of clients, and decoding them in the clients takes too much of the machine, so three clients do that.
    """
    return asyncio.run(_measure_clients(run))


async def _measure_clients(run: Run) -> list[Row]:
    seconds = 5.0 if run.quick else 20.0
    return [
        await _serve(_CLIENTS, "mix", seconds),
        await _serve(_FEW, "participants", seconds),
    ]


async def _serve(clients: int, receive: str, seconds: float) -> Row:
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        made = await daily.create_room()
        room = daily.rooms.get(made.name)
        clients_job = {"count": clients, "receive": receive, "seconds": seconds}
        heard: list[float] = []
        job = {"clients": {"url": made.url, "token": made.owner_token, **clients_job}}
        async for result in run_job("benchmarks.webrtc_peers", job):
            if "all" in result:
                begun = _State(room, daily.site.media_clock.counts)
            else:
                heard, ended = result["heard"], _State(room, daily.site.media_clock.counts)
        missed = ended.underruns - begun.underruns
        frames = ended.read - begun.read
        skipped = ended.skipped - begun.skipped
        met = skipped == 0 and missed <= _MAX_MISSING * frames
        cpu = (ended.cpu_s - begun.cpu_s) / (ended.at - begun.at)
    return Row(
        f"WebRTC: {clients} talking clients, {'the mix' if receive == 'mix' else 'a track for each participant'}",
        f"{missed} of {frames} frames missing, {skipped} ticks skipped",
        target="0 ticks skipped, ≤ 0.1% missing",
        passed=met,
        median=float(missed),
        samples=clients,
        unit="frames",
        notes=(
            f"the server took {cpu:.0%} of a core, {cpu / clients:.1%} per client; "
            f"each client received {min(heard):.1f} to {max(heard):.1f} s of audio in {seconds:g} s",
        ),
    )


class _State:
    """Counters of a room and its server at one time."""

    def __init__(self, room: Room, clock: ClockCounts) -> None:
        legs = room.media.statistics().values()
        self.underruns = sum(leg.underruns for leg in legs)
        self.read = sum(leg.read for leg in legs)
        self.skipped = clock.skipped
        times = psutil.Process().cpu_times()
        self.cpu_s = times.user + times.system
        self.at = time.monotonic()
