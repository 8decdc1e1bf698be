"""How long a phone's voice takes through a room to another phone."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.figures import Row, Run, number, percentile
from fake_daily_server.handles.client import Client
from fake_daily_server.media.audio_frame import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE
from fake_daily_server.media.sip_leg import frames_unfetched
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.audio import delay
from simulator.audio.samples import Pcm, as_pcm
from simulator.audio.tones import chirp
from simulator.phone import Phone

_WARM_UP_FRAMES = 150
"""The processes that replace those just used have been started by then."""
_CHIRPS = 5
_FRAMES_A_CHIRP = 50
_MOST_MS = 80.0


@dataclass(slots=True)
class _End:
    """The sound of one phone's call at the phone itself, with the moment of each frame."""

    sock: socket.socket
    heard: list[bytes] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    """When the phone handed out the frame of that number, which is also when it took one in."""
    waiting: list[int] = field(default_factory=list)
    """Frames that the phone had not yet taken in, the one said just then included."""

    async def run(self, frames: int, say: Pcm | None = None) -> None:
        """One frame each way at the phone's own pace."""
        loop = asyncio.get_running_loop()
        for at in range(frames):
            self.heard.append(await loop.sock_recv(self.sock, FRAME_BYTES))
            self.moments.append(time.monotonic())
            if say is not None:
                await loop.sock_sendall(self.sock, say[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES].tobytes())
                self.waiting.append(frames_unfetched(self.sock))


def measure(run: Run) -> list[Row]:
    """From the moment a phone takes a sample in to the moment another phone hands it out, both in one room; PCMU.

    Two phones are dialled into a room; one says a chirp once a second, which is found in what the other hears by
    correlation. On the way: RTP to the gateway, the room's mixer, RTP to the phone, each with its jitter buffer and
    a 20 ms beat of its own. Every pair of phones is two new processes, so that their beats fall otherwise.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    pairs = run.times(20)
    delays: list[float] = []
    missed = 0
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        room = await daily.create_room(enable_dialout=True)
        client = await daily.join(room)
        for done in range(pairs):
            phones = [await daily.network.phone(f"+1206555014{one}", calls=["answer"]) for one in range(2)]
            ends = [await _in_the_room(client, phone) for phone in phones]
            found = await _chirps(*ends)
            missed += _CHIRPS - len(found)
            delays += found
            for phone, end in zip(phones, ends, strict=True):
                end.sock.close()
                await phone.close()
            run.progress(done + 1, pairs)
    median, p95 = float(np.median(delays)), percentile(delays, 0.95)
    return [
        Row(
            "mouth to ear, phone to room to phone, PCMU",
            f"median {number(median)} ms   p95 {number(p95)} ms",
            target=f"p95 ≤ {number(_MOST_MS)} ms",
            passed=p95 <= _MOST_MS and not missed,
            median=median,
            p95=p95,
            samples=len(delays),
            unit="ms",
            notes=(
                f"{pairs} pairs of phones, {_CHIRPS} chirps each; {missed} not heard; "
                f"shortest {number(min(delays))} ms, longest {number(max(delays))} ms",
            ),
        )
    ]


async def _in_the_room(client: Client, phone: Phone) -> _End:
    await client.start_dialout({"phoneNumber": phone.number})
    call = await phone.wait_for_call()
    await call.wait_answered()
    return _End(await call._call.open_pcm(16000))  # frames with their moments, which no verb gives


async def _chirps(mouth: _End, ear: _End) -> list[float]:
    """The delays in ms of those chirps that were heard."""
    sound = as_pcm(chirp())
    frames = _WARM_UP_FRAMES + _CHIRPS * _FRAMES_A_CHIRP
    say = np.zeros(frames * FRAME_SAMPLES, np.int16)
    starts = [_WARM_UP_FRAMES + one * _FRAMES_A_CHIRP for one in range(_CHIRPS)]
    for start in starts:
        say[start * FRAME_SAMPLES : start * FRAME_SAMPLES + len(sound)] = sound
    await asyncio.gather(mouth.run(frames, say), ear.run(frames))
    heard = np.frombuffer(b"".join(ear.heard), np.int16)
    delays = []
    for start in starts:
        said_at = mouth.moments[start + mouth.waiting[start]]  # one frame is taken in at each beat
        first = int(np.searchsorted(ear.moments, said_at - 0.02))
        window = heard[first * FRAME_SAMPLES : (first + _FRAMES_A_CHIRP) * FRAME_SAMPLES]
        found = delay.find(sound, window)
        if found is not None and found.likeness >= delay.SURE:
            at = first * FRAME_SAMPLES + found.at
            frame, rest = divmod(at, FRAME_SAMPLES)
            delays.append((ear.moments[int(frame)] + rest / SAMPLE_RATE - said_at) * 1000)
    return delays
