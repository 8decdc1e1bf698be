"""Looks up host names without blocking the event loop."""

from __future__ import annotations

import asyncio
import socket
import threading

TIMEOUT_S = 5.0


async def look_up(name: str) -> tuple[str, ...]:
    """Return the addresses of a host name, IPv4 first. Raises OSError when there are none within 5 s.

    It runs on a thread of its own, which does not keep the program from ending while a name server is silent.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[tuple[str, ...]] = loop.create_future()

    def deliver(addresses: tuple[str, ...], error: OSError | None) -> None:
        if not found.done():
            found.set_exception(error) if error else found.set_result(addresses)

    def ask() -> None:
        addresses: tuple[str, ...] = ()
        error: OSError | None = None
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            addresses = tuple(dict.fromkeys(str(answer[4][0]) for answer in sorted(answers, key=lambda one: one[0])))
        except (OSError, UnicodeError) as failure:
            error = failure if isinstance(failure, OSError) else OSError(f"{failure}")
        try:
            loop.call_soon_threadsafe(deliver, addresses, error)
        except RuntimeError:
            return  # the loop is closed: nobody waits any more

    threading.Thread(target=ask, name=f"look-up of {name}", daemon=True).start()
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await found
    except TimeoutError:
        raise OSError(f"no answer from the name server within {TIMEOUT_S:g} s") from None
