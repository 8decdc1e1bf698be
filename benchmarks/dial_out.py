"""How long a client waits for a phone that answers at once."""

from __future__ import annotations

import asyncio

from benchmarks.far_client import FarClient
from benchmarks.figures import Row, Run, timed
from benchmarks.pace import Pace
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings


def measure(run: Run) -> list[Row]:
    """From calling `startDialOut` to having `dialout-answered`, with a phone that answers without ringing.

    The client is in a process of its own and takes both moments itself, so the figure is what a bot waits: the
    request over the WebSocket, INVITE and 200 between two PJSIP processes through the front door, the event back.
    The calls follow each other at most 40 a second, under the pace at which a PJSIP worker makes new calls wait.
    The first ten are thrown away.
    """
    return asyncio.run(_measure(run))


async def _measure(run: Run) -> list[Row]:
    samples: list[float] = []
    repetitions = run.times(500)
    pace = Pace()
    async with FakeDaily(Settings(port=0, sip_port=0, rtp_relay=False)) as daily:
        room = await daily.create_room(enable_dialout=True)
        phone = await daily.network.phone("+12065550142")
        async with FarClient(room.url, room.owner_token) as far:
            for done in range(-10, repetitions):
                await pace()
                began, session = await far.ask("start_dialout", phoneNumber=phone.number)
                answered = await far.got("dialout-answered", session)
                await far.ask("stop_dialout", session_id=session)
                await far.got("dialout-stopped", session)
                if done >= 0:
                    samples.append((answered.at - began) * 1000)
                    run.progress(done + 1, repetitions)
    return [timed("startDialOut → dialout-answered", samples, most_ms=15)]
