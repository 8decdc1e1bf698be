"""Time from `startDialOut` to `dialout-answered` at a client."""

from __future__ import annotations

import asyncio

from benchmarks.client_process import ClientProcess
from benchmarks.figures import Row, Run, timed
from benchmarks.pace import Pace
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings


def measure(run: Run) -> list[Row]:
    """Time from `startDialOut` to the receipt of `dialout-answered`, with a phone that answers without ringing.

    The client has a process of its own and takes both times there, so the figure is what a bot waits for: the request
    over the WebSocket, INVITE and 200 between two PJSIP processes through the front door, and the event back. There
    are at most 40 calls a second, below the rate at which the front door queues calls for a PJSIP worker. The first
    ten calls are discarded.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    samples: list[float] = []
    repetitions = run.repetitions(500)
    pace = Pace()
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        room = await daily.create_room(enable_dialout=True)
        phone = await daily.network.phone("+12065550142")
        async with ClientProcess(room.url, room.owner_token) as client:
            for done in range(-10, repetitions):
                await pace()
                began, session = await client.ask("start_dialout", phoneNumber=phone.number)
                answered = await client.wait_for("dialout-answered", session)
                await client.ask("stop_dialout", session_id=session)
                await client.wait_for("dialout-stopped", session)
                if done >= 0:
                    samples.append((answered.at - began) * 1000)
                    run.progress(done + 1, repetitions)
    return [timed("startDialOut → dialout-answered", samples, limit_ms=15)]
