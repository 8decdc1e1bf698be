"""Phones, front door and gateway without the fake Daily, for figures about SIP and RTP alone."""

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
    """A network and a gateway that answers every call."""

    network: Network
    gateway: Gateway
    invite_times: list[float] = field(default_factory=list)
    """Times at which the gateway's workers received an INVITE."""

    @property
    def rate(self) -> float:
        """INVITEs per second, from the first to the last."""
        if len(self.invite_times) < 2:
            return 0.0
        return (len(self.invite_times) - 1) / (max(self.invite_times) - min(self.invite_times))


@asynccontextmanager
async def exchange(*, workers: int) -> AsyncIterator[Exchange]:
    """A network whose gateway has exactly `workers` worker processes and answers every call at once."""
    answering: set[asyncio.Task[None]] = set()
    invite_times: list[float] = []

    def answer(call: Call, incoming: Incoming) -> None:
        invite_times.append(incoming.at)
        task = asyncio.create_task(_answer(call))
        answering.add(task)
        task.add_done_callback(answering.discard)

    async with (
        Network(rtp_relay=False) as network,
        Gateway(network, on_incoming=answer, workers=workers, most=workers) as gateway,
    ):
        yield Exchange(network, gateway, invite_times)


async def _answer(call: Call) -> None:
    try:
        await call.answer(codecs=("PCMU", "PCMA"))
    except CallEnded:
        return
