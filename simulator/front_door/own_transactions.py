"""Requests of the front door itself that are answered: non-INVITE client transactions (RFC 3261 §17.1.2)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable

from simulator.front_door.proxy_address import MAGIC_COOKIE
from simulator.sip_bytes import Message, read
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.sip_requests.request import top_via

BRANCH = MAGIC_COOKIE + b"-by-door-"
"""Prefix of the branch in these requests."""
_T1, _T2 = 0.5, 4.0
"""The first and the longest interval of retransmissions over UDP, in seconds."""


class Unanswered(Exception):
    """A request got no final response; the text says why."""


class OwnTransactions:
    """Sends requests through the front door, repeats them over UDP, and returns their final responses.

    `send` sends messages; `via_line` makes the Via line of a branch and a transport.
    """

    def __init__(self, send: Callable[[Iterable[Outgoing]], None], via_line: Callable[[bytes, Hop], bytes]) -> None:
        self._send = send
        self._via_line = via_line
        self._pending: dict[bytes, asyncio.Future[tuple[Message, Hop]]] = {}

    async def request(self, compose: Callable[[bytes], bytes], hop: Hop, *, within: float) -> tuple[Message, Hop]:
        """Send the request that `compose` makes with a Via line; return its final response, and where that came from.

        Raises Unanswered after `within` seconds, and when no connection to the peer can be made.
        """
        branch = BRANCH + secrets.token_hex(10).encode()
        data = compose(self._via_line(branch, hop))
        answered: asyncio.Future[tuple[Message, Hop]] = asyncio.get_running_loop().create_future()
        self._pending[branch] = answered
        repeating = asyncio.create_task(self._repeat(data, hop), name="retransmissions of a request")
        try:
            async with asyncio.timeout(within):
                return await answered
        except TimeoutError:
            raise Unanswered(f"{hop} did not answer within {within:g} s") from None
        finally:
            repeating.cancel()
            del self._pending[branch]

    async def _repeat(self, data: bytes, hop: Hop) -> None:
        """Send a request at once, and over UDP again and again."""
        interval = _T1
        self._send([(data, hop)])
        while hop.connection is None:
            await asyncio.sleep(interval)
            self._send([(data, hop)])
            interval = min(2 * interval, _T2)

    def take(self, data: bytes, source: Hop) -> bool:
        """Take a response to one of these requests; whether it was one."""
        if not self._pending or not data.startswith(b"SIP/2.0 "):
            return False
        message = read(data)
        answered = self._find(message)
        if answered is None:
            return False
        status = message.start[8:11]
        if status.isdigit() and int(status) >= 200 and not answered.done():
            answered.set_result((message, source))
        return True

    def failed(self, data: bytes, hop: Hop) -> bool:
        """No connection could be made for a message; whether it was one of these requests."""
        answered = self._find(read(data)) if self._pending else None
        if answered is not None and not answered.done():
            answered.set_exception(Unanswered(f"no connection to {hop} could be made"))
        return answered is not None

    def _find(self, message: Message) -> asyncio.Future[tuple[Message, Hop]] | None:
        via = top_via(message)
        return None if via is None else self._pending.get(via.get(b"branch") or b"")
