"""Clients that nobody made to leave: bots that a test has forgotten, or that did not end when they should."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .call_client import CallClient, clients_in_a_call

if TYPE_CHECKING:
    from .._call.call import Call

T = TypeVar("T")

_WITHIN_S = 5.0


def release_left_behind() -> list[str]:
    """Release the clients of this process that are in a call, and give their names; callbacks are not waited for.

    A client that was told to leave is given the time to do it, and is none of them. Raises TimeoutError when one
    does not come out of a join or a leave in 5 s.
    """
    names = []
    for client in clients_in_a_call():
        if _on_loop(client, _stays(client._call)):
            with contextlib.suppress(RuntimeError):  # its program has released it at this moment
                name = client.participants()["local"]["info"].get("userName") or "a client without a name"
                client._release(wait=False)
                names.append(name)
            _on_loop(client, _stays(client._call))
    return names


async def _stays(call: Call) -> bool:
    """Whether it is in a room, once all that was asked of it before is done."""
    async with call._turn:
        return call.state == "joined"


def _on_loop(client: CallClient, coroutine: Coroutine[Any, Any, T]) -> T:
    done = asyncio.run_coroutine_threadsafe(coroutine, client._loop)
    try:
        return done.result(_WITHIN_S)
    except TimeoutError:
        done.cancel()
        raise TimeoutError(
            f"a client has been {client._call.state} for {_WITHIN_S:g} s and cannot be released"
        ) from None
