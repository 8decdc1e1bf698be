"""Releases clients that are still in a call at the end of a test: bots that the test did not end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from .call_client import CallClient, clients_in_call

if TYPE_CHECKING:
    from .._call.call import Call

T = TypeVar("T")

_WITHIN_S = 5.0


def release_clients_in_call() -> list[str]:
    """Release the clients of this process that are in a call, without waiting for callbacks; returns their names.

    Waits for a client that is already leaving, whose name is not returned. Raises TimeoutError if a join or a leave
    takes longer than 5 s.
    """
    names = []
    for client in clients_in_call():
        if _run_on_loop(client, _is_joined(client._call)):
            with contextlib.suppress(RuntimeError):  # its program has released it at this moment
                name = client.participants()["local"]["info"].get("userName") or "a client without a name"
                client._release(wait=False)
                names.append(name)
            _run_on_loop(client, _is_joined(client._call))
    return names


async def _is_joined(call: Call) -> bool:
    """Whether the client is in a room once all earlier verbs are done."""
    async with call.turn:
        return call.state == "joined"


def _run_on_loop(client: CallClient, coroutine: Coroutine[Any, Any, T]) -> T:
    done = asyncio.run_coroutine_threadsafe(coroutine, client._loop)
    try:
        return done.result(_WITHIN_S)
    except TimeoutError:
        done.cancel()
        raise TimeoutError(
            f"a client has been {client._call.state} for {_WITHIN_S:g} s and cannot be released; release it in the test"
        ) from None
