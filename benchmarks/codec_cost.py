"""CPU time of the simulator for one leg of a call: its SIP process, and its share of the mixing."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import psutil

from benchmarks.figures import Row, Run
from benchmarks.tone import write_tone
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.useragent.messages import AudioCodec

_LIMITS: dict[AudioCodec, float] = {"PCMU": 1.5, "OPUS": 4.0, "G722": 4.0}
"""Target for each codec, in percent of a core per leg."""
_LEGS = 4
_SETTLING_TIME = 1.0
"""Seconds between the set-up of the calls and the measurement."""


def measure(run: Run) -> list[Row]:
    """CPU time of Daily's side for each of four phones that all send a tone in one room.

    Daily's SIP process carries the four calls and this process mixes them; the CPU time of both is divided by four.
    The phones have processes of their own, which are not counted.
    """
    rows = []
    for index, codec in enumerate(_LIMITS):
        rows.append(asyncio.run(_measure(codec, 3 if run.quick else 10)))
        run.progress(index + 1, len(_LIMITS))
    return rows


async def _measure(codec: AudioCodec, seconds: float) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        tone = write_tone(Path(folder, "tone.wav"), hertz=440)
        async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False, most_gateway_workers=1)) as daily:
            room = await daily.create_room(enable_dialout=True)
            client = await daily.join(room)
            for number in (f"+1206555010{leg}" for leg in range(_LEGS)):
                phone = await daily.network.phone(number, codecs=[codec])
                await client.start_dialout({"phoneNumber": number, "codecs": {"audio": [codec]}})
                call = await phone.wait_for_call()
                media = await call.wait_answered()
                if media is None or media.codec != codec:
                    raise RuntimeError(f"the call does not use {codec}: {media}")
                await call.play(tone, loop=True)
            await asyncio.sleep(_SETTLING_TIME)
            processes = [psutil.Process(), *{psutil.Process(call.user_agent.pid) for call in daily.gateway.calls}]
            before = [_cpu_s(process) for process in processes]
            await asyncio.sleep(seconds)
            spent = [_cpu_s(process) - was for process, was in zip(processes, before, strict=True)]
    mixing, sip = (100 * cpu / seconds / _LEGS for cpu in (spent[0], sum(spent[1:])))
    return Row(
        f"a leg with {codec}",
        f"{mixing + sip:.2f}% of a core",
        target=f"≤ {_LIMITS[codec]:g}%",
        passed=mixing + sip <= _LIMITS[codec],
        median=mixing + sip,
        samples=_LEGS,
        unit="%",
        notes=(f"SIP process {sip:.2f}%, mixing and the rest {mixing:.2f}%",),
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
