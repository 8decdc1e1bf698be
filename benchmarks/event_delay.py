"""Delay of Daily's events at a client after their cause in SIP."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

from benchmarks.client_process import ClientProcess
from benchmarks.figures import Row, Run, format_number, percentile, timed
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
"""For each event, the cause: kind of its timeline record, and beginning of the record's message."""


def measure(run: Run) -> list[Row]:
    """Time from a SIP message at the gateway to the resulting event at a client in another process.

    The time of the cause is the `at` of its timeline record: when PJSIP in the worker process reported the message
    (180, 200, BYE, INFO with a digit, INVITE for `dialin-connected`). The time of the event is when `Client.wait_for`
    returned. So the figure includes the way from the worker to the server, the call machine, the WebSocket and the
    client. Dial-outs that ring, are answered, receive a digit and are hung up by the phone alternate with dial-ins.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    delays: dict[str, list[float]] = defaultdict(list)
    repetitions = run.repetitions(200)
    pace = Pace()
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        zero = time.monotonic() - daily.timeline.append("note").at
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "display_name": "SIP"})
        phone = await daily.network.phone("+12065550142", calls=[{"ring_ms": 10, "then": "answer"}])
        async with ClientProcess(room.url, room.owner_token) as client:
            for done in range(-4, repetitions):
                await pace()
                mark, events = daily.timeline.last_seq, len(client.events)
                session = await (_dial_in(client, phone, room) if done % 2 else _dial_out(client, phone))
                causes = list(daily.timeline.records(after=mark))
                for event in client.events[events:]:
                    if done >= 0 and event.action in _CAUSES and event.session_id == session:
                        cause = _cause(causes, event.action, session)
                        delays[event.action].append((event.at - zero - cause.at) * 1000)
                run.progress(max(0, done + 1), repetitions)
    all_delays = [delay for samples in delays.values() for delay in samples]
    notes = [
        f"{name}: p95 {format_number(percentile(samples, 0.95))} ms (n={len(samples)})"
        for name, samples in delays.items()
    ]
    return [timed("Daily event after its SIP cause", all_delays, limit_ms=5, notes=notes)]


async def _dial_out(client: ClientProcess, phone: Phone) -> str:
    _, session = await client.ask("start_dialout", phoneNumber=phone.number)
    await client.wait_for("dialout-answered", session)
    call = await phone.wait_for_call()
    await call.wait_answered()
    await call.press("5", method="sip-info")
    await client.wait_for("dtmf-event", session)
    await call.hang_up()
    await client.wait_for("dialout-stopped", session)
    return str(session)


async def _dial_in(client: ClientProcess, phone: Phone, room: RoomHandle) -> str:
    before = sum(one.action == "dialin-connected" for one in client.events)
    call = await phone.dial(room.sip_uris[0])
    await call.wait_answered()
    connected = await client.wait_for_nth("dialin-connected", before)
    await call.hang_up()
    await client.wait_for("dialin-stopped", connected.session_id)
    await call.wait_for_end()
    return connected.session_id


def _cause(records: list[Record], action: str, session: str) -> Record:
    kind, beginning = _CAUSES[action]
    for record in records:
        fields = record.fields
        about_it = record.kind == kind and fields.get("session_id") == session
        if about_it and str(fields.get("message", "")).startswith(beginning):
            return record
    raise LookupError(f"{action} of session {session} has no cause on the timeline: {kind} {beginning}")
