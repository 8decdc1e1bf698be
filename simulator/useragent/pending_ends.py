"""Ends of calls that workers know of, and this process does not yet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from simulator.errors import WorkerCrashed
from simulator.useragent import messages
from simulator.useragent.handle import UserAgent


async def hear_pending_ends(user_agents: Iterable[UserAgent]) -> None:
    """Return when all ends of calls that the workers know of now were handled here.

    The peer of a call that has ended may call again before this process has read that the call is over. A worker that
    dies meanwhile has no calls any more.
    """
    await asyncio.gather(*(_hear(agent) for agent in user_agents))


async def _hear(agent: UserAgent) -> None:
    try:
        await agent.request(messages.Ping)
    except WorkerCrashed:
        return
