"""WebRTC clients: how soon one hears, and how many a server can serve."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.figures import Row, Run, timed
from benchmarks.told import told_by
from fake_daily_server.domain.room import Room
from fake_daily_server.media.clock import ClockCounts
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from tests.integration.webrtc.peer import WebRtcPeer, on_loopback

_CLIENTS = 12
_FEW = 3
_MOST_MISSED = 0.001


def measure_join(run: Run) -> list[Row]:
    """From before the WebSocket is opened until the first decoded frame of somebody who talks, client in Python.

    The client is a process of its own with nothing but aiortc, which joins, hears and leaves again and again. The
    first time is apart: the server loads aiortc then.
    """
    with on_loopback():
        return asyncio.run(_measure_join(run))


async def _measure_join(run: Run) -> list[Row]:
    times = run.times(25)
    samples: list[float] = []
    async with FakeDaily(Settings(port=0, sip_port=0)) as daily:
        room = await daily.create_room()
        alone = {"url": room.url, "token": room.owner_token, "times": 1}
        async with WebRtcPeer(room.url, room.owner_token, hz=440):
            async for told in told_by("benchmarks.webrtc_peers", {"join": {**alone, "times": times + 1}}):
                samples.append(told["ms"])
                run.progress(len(samples), times + 1)
    first, *later = samples
    note = f"the first client of this process: {first:.0f} ms"
    return [timed("WebRTC: join to first sound", later, most_ms=400, notes=(note,))]


def measure_clients(run: Run) -> list[Row]:
    """Twelve WebRTC clients who all talk, each in a tone, in one room of one server; they run in another process.

    Real time holds when the clock left out no tick, and at most 0.1% of the frames were missing when the mixer
    needed them. All twelve get the mix. With a track for each voice the packets grow with the square of the clients,
    and the clients' own decoding needs more than this machine has, so that is shown for three.
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
        stay = {"count": clients, "receive": receive, "seconds": seconds}
        heard: list[float] = []
        job = {"stay": {"url": made.url, "token": made.owner_token, **stay}}
        async for told in told_by("benchmarks.webrtc_peers", job):
            if "all" in told:
                begun = _State(room, daily.site.media_clock.counts)
            else:
                heard, ended = told["heard"], _State(room, daily.site.media_clock.counts)
        missed = ended.underruns - begun.underruns
        frames = ended.read - begun.read
        skipped = ended.skipped - begun.skipped
        holds = skipped == 0 and missed <= _MOST_MISSED * frames
        cpu = (ended.cpu_s - begun.cpu_s) / (ended.at - begun.at)
    return Row(
        f"WebRTC: {clients} clients who all talk, {'the mix' if receive == 'mix' else 'a track for each voice'}",
        f"{missed} of {frames} frames missing, {skipped} ticks left out",
        target="0 ticks left out, ≤ 0.1% missing",
        passed=holds,
        median=float(missed),
        samples=clients,
        unit="frames",
        notes=(
            f"the server took {cpu:.0%} of a core, {cpu / clients:.1%} a client; "
            f"each client heard {min(heard):.1f} to {max(heard):.1f} s of sound in {seconds:g} s",
        ),
    )


class _State:
    """Of a room and its server at one moment."""

    def __init__(self, room: Room, clock: ClockCounts) -> None:
        legs = room.media.statistics().values()
        self.underruns = sum(leg.underruns for leg in legs)
        self.read = sum(leg.read for leg in legs)
        self.skipped = clock.skipped
        times = psutil.Process().cpu_times()
        self.cpu_s = times.user + times.system
        self.at = time.monotonic()
