"""Delay of a digit: from the start of sending until reception, minus the digit's duration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import cycle

from benchmarks.client_process import ClientProcess
from benchmarks.figures import Row, Run, timed
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.dtmf import DigitMethod
from simulator.phone_call import PhoneCall

_METHODS: tuple[DigitMethod, ...] = ("telephone-event", "sip-info")
_DURATIONS_MS = (50, 100, 250)
_DIGITS = "159D*0#"
_PAUSE = 0.25
"""Seconds between digits: more than the sender's own gap, so that no digit waits for the previous one."""


def measure(run: Run) -> list[Row]:
    """Time from the command to send a digit until the other side has received it, minus the digit's duration.

    Digits of 50, 100 and 250 ms, one at a time; both directions and both methods in four parallel calls with a phone
    each. Towards the room the digit is received with the `dtmf-event` at a client in another process, towards the phone
    when `wait_for_digits` returns. A digit by telephone-event is received at its end, so 0 is the optimum. A SIP INFO
    describes the whole digit in one message, so the figure is negative if it arrives before the digit's end.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    repetitions = run.repetitions(60)
    done = 0

    def count_digit() -> None:
        nonlocal done
        done += 1
        run.progress(done, 4 * repetitions)

    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False, max_sip_pstn_sessions_per_room=10)) as daily:
        room = await daily.create_room(enable_dialout=True)
        async with ClientProcess(room.url, room.owner_token) as client:
            legs = [await _call(daily, client, f"+1206555014{number}") for number in range(4)]
            work = [
                _to_room(client, *legs[0], _METHODS[0], repetitions, count_digit),
                _to_room(client, *legs[1], _METHODS[1], repetitions, count_digit),
                _to_phone(client, *legs[2], _METHODS[0], repetitions, count_digit),
                _to_phone(client, *legs[3], _METHODS[1], repetitions, count_digit),
            ]
            results = await asyncio.gather(*work)
    names = [f"digit {way} by {method}" for way in ("phone → room", "room → phone") for method in _METHODS]
    return [
        timed(name, samples, limit_ms=60, notes=("beyond the digit's own duration",) if name == names[0] else ())
        for name, samples in zip(names, results, strict=True)
    ]


async def _call(daily: FakeDaily, client: ClientProcess, number: str) -> tuple[str, PhoneCall]:
    phone = await daily.network.phone(number)
    _, session = await client.ask("start_dialout", phoneNumber=number)
    await client.wait_for("dialout-answered", session)
    call = await phone.wait_for_call()
    await call.wait_answered()
    return session, call


async def _to_room(
    client: ClientProcess,
    session: str,
    call: PhoneCall,
    method: DigitMethod,
    repetitions: int,
    on_received: Callable[[], None],
) -> list[float]:
    samples = []
    for nth, duration, digit in zip(range(repetitions), cycle(_DURATIONS_MS), cycle(_DIGITS), strict=False):
        began = time.monotonic()
        await call.press(digit, method=method, duration_ms=duration)
        event = await client.wait_for("dtmf-event", session, nth=nth)
        if event.event["tone"] != digit:
            raise ValueError(f"{digit} was sent but {event.event['tone']} received, by {method}")
        samples.append((event.at - began) * 1000 - duration)
        on_received()
        await _wait_for_pause(began, duration)
    return samples


async def _wait_for_pause(began: float, duration_ms: int) -> None:
    """Wait for the end of the digit and a pause; a SIP INFO is received at the beginning of its digit."""
    await asyncio.sleep(max(0.0, began + duration_ms / 1000 + _PAUSE - time.monotonic()))


async def _to_phone(
    client: ClientProcess,
    session: str,
    call: PhoneCall,
    method: DigitMethod,
    repetitions: int,
    on_received: Callable[[], None],
) -> list[float]:
    samples = []
    for _, duration, digit in zip(range(repetitions), cycle(_DURATIONS_MS), cycle(_DIGITS), strict=False):
        asking = asyncio.create_task(
            client.ask("send_dtmf", sessionId=session, tones=digit, method=method, digitDurationMs=duration)
        )
        await call.wait_for_digits(digit, method=method)
        ended = time.monotonic()
        began, _ = await asking
        samples.append((ended - began) * 1000 - duration)
        on_received()
        await _wait_for_pause(began, duration)
    return samples
