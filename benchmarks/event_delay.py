"""How long after what happened in SIP a client has Daily's event about it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

from benchmarks.far_client import FarClient
from benchmarks.figures import Row, Run, number, percentile, timed
from benchmarks.pace import Pace
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.phone import Phone
from simulator.timeline import Record

_CAUSES = {
    "dialout-connected": ("sip", "180 Ringing"),
    "dialout-answered": ("sip", "200 OK"),
    "dialout-stopped": ("sip", "ended: "),
    "dialin-connected": ("sip", "INVITE"),
    "dialin-stopped": ("sip", "ended: "),
    "dtmf-event": ("digit", ""),
}
"""The timeline's kind, and how its message begins."""


def measure(run: Run) -> list[Row]:
    """From a SIP message at the gateway to the event of it at a client in another process.

    The cause's moment is the `at` of its timeline record: when PJSIP in the worker process told of the message (180,
    200, BYE, INFO with a digit, INVITE for `dialin-connected`). The event's moment is when a waiting
    `Client.wait_for` returned. So the way from the worker to the server, the state machine, the WebSocket and the
    client are in the figure. Dial-outs that ring, are answered, hear a digit and are hung up by the phone alternate
    with dial-ins.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    delays: dict[str, list[float]] = defaultdict(list)
    repetitions = run.times(200)
    pace = Pace()
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        zero = time.monotonic() - daily.timeline.append("bench").at
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "SIP"})
        phone = await daily.network.phone("+12065550142", calls=[{"ring_ms": 10, "then": "answer"}])
        async with FarClient(room.url, room.owner_token) as far:
            for done in range(-4, repetitions):
                await pace()
                mark, events = daily.timeline.last_seq, len(far.arrivals)
                session = await (_dial_in(far, phone, room) if done % 2 else _dial_out(far, phone))
                causes = list(daily.timeline.records(after=mark))
                for arrival in far.arrivals[events:]:
                    if done >= 0 and arrival.action in _CAUSES and arrival.session_id == session:
                        cause = _cause(causes, arrival.action, session)
                        delays[arrival.action].append((arrival.at - zero - cause.at) * 1000)
                run.progress(max(0, done + 1), repetitions)
    every = [delay for samples in delays.values() for delay in samples]
    each = [
        f"{name}: p95 {number(percentile(samples, 0.95))} ms (n={len(samples)})" for name, samples in delays.items()
    ]
    return [timed("Daily event after its SIP cause", every, most_ms=5, notes=each)]


async def _dial_out(far: FarClient, phone: Phone) -> str:
    _, session = await far.ask("start_dialout", phoneNumber=phone.number)
    await far.got("dialout-answered", session)
    call = await phone.wait_for_call()
    await call.wait_answered()
    await call.press("5", method="sip-info")
    await far.got("dtmf-event", session)
    await call.hang_up()
    await far.got("dialout-stopped", session)
    return str(session)


async def _dial_in(far: FarClient, phone: Phone, room: RoomHandle) -> str:
    before = sum(one.action == "dialin-connected" for one in far.arrivals)
    call = await phone.dial(room.sip_uris[0])
    await call.wait_answered()
    connected = await far.nth("dialin-connected", before)
    await call.hang_up()
    await far.got("dialin-stopped", connected.session_id)
    await call.wait_for_end()
    return connected.session_id


def _cause(records: list[Record], action: str, session: str) -> Record:
    kind, beginning = _CAUSES[action]
    for record in records:
        fields = record.fields
        about_it = record.kind == kind and fields.get("session_id") == session
        if about_it and str(fields.get("message", "")).startswith(beginning):
            return record
    raise LookupError(f"{action} of session {session} has no cause in the timeline: {kind} {beginning}")
