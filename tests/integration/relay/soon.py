"""Polling for a condition that another thread or process fulfils."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def soon(condition: Callable[[], bool | Awaitable[bool]], what: str, *, within: float = 3) -> None:
    """Return once `condition` holds; fail with `what` as the text after `within` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        held = condition()
        if held if isinstance(held, bool) else await held:
            return
        assert loop.time() < deadline, f"{what}, within {within:g} s"
        await asyncio.sleep(0.01)
