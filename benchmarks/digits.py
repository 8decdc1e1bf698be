"""How long after it began a pressed key is heard, beyond the time for which it is held."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import cycle

from benchmarks.far_client import FarClient
from benchmarks.figures import Row, Run, timed
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.dtmf import DigitMethod
from simulator.phone_call import PhoneCall

_METHODS: tuple[DigitMethod, ...] = ("telephone-event", "sip-info")
_DURATIONS_MS = (50, 100, 250)
_KEYS = "159D*0#"
_BETWEEN_S = 0.25
"""From the end of a key to the next: more than the gap that the sender keeps, so that no key waits for the last."""


def measure(run: Run) -> list[Row]:
    """From telling a phone (or the client) to press a key until the other side has heard it, minus its duration.

    Keys of 50, 100 and 250 ms, one at a time; both directions by both methods, four calls side by side, each on a
    phone of its own. Towards the room the end is the `dtmf-event` at a client in another process; towards the phone
    it is the return of `wait_for_digits`. A key by telephone-event is heard when it is released, so 0 would be
    perfect. A SIP INFO carries the whole key in one message; below 0 means that it came before the time was up.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    repetitions = run.times(60)
    done = 0

    def heard() -> None:
        nonlocal done
        done += 1
        run.progress(done, 4 * repetitions)

    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False, max_sip_pstn_sessions_per_room=10)) as daily:
        room = await daily.create_room(enable_dialout=True)
        async with FarClient(room.url, room.owner_token) as far:
            legs = [await _call(daily, far, f"+1206555014{number}") for number in range(4)]
            work = [
                _to_room(far, *legs[0], _METHODS[0], repetitions, heard),
                _to_room(far, *legs[1], _METHODS[1], repetitions, heard),
                _to_phone(far, *legs[2], _METHODS[0], repetitions, heard),
                _to_phone(far, *legs[3], _METHODS[1], repetitions, heard),
            ]
            results = await asyncio.gather(*work)
    names = [f"digit {way} by {method}" for way in ("phone → room", "room → phone") for method in _METHODS]
    return [
        timed(name, samples, most_ms=60, notes=("beyond the digit's own duration",) if name == names[0] else ())
        for name, samples in zip(names, results, strict=True)
    ]


async def _call(daily: FakeDaily, far: FarClient, number: str) -> tuple[str, PhoneCall]:
    phone = await daily.network.phone(number)
    _, session = await far.ask("start_dialout", phoneNumber=number)
    await far.got("dialout-answered", session)
    call = await phone.wait_for_call()
    await call.wait_answered()
    return session, call


async def _to_room(
    far: FarClient, session: str, call: PhoneCall, method: DigitMethod, repetitions: int, heard: Callable[[], None]
) -> list[float]:
    samples = []
    for nth, duration, key in zip(range(repetitions), cycle(_DURATIONS_MS), cycle(_KEYS), strict=False):
        began = time.monotonic()
        await call.press(key, method=method, duration_ms=duration)
        arrival = await far.got("dtmf-event", session, nth=nth)
        if arrival.event["tone"] != key:
            raise ValueError(f"{key} was pressed but {arrival.event['tone']} heard, by {method}")
        samples.append((arrival.at - began) * 1000 - duration)
        heard()
        await _silence(began, duration)
    return samples


async def _silence(began: float, duration_ms: int) -> None:
    """A SIP INFO is heard at the beginning of its key: the key must be over before the next one."""
    await asyncio.sleep(max(0.0, began + duration_ms / 1000 + _BETWEEN_S - time.monotonic()))


async def _to_phone(
    far: FarClient, session: str, call: PhoneCall, method: DigitMethod, repetitions: int, heard: Callable[[], None]
) -> list[float]:
    samples = []
    for _, duration, key in zip(range(repetitions), cycle(_DURATIONS_MS), cycle(_KEYS), strict=False):
        asking = asyncio.create_task(
            far.ask("send_dtmf", sessionId=session, tones=key, method=method, digitDurationMs=duration)
        )
        await call.wait_for_digits(key, method=method)
        ended = time.monotonic()
        began, _ = await asking
        samples.append((ended - began) * 1000 - duration)
        heard()
        await _silence(began, duration)
    return samples
