"""Sound through real RTP: files, the PCM channel, counters."""

from __future__ import annotations

import asyncio
import socket
import wave
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from simulator.errors import CallError, ConfigurationError
from simulator.useragent import Media
from tests.integration.useragent.conftest import Connect, Talk
from tests.integration.useragent.heard import Party

Samples = npt.NDArray[np.int16]


def tone(frequency: float, seconds: float, rate: int) -> Samples:
    moments = np.arange(int(seconds * rate)) / rate
    return (9000 * np.sin(2 * np.pi * frequency * moments)).astype(np.int16)


def loudest(samples: Samples, rate: int) -> float:
    """Frequency in Hz of the strongest part of the spectrum."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[int(spectrum.argmax())])


def write_wav(path: Path, samples: Samples, rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def read_wav(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


class Pcm:
    """Feeds a tone into a PCM channel and keeps what comes out."""

    def __init__(self, sock: socket.socket, rate: int) -> None:
        self.sock = sock
        self.rate = rate
        self.frames: list[bytes] = []

    async def run(self, frequency: float, frames: int) -> None:
        loop = asyncio.get_running_loop()
        size = self.rate // 50
        samples = tone(frequency, frames / 50 + 1, self.rate)
        for index in range(frames):
            data = await loop.sock_recv(self.sock, 4096)  # one arrives every 20 ms, which sets the pace
            self.frames.append(data)
            await loop.sock_sendall(self.sock, samples[index * size : (index + 1) * size].tobytes())

    def heard(self) -> Samples:
        return np.frombuffer(b"".join(self.frames[-25:]), np.int16)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "GSM", "OPUS"])
async def test_played_and_recorded(connect: Connect, tmp_path: Path, codec: str) -> None:
    talk = await connect(codecs=(codec,))
    source = write_wav(tmp_path / "tone.wav", tone(1000, 1.0, 8000), 8000)
    await talk.callee.record(tmp_path / "heard.wav")
    await talk.caller.play(source)
    await heard_for(talk, 60)
    await talk.callee.stop_recording()
    samples, rate = read_wav(tmp_path / "heard.wav")
    assert rate == 16000
    assert abs(loudest(samples[len(samples) // 2 :][:8000], rate) - 1000) < 15


async def heard_for(talk: Talk, packets: int) -> None:
    """Until the callee has received so many more RTP packets of 20 ms."""
    goal = (await talk.callee.statistics()).received_packets + packets
    async with asyncio.timeout(packets * 0.02 + 3):
        while (await talk.callee.statistics()).received_packets < goal:  # noqa: ASYNC110  # counters tell nobody
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("codec", "rate"), [("PCMU", 8000), ("PCMU", 16000), ("G722", 16000), ("PCMU", 48000), ("OPUS", 16000)]
)
async def test_pcm_channel_both_ways(connect: Connect, codec: str, rate: Literal[8000, 16000, 48000]) -> None:
    talk = await connect(codecs=(codec,))
    with await talk.caller.open_pcm(rate) as one, await talk.callee.open_pcm(rate) as two:
        caller, callee = Pcm(one, rate), Pcm(two, rate)
        await asyncio.gather(caller.run(700, 50), callee.run(1100, 50))
    assert {len(frame) for frame in caller.frames + callee.frames} == {rate // 50 * 2}
    assert abs(loudest(caller.heard(), rate) - 1100) < 15
    assert abs(loudest(callee.heard(), rate) - 700) < 15


async def test_pcm_opened_before_the_call_is_answered(alice: Party, bob: Party) -> None:
    call, heard = await alice.dial(bob)
    other, _, _ = await bob.next_call()
    with await call.open_pcm(16000) as one, await other.open_pcm(16000) as two:
        await other.answer()
        await heard.wait(Media)
        caller, callee = Pcm(one, 16000), Pcm(two, 16000)
        await asyncio.gather(caller.run(700, 40), callee.run(1100, 40))
    assert abs(loudest(caller.heard(), 16000) - 1100) < 30


async def test_pcm_ends_with_the_call_and_survives_a_closed_reader(talk: Talk) -> None:
    (await talk.caller.open_pcm(16000)).close()
    with await talk.callee.open_pcm(16000) as sock:
        await heard_for(talk, 10)
        await talk.caller.send_info("text/plain", "alive")
        await talk.caller.hang_up()
        await talk.callee.wait_ended(2)
        with pytest.raises(ConnectionError):
            await talk_to(sock)


async def talk_to(sock: socket.socket) -> None:
    """Until the other end is closed."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(2):
        while await loop.sock_recv(sock, 4096):
            await loop.sock_sendall(sock, bytes(640))


async def test_statistics(talk: Talk) -> None:
    await heard_for(talk, 25)
    counted = await talk.callee.statistics()
    assert counted.received_packets >= 25
    assert counted.sent_packets >= 20
    assert counted.lost_packets == counted.discarded_packets == counted.remote_lost_packets == 0
    assert 0 <= counted.jitter_ms < 20


async def test_files_that_cannot_be_used(talk: Talk, tmp_path: Path) -> None:
    (tmp_path / "junk.wav").write_bytes(b"RIFF junk")
    with wave.open(str(tmp_path / "eight.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(800))
    for path in ("/no/such.wav", tmp_path / "junk.wav", tmp_path / "eight.wav", tmp_path):
        with pytest.raises(CallError, match=r"16-bit PCM"):
            await talk.caller.play(path)
    for path in ("/no/such/folder/a.wav", tmp_path / "a.mp3"):
        with pytest.raises(CallError, match=r"\.wav file"):
            await talk.caller.record(path)
    with pytest.raises(ConfigurationError):
        await talk.caller.open_pcm(44100)  # type: ignore[arg-type]


async def test_playing_in_a_loop_and_stopping(talk: Talk, tmp_path: Path) -> None:
    source = write_wav(tmp_path / "short.wav", tone(500, 0.1, 16000), 16000)
    await talk.caller.play(source, loop=True)
    with await talk.callee.open_pcm(16000) as sock:
        listener = Pcm(sock, 16000)
        await listener.run(300, 40)
        assert abs(loudest(listener.heard(), 16000) - 500) < 30
        await talk.caller.stop_playing()
        await listener.run(300, 40)
        assert np.abs(listener.heard()).max() < 200
