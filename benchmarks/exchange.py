"""Phones, a front door and a gateway without the Daily on top, for figures about SIP and RTP alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from simulator.errors import CallEnded
from simulator.gateway import Gateway
from simulator.network import Network
from simulator.useragent.handle import Call
from simulator.useragent.messages import Incoming


@dataclass(slots=True)
class Exchange:
    """`invited` has the moments at which its workers got an INVITE."""

    network: Network
    gateway: Gateway
    invited: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """INVITEs a second, from the first to the last."""
        if len(self.invited) < 2:
            return 0.0
        return (len(self.invited) - 1) / (max(self.invited) - min(self.invited))


@asynccontextmanager
async def exchange(*, workers: int) -> AsyncIterator[Exchange]:
    """A network whose gateway has exactly `workers` processes and answers every call at once."""
    answering: set[asyncio.Task[None]] = set()
    invited: list[float] = []

    def take(call: Call, incoming: Incoming) -> None:
        invited.append(incoming.at)
        task = asyncio.create_task(_answer(call))
        answering.add(task)
        task.add_done_callback(answering.discard)

    async with (
        Network(rtp_relay=False) as network,
        Gateway(network, on_incoming=take, workers=workers, most=workers) as gateway,
    ):
        yield Exchange(network, gateway, invited)


async def _answer(call: Call) -> None:
    try:
        await call.answer(codecs=("PCMU", "PCMA"))
    except CallEnded:
        return
