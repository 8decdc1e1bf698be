"""Audio over real RTP: WAV files, the PCM channel, RTP counters."""

from __future__ import annotations

import asyncio
import socket
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from simulator.errors import CallError, ConfigurationError
from simulator.useragent import Media
from simulator.useragent.messages import PcmRate
from tests.integration.useragent.conftest import AnsweredCall, Connect
from tests.integration.useragent.party import Party

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
    """Sends a tone into a PCM channel, and keeps the received frames."""

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

    def received(self) -> Samples:
        return np.frombuffer(b"".join(self.frames[-25:]), np.int16)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "GSM", "OPUS"])
async def test_a_played_file_is_recorded_at_the_peer(connect: Connect, tmp_path: Path, codec: str) -> None:
    answered = await connect(codecs=(codec,))
    source = write_wav(tmp_path / "tone.wav", tone(1000, 1.0, 8000), 8000)
    await answered.callee.record(tmp_path / "received.wav")
    await answered.caller.play(source)
    await wait_for_packets(answered, 60)
    await answered.callee.stop_recording()
    samples, rate = read_wav(tmp_path / "received.wav")
    assert rate == 16000
    assert abs(loudest(samples[len(samples) // 2 :][:8000], rate) - 1000) < 15


async def wait_for_packets(answered: AnsweredCall, packets: int) -> None:
    """Wait until the callee has received this many more RTP packets of 20 ms."""
    goal = (await answered.callee.statistics()).received_packets + packets
    async with asyncio.timeout(packets * 0.02 + 3):
        while (await answered.callee.statistics()).received_packets < goal:  # noqa: ASYNC110  # counters have no event
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("codec", "rate"), [("PCMU", 8000), ("PCMU", 16000), ("G722", 16000), ("PCMU", 48000), ("OPUS", 16000)]
)
async def test_a_pcm_channel_carries_audio_both_ways(connect: Connect, codec: str, rate: PcmRate) -> None:
    answered = await connect(codecs=(codec,))
    with await answered.caller.open_pcm(rate) as one, await answered.callee.open_pcm(rate) as two:
        caller, callee = Pcm(one, rate), Pcm(two, rate)
        await asyncio.gather(caller.run(700, 50), callee.run(1100, 50))
    assert {len(frame) for frame in caller.frames + callee.frames} == {rate // 50 * 2}
    assert abs(loudest(caller.received(), rate) - 1100) < 15
    assert abs(loudest(callee.received(), rate) - 700) < 15


async def test_a_pcm_channel_can_be_opened_before_the_answer(alice: Party, bob: Party) -> None:
    call, notices = await alice.dial(bob)
    other, _, _ = await bob.next_call()
    with await call.open_pcm(16000) as one, await other.open_pcm(16000) as two:
        await other.answer()
        await notices.wait(Media)
        caller, callee = Pcm(one, 16000), Pcm(two, 16000)
        await asyncio.gather(caller.run(700, 40), callee.run(1100, 40))
    assert abs(loudest(caller.received(), 16000) - 1100) < 30


async def test_a_pcm_channel_closes_with_the_call_and_its_reader_may_close_earlier(answered: AnsweredCall) -> None:
    (await answered.caller.open_pcm(16000)).close()
    with await answered.callee.open_pcm(16000) as sock:
        await wait_for_packets(answered, 10)
        await answered.caller.send_info("text/plain", "alive")
        await answered.caller.hang_up()
        await answered.callee.wait_ended(2)
        with pytest.raises(ConnectionError):
            await exchange_until_closed(sock)


async def exchange_until_closed(sock: socket.socket) -> None:
    """Exchange frames until the other end is closed."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(2):
        while await loop.sock_recv(sock, 4096):
            await loop.sock_sendall(sock, bytes(640))


async def test_statistics_count_packets_of_a_clean_call(answered: AnsweredCall) -> None:
    await wait_for_packets(answered, 25)
    counted = await answered.callee.statistics()
    assert counted.received_packets >= 25
    assert counted.sent_packets >= 20
    assert counted.lost_packets == counted.discarded_packets == counted.remote_lost_packets == 0
    assert 0 <= counted.jitter_ms < 20


async def test_unusable_files_are_refused(answered: AnsweredCall, tmp_path: Path) -> None:
    (tmp_path / "junk.wav").write_bytes(b"RIFF junk")
    with wave.open(str(tmp_path / "eight.wav"), "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(800))
    for path in ("/no/such.wav", tmp_path / "junk.wav", tmp_path / "eight.wav", tmp_path):
        with pytest.raises(CallError, match=r"16-bit PCM"):
            await answered.caller.play(path)
    for path in ("/no/such/folder/a.wav", tmp_path / "a.mp3"):
        with pytest.raises(CallError, match=r"\.wav file"):
            await answered.caller.record(path)
    with pytest.raises(ConfigurationError):
        await answered.caller.open_pcm(44100)  # type: ignore[arg-type]


async def test_a_file_plays_in_a_loop_until_it_is_stopped(answered: AnsweredCall, tmp_path: Path) -> None:
    source = write_wav(tmp_path / "short.wav", tone(500, 0.1, 16000), 16000)
    await answered.caller.play(source, loop=True)
    with await answered.callee.open_pcm(16000) as sock:
        listener = Pcm(sock, 16000)
        await listener.run(300, 40)
        assert abs(loudest(listener.received(), 16000) - 500) < 30
        await answered.caller.stop_playing()
        for _ in range(5):  # what was played before may still be in buffers
            await listener.run(300, 40)
            if np.abs(listener.received()).max() < 200:
                break
        assert np.abs(listener.received()).max() < 200
