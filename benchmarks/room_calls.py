"""How many phones can talk in rooms at the same time without losses."""

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

_CALLS = 60
_CALLS_PER_ROOM = 4
_CALLS_PER_PHONE = 4
"""Calls of each phone, which is one process; each call is in a different room."""
_STEP = 8
_MAX_CALLS = 160
_MAX_LOST = 0.0001
_SETTLING_TIME = 3.0
"""Seconds between the set-up of calls and the counting, in which jitter buffers adapt."""


@dataclass(frozen=True, slots=True)
class _RoomCall:
    """Both sides of one call."""

    gateway: Call
    phone: PhoneCall


@dataclass(frozen=True, slots=True)
class _Totals:
    """Totals of all calls since they began."""

    received: int
    lost: int
    late: int
    underruns: int
    overruns: int
    cpu_s: float

    def since(self, before: _Totals) -> _Totals:
        return _Totals(*(getattr(self, name) - getattr(before, name) for name in _Totals.__slots__))

    def meets_target(self) -> bool:
        return not self.underruns and self.lost <= _MAX_LOST * self.received


@dataclass(slots=True)
class _Load:
    """Rooms and phones with four calls each, created on demand."""

    daily: FakeDaily
    tone: Path
    rooms: list[tuple[Room, Client]] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    calls: list[_RoomCall] = field(default_factory=list)

    async def grow_to(self, calls: int) -> None:
        while len(self.calls) < calls:
            block, place = divmod(len(self.calls), _CALLS_PER_ROOM * _CALLS_PER_PHONE)
            room, member = divmod(place, _CALLS_PER_ROOM)
            await self._create(rooms=_CALLS_PER_PHONE * block + room + 1, phones=_CALLS_PER_ROOM * block + member + 1)
            await self._dial(
                *self.rooms[_CALLS_PER_PHONE * block + room], self.phones[_CALLS_PER_ROOM * block + member]
            )

    async def totals(self) -> _Totals:
        sides: list[Statistics] = []
        for call in self.calls:
            sides += [await call.gateway.statistics(), await call.phone.statistics()]
        legs: Sequence[LegCounts] = [leg for room, _ in self.rooms for leg in room.media.statistics().values()]
        return _Totals(
            received=sum(side.received_packets for side in sides),
            lost=sum(side.lost_packets for side in sides),
            late=sum(side.discarded_packets for side in sides),
            underruns=sum(leg.underruns for leg in legs) + self.daily.site.media_clock.counts.skipped,
            overruns=sum(leg.overruns for leg in legs),
            cpu_s=_cpu_s(),
        )

    async def _create(self, *, rooms: int, phones: int) -> None:
        while len(self.rooms) < rooms:
            made = await self.daily.create_room(enable_dialout=True)
            self.rooms.append((self.daily.rooms.get(made.name), await self.daily.join(made)))
        while len(self.phones) < phones:
            self.phones.append(await self.daily.network.phone(f"+12065551{len(self.phones):03}"))

    async def _dial(self, room: Room, client: Client, phone: Phone) -> None:
        known = set(self.daily.gateway.calls)
        await client.start_dialout({"phoneNumber": phone.number})
        phone_call = await phone.wait_for_call()
        await phone_call.wait_answered()
        gateway_call = next(call for call in self.daily.gateway.calls if call not in known)
        await phone_call.play(self.tone, loop=True)
        self.calls.append(_RoomCall(gateway_call, phone_call))


def measure(run: Run) -> list[Row]:
    """Phones in rooms of four that all send a tone with PCMU: 60 calls for 60 s, then more until the target is missed.

    The totals are RTP packets that either side of a call lost, and 20 ms frames that were missing when the mixer needed
    them (underruns), including ticks that the mixer had to skip. The phones run on the same machine, one process for
    four calls, so half of the load is theirs. The target is no underrun and at most 0.01% of the packets lost.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    seconds = 10 if run.quick else 60
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder, "tone.wav"), hertz=440)
        async with FakeDaily(
            Settings(port=0, sip_port=0, rtp_relay=False, most_gateway_workers=_MAX_CALLS // 4)
        ) as daily:
            load = _Load(daily, tone)
            first = await _measure_load(load, _CALLS, seconds, run)
            highest, last = (_CALLS, first) if first.meets_target() else (0, first)
            for calls in range(_CALLS + _STEP, _MAX_CALLS + 1, _STEP):
                if highest == 0:
                    break
                last = await _measure_load(load, calls, seconds // 3, run)
                if not last.meets_target():  # another program may have disturbed the first attempt
                    last = await _measure_load(load, calls, seconds // 3, run)
                if not last.meets_target():
                    break
                highest = calls
    return [_row_of_fixed_load(first, seconds), _row_of_highest_load(highest, last, len(load.calls), seconds // 3)]


def _row_of_fixed_load(totals: _Totals, seconds: int) -> Row:
    return Row(
        f"{_CALLS} calls in rooms of {_CALLS_PER_ROOM} for {seconds} s",
        f"{totals.underruns} underruns, {totals.lost} of {totals.received} packets lost",
        target="0 underruns, ≤ 0.01% lost",
        passed=totals.meets_target(),
        median=float(totals.underruns),
        samples=_CALLS,
        unit="underruns",
        notes=(_note(totals, seconds, _CALLS),),
    )


def _row_of_highest_load(highest: int, last: _Totals, last_calls: int, seconds: int) -> Row:
    return Row(
        "most calls in rooms that meet that target",
        f"{highest}{' or more' if highest + _STEP > _MAX_CALLS else ''}",
        median=float(highest),
        samples=1,
        unit="calls",
        notes=(
            f"{_STEP} more each time, for {seconds} s, repeated once after a miss; with {last_calls}: "
            f"{last.underruns} underruns, {last.lost} of {last.received} packets lost",
        ),
    )


async def _measure_load(load: _Load, calls: int, seconds: int, run: Run) -> _Totals:
    await load.grow_to(calls)
    await asyncio.sleep(_SETTLING_TIME)
    before, began = await load.totals(), time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        await asyncio.sleep(1)
        run.progress(min(seconds, int(passed + 1)), seconds)
    return (await load.totals()).since(before)


def _note(totals: _Totals, seconds: int, calls: int) -> str:
    share = totals.cpu_s / seconds
    return (
        f"{share:.0%} CPU, {share / calls:.2%} of a core per call, for both sides and mixing; "
        f"{totals.late} packets too late for a jitter buffer, {totals.overruns} frames dropped by a full queue"
    )


def _cpu_s() -> float:
    """CPU seconds of this process and its descendants."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)
