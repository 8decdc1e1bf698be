"""Calls that hear each other over a bridge, without a room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fake_daily_server.media.bridge import Bridge
from fake_daily_server.media.clock import MediaClock
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav, write_wav
from simulator.gateway import Gateway
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.useragent.handle import Call
from tests.integration.media.conftest import RATE, tones_present

TONES = [440.0, 700.0]


@dataclass
class TwoCalls:
    """Two answered calls of a gateway; the phone at the far end of each plays a tone."""

    near: list[Call]
    far: list[PhoneCall]
    folder: Path

    async def heard(self, name: str) -> list[dict[float, bool]]:
        """Record the next second at each phone; return whether each tone is heard there."""
        paths = [self.folder / f"{name} {number}.wav" for number in range(2)]
        for call, path in zip(self.far, paths, strict=True):
            await call.record(path)
        await asyncio.sleep(1.3)
        for call in self.far:
            await call.stop_recording()
        return [tones_present(read_wav(path)[0][-RATE:], TONES) for path in paths]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoCalls]:
    near: list[Call] = []
    far: list[PhoneCall] = []
    async with Network() as network, Gateway(network, on_incoming=lambda *_: None) as gateway:
        for number, hz in enumerate(TONES):
            phone = await network.phone(f"+1206555014{number}", calls=["answer"])
            near.append(
                await gateway.dial(
                    str(phone.number),
                    codecs=("PCMU",),
                    headers={},
                    caller="sip:bridge@127.0.0.1",
                    display_name=None,
                    on_notice=lambda *_: None,
                )
            )
            far.append(await phone.wait_for_call())
            await far[-1].wait_answered()
            await far[-1].play(write_wav(tmp_path / f"{hz}.wav", tone(hz, 1, rate=RATE), RATE), loop=True)
        yield TwoCalls(near, far, tmp_path)


async def test_bridged_calls_hear_each_other_until_one_is_disconnected(two: TwoCalls) -> None:
    clock = MediaClock()
    async with Bridge(clock) as bridge:
        await bridge.connect("caller", two.near[0])
        await bridge.connect("agent", two.near[1])
        assert await two.heard("bridged") == [{440: False, 700: True}, {440: True, 700: False}]
        counts = bridge.statistics()
        assert set(counts) == {"caller", "agent"}
        assert min(leg.read for leg in counts.values()) > 40
        bridge.disconnect("agent")
        assert await two.heard("alone") == [{440: False, 700: False}] * 2
    assert not clock.running
    assert [call.state for call in two.near] == ["answered", "answered"], "a bridge does not hang up calls"


async def test_music_is_played_to_a_waiting_call(two: TwoCalls) -> None:
    async with Bridge(MediaClock()) as bridge:
        music = bridge.play((8000 * tone(700, 1, 0)).astype(np.int16), to="caller", loop=True)
        await bridge.connect("caller", two.near[0])
        assert (await two.heard("waiting"))[0] == {440: False, 700: True}
        bridge.stop_playing("caller")
        await music.wait()
        assert (await two.heard("silent"))[0] == {440: False, 700: False}


async def test_a_call_that_hangs_up_is_removed(two: TwoCalls) -> None:
    lost: list[str] = []
    gone = asyncio.Event()

    def on_lost(name: str) -> None:
        lost.append(name)
        gone.set()

    async with Bridge(MediaClock(), on_lost=on_lost) as bridge:
        await bridge.connect("caller", two.near[0])
        await bridge.connect("agent", two.near[1])
        await two.far[0].hang_up()
        async with asyncio.timeout(3):
            await gone.wait()
        assert lost == ["caller"]
        assert set(bridge.statistics()) == {"agent"}


async def test_a_bridge_must_be_open(two: TwoCalls) -> None:
    bridge = Bridge(MediaClock())
    with pytest.raises(RuntimeError, match="not open"):
        await bridge.connect("caller", two.near[0])
    bridge.disconnect("caller")
    bridge.close()
