"""A room with a client and phones, each of which plays a tone of its own, and what each of them hears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.server import FakeDaily
from simulator.audio.samples import Pcm
from simulator.audio.tone_detector import level_at
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav, write_wav
from simulator.phone_call import PhoneCall

RATE = 16000
LOUD = -30
"""dBFS that a tone of -20 dBFS exceeds in most tenths of a second: a busy machine leaves gaps of some frames."""
QUIET = -45
"""dBFS below which a tone is absent, over the whole time."""


@dataclass(frozen=True, slots=True)
class RoomPhone:
    """A phone in the room: its call, its session id, and the frequency of its tone."""

    call: PhoneCall
    session_id: str
    hz: float


@dataclass(slots=True)
class PhoneRoom:
    """A room with a client that dials out to phones."""

    daily: FakeDaily
    client: Client
    room: RoomHandle
    folder: Path
    phones: list[RoomPhone] = field(default_factory=list)
    recordings: int = 0

    @property
    def media(self) -> RoomMedia:
        return self.daily.rooms.get(self.room.name).media

    def tones_in(self, pcm: bytes) -> dict[float, bool]:
        """Whether the tone of each phone is in what a client has received."""
        return tones_present(np.frombuffer(pcm, "<i2").astype(np.int16), [phone.hz for phone in self.phones])

    async def invite(self, hz: float, *, silent: bool = False, **settings: Any) -> RoomPhone:
        """Dial a new phone, which answers and plays its tone until the call ends."""
        phone = await self.daily.network.phone(f"+120655501{len(self.phones):02}", calls=["answer"])
        session_id = await self.client.start_dialout({"phoneNumber": phone.number, **settings})
        call = await phone.wait_for_call()
        await call.wait_answered()
        await self.client.wait_for("dialout-answered", where={"sessionId": session_id})
        if not silent:
            await call.play(write_wav(self.folder / f"{hz}.wav", tone(hz, 1, rate=RATE), RATE), loop=True)
        self.phones.append(RoomPhone(call, session_id, hz))
        return self.phones[-1]

    async def wait_for_legs(self, count: int, *, within: float = 3) -> None:
        """Wait until there are so many legs in the mix, and all have sent audio."""
        await self.until(
            lambda: [leg.read > 0 for leg in self.media.statistics().values()] == [True] * count, within=within
        )

    async def wait_for_phones(self, count: int) -> None:
        """Wait until so many phones have sent audio, whichever other legs there are."""

        def enough() -> bool:
            legs = self.media.statistics()
            return sum(legs[phone.session_id].read > 0 for phone in self.phones if phone.session_id in legs) == count

        await self.until(enough)

    async def until(self, condition: Callable[[], bool], *, within: float = 3) -> None:
        async with asyncio.timeout(within):
            while not await self.on_server_loop(_ask(condition)):  # noqa: ASYNC110  # the mixer does not notify anyone
                await asyncio.sleep(0.01)

    async def on_server_loop(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the loop of the server, to which its media belongs."""
        return await self.daily.owner_loop.run(coroutine)

    async def tones_heard_by_phones(self, seconds: float = 1.0) -> list[dict[float, bool]]:
        """Record the next second at each phone; return whether the tone of each phone is heard there."""
        self.recordings += 1
        paths = [self.folder / f"heard {self.recordings}, {phone.hz:g}.wav" for phone in self.phones]
        for phone, path in zip(self.phones, paths, strict=True):
            await phone.call.record(path)
        await asyncio.sleep(seconds + 0.3)
        for phone in self.phones:
            await phone.call.stop_recording()
        frequencies = [phone.hz for phone in self.phones]
        return [tones_present(_last_second(path), frequencies) for path in paths]


async def _ask(condition: Callable[[], bool]) -> bool:
    return condition()


def _last_second(path: Path) -> Pcm:
    sound, rate = read_wav(path)
    assert len(sound) >= rate, f"only {len(sound) / rate:.2f} s were recorded"
    return sound[-rate:]


def tones_present(sound: Pcm, frequencies: Sequence[float]) -> dict[float, bool]:
    """Whether each frequency is present; fails for one that is neither clearly present nor clearly absent."""
    whole = {hz: level_at(sound, hz) for hz in frequencies}
    parts = np.array_split(sound, len(sound) // (RATE // 10))
    usual = {hz: float(np.median([level_at(part, hz) for part in parts])) for hz in frequencies}
    unclear = {hz: (whole[hz], usual[hz]) for hz in frequencies if (usual[hz] >= LOUD) == (whole[hz] <= QUIET)}
    assert not unclear, f"neither present nor absent (level of the whole, median of tenths of seconds): {unclear}"
    return {hz: dbfs >= LOUD for hz, dbfs in usual.items()}


@pytest.fixture
def phone_room(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, tmp_path: Path) -> PhoneRoom:
    return PhoneRoom(fake_daily, daily_client, daily_room, tmp_path)
