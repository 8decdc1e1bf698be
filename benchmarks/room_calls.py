"""How many phones can talk in rooms at the same time."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.figures import Row, Run
from benchmarks.tone import write_tone
from fake_daily_server.domain.room import Room
from fake_daily_server.handles.client import Client
from fake_daily_server.media.leg import LegCounts
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.useragent.handle import Call
from simulator.useragent.messages import Statistics

_WANTED = 60
_IN_A_ROOM = 4
_A_PHONE = 4
"""Calls of one phone, which is one process; each is in another room."""
_STEP = 8
_MOST = 160
_MOST_LOST = 0.0001
_SETTLING_S = 3.0
"""Between the set-up of calls and the counting: queues find their lengths."""


@dataclass(frozen=True, slots=True)
class _Talk:
    """Both ends of one call into a room."""

    near: Call
    far: PhoneCall


@dataclass(frozen=True, slots=True)
class _Count:
    """What has happened to all calls so far."""

    received: int
    lost: int
    late: int
    underruns: int
    overruns: int
    cpu_s: float

    def since(self, before: _Count) -> _Count:
        return _Count(*(getattr(self, name) - getattr(before, name) for name in _Count.__slots__))

    def holds(self) -> bool:
        return not self.underruns and self.lost <= _MOST_LOST * self.received


@dataclass(slots=True)
class _House:
    """Rooms of four calls each, and phones of four calls each, made as they are needed."""

    daily: FakeDaily
    tone: Path
    rooms: list[tuple[Room, Client]] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    talks: list[_Talk] = field(default_factory=list)

    async def grow_to(self, calls: int) -> None:
        while len(self.talks) < calls:
            block, place = divmod(len(self.talks), _IN_A_ROOM * _A_PHONE)
            room, seat = divmod(place, _IN_A_ROOM)
            await self._need(rooms=_A_PHONE * block + room + 1, phones=_IN_A_ROOM * block + seat + 1)
            await self._talk(*self.rooms[_A_PHONE * block + room], self.phones[_IN_A_ROOM * block + seat])

    async def count(self) -> _Count:
        ends: list[Statistics] = []
        for talk in self.talks:
            ends += [await talk.near.statistics(), await talk.far.statistics()]
        legs: Sequence[LegCounts] = [leg for room, _ in self.rooms for leg in room.media.statistics().values()]
        return _Count(
            received=sum(end.received_packets for end in ends),
            lost=sum(end.lost_packets for end in ends),
            late=sum(end.discarded_packets for end in ends),
            underruns=sum(leg.underruns for leg in legs) + self.daily.site.media_clock.counts.skipped,
            overruns=sum(leg.overruns for leg in legs),
            cpu_s=_cpu_s(),
        )

    async def _need(self, *, rooms: int, phones: int) -> None:
        while len(self.rooms) < rooms:
            made = await self.daily.create_room(enable_dialout=True)
            self.rooms.append((self.daily.rooms.get(made.name), await self.daily.join(made)))
        while len(self.phones) < phones:
            self.phones.append(await self.daily.network.phone(f"+12065551{len(self.phones):03}"))

    async def _talk(self, room: Room, client: Client, phone: Phone) -> None:
        known = set(self.daily.gateway.calls)
        await client.start_dialout({"phoneNumber": phone.number})
        far = await phone.wait_for_call()
        await far.wait_answered()
        near = next(call for call in self.daily.gateway.calls if call not in known)
        await far.play(self.tone, loop=True)
        self.talks.append(_Talk(near, far))


def measure(run: Run) -> list[Row]:
    """Phones in rooms of four, all saying a tone, PCMU: 60 calls for 60 s, then more and more until it is too many.

    Counted are RTP packets that either end of a call misses, frames of 20 ms that were not there when the mixer
    needed them (underruns), and ticks that the mixer had to leave out. The phones run on the same machine, one
    process for four calls, so half of the load is theirs. It holds with no underrun and at most 0.01% lost.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = 10 if run.quick else 60
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder, "tone.wav"), hertz=440)
        async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False, most_gateway_workers=_MOST // 4)) as daily:
            house = _House(daily, tone)
            wanted = await _hold(house, _WANTED, seconds, run)
            highest, last = (_WANTED, wanted) if wanted.holds() else (0, wanted)
            for calls in range(_WANTED + _STEP, _MOST + 1, _STEP):
                if highest == 0:
                    break
                last = await _hold(house, calls, seconds // 3, run)
                if not last.holds():
                    last = await _hold(house, calls, seconds // 3, run)  # something else may have been in the way
                if not last.holds():
                    break
                highest = calls
    return [
        Row(
            f"{_WANTED} calls in rooms of {_IN_A_ROOM} for {seconds} s",
            f"{wanted.underruns} underruns, {wanted.lost} of {wanted.received} packets lost",
            target="0 underruns, ≤ 0.01% lost",
            passed=wanted.holds(),
            median=float(wanted.underruns),
            samples=_WANTED,
            unit="underruns",
            notes=(_told(wanted, seconds, _WANTED),),
        ),
        Row(
            "most calls in rooms that hold that",
            f"{highest}{' or more' if highest + _STEP > _MOST else ''}",
            median=float(highest),
            samples=1,
            unit="calls",
            notes=(
                f"{_STEP} more each time, for {seconds // 3} s, twice if need be; with {len(house.talks)}: "
                f"{last.underruns} underruns, {last.lost} of {last.received} packets lost",
            ),
        ),
    ]


async def _hold(house: _House, calls: int, seconds: int, run: Run) -> _Count:
    await house.grow_to(calls)
    await asyncio.sleep(_SETTLING_S)
    before, began = await house.count(), time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        await asyncio.sleep(1)
        run.progress(min(seconds, int(passed + 1)), seconds)
    return (await house.count()).since(before)


def _told(count: _Count, seconds: int, calls: int) -> str:
    share = count.cpu_s / seconds
    return (
        f"{share:.0%} CPU, {share / calls:.2%} of a core for a call, both ends and mixing; "
        f"{count.late} packets too late for a jitter buffer, {count.overruns} frames dropped by a full queue"
    )


def _cpu_s() -> float:
    """CPU seconds of this process and all below it."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)
