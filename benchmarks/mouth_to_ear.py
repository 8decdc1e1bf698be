"""Mouth-to-ear delay (ITU-T G.114) from a phone through a room to another phone."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field

import numpy as np

from benchmarks.figures import Row, Run, format_number, percentile
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
"""Frames before the first chirp, in which the processes that replace used ones start."""
_CHIRPS = 5
_FRAMES_A_CHIRP = 50
_MOST_MS = 80.0


@dataclass(slots=True)
class _PhoneAudio:
    """The audio of a call at the phone, with the time of each frame."""

    sock: socket.socket
    received: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When the phone played each received frame; at this time it also takes in a frame to send."""
    queued: list[int] = field(default_factory=list)
    """For each written frame: number of frames that the phone had not taken in yet, including this one."""

    async def run(self, frames: int, send: Pcm | None = None) -> None:
        """Read and write this many frames at the phone's own pace."""
        loop = asyncio.get_running_loop()
        for at in range(frames):
            self.received.append(await loop.sock_recv(self.sock, FRAME_BYTES))
            self.times.append(time.monotonic())
            if send is not None:
                await loop.sock_sendall(self.sock, send[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES].tobytes())
                self.queued.append(frames_unfetched(self.sock))


def measure(run: Run) -> list[Row]:
    """Time from a phone's input of a sample until another phone in the same room plays it, with PCMU.

    Two phones are dialled into a room. One sends a chirp every second, which is found by correlation in what the other
    receives. The path is RTP to the gateway, the room's mixer and RTP to the phone, each with a jitter buffer and a
    20 ms clock of its own. Each pair of phones has two new processes, so that the phases of the clocks vary.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    pairs = run.repetitions(20)
    delays: list[float] = []
    missed = 0
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        room = await daily.create_room(enable_dialout=True)
        client = await daily.join(room)
        for done in range(pairs):
            phones = [await daily.network.phone(f"+1206555014{one}", calls=["answer"]) for one in range(2)]
            ends = [await _dial_into_room(client, phone) for phone in phones]
            found = await _chirp_delays(*ends)
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
            f"median {format_number(median)} ms   p95 {format_number(p95)} ms",
            target=f"p95 ≤ {format_number(_MOST_MS)} ms",
            passed=p95 <= _MOST_MS and not missed,
            median=median,
            p95=p95,
            samples=len(delays),
            unit="ms",
            notes=(
                f"{pairs} pairs of phones, {_CHIRPS} chirps each; {missed} not detected; "
                f"shortest {format_number(min(delays))} ms, longest {format_number(max(delays))} ms",
            ),
        )
    ]


async def _dial_into_room(client: Client, phone: Phone) -> _PhoneAudio:
    await client.start_dialout({"phoneNumber": phone.number})
    call = await phone.wait_for_call()
    await call.wait_answered()
    return _PhoneAudio(await call._call.open_pcm(16000))  # there is no public way to get frames with their times


async def _chirp_delays(sender: _PhoneAudio, receiver: _PhoneAudio) -> list[float]:
    """The delays in ms of the chirps that were detected."""
    sound = as_pcm(chirp())
    frames = _WARM_UP_FRAMES + _CHIRPS * _FRAMES_A_CHIRP
    send = np.zeros(frames * FRAME_SAMPLES, np.int16)
    starts = [_WARM_UP_FRAMES + one * _FRAMES_A_CHIRP for one in range(_CHIRPS)]
    for start in starts:
        send[start * FRAME_SAMPLES : start * FRAME_SAMPLES + len(sound)] = sound
    await asyncio.gather(sender.run(frames, send), receiver.run(frames))
    received = np.frombuffer(b"".join(receiver.received), np.int16)
    delays = []
    for start in starts:
        sent_at = sender.times[start + sender.queued[start]]  # one frame is taken in per tick
        first = int(np.searchsorted(receiver.times, sent_at - 0.02))
        window = received[first * FRAME_SAMPLES : (first + _FRAMES_A_CHIRP) * FRAME_SAMPLES]
        found = delay.best_match(sound, window)
        if found is not None and found.correlation >= delay.CERTAIN:
            at = first * FRAME_SAMPLES + found.at
            frame, rest = divmod(at, FRAME_SAMPLES)
            delays.append((receiver.times[int(frame)] + rest / SAMPLE_RATE - sent_at) * 1000)
    return delays
