"""ICE (RFC 8445) on loopback only: one UDP socket on 127.0.0.1, no STUN server, no mDNS.

aioice never gathers 127.0.0.1 as a candidate and has no option for it, and aiortc creates the ICE connections itself.
So aioice's class in aiortc is replaced, once, by a function that returns a `LoopbackConnection` for transceivers added
inside `loopback_ice()` and an instance of aioice's own class for all others in this process.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import StunProtocol
from aioice.stun import Message
from aiortc import RTCPeerConnection, rtcicetransport

from simulator.destinations import Destinations

LOOPBACK = "127.0.0.1"

_DESTINATIONS = Destinations()
"""The policy without allowed hosts: a socket on 127.0.0.1 reaches nobody else."""

_loopback_wanted: ContextVar[bool] = ContextVar("loopback_ice", default=False)


class LoopbackConnection(Connection):
    """An ICE connection between two agents on this machine."""

    _close_requested = False

    async def connect(self) -> None:
        """Connect. Raises ConnectionError on failure, and if closed meanwhile: aioice would check consent forever."""
        await super().connect()
        if self._close_requested:
            await super().close()
            raise ConnectionError("closed while it was connecting")

    async def close(self) -> None:
        """Close the socket and end all checks."""
        self._close_requested = True
        await super().close()

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        """Return one candidate, 127.0.0.1, whichever addresses the machine has; the machine may have no other."""
        return await super().get_component_candidates(component, [LOOPBACK], timeout)

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Add a remote candidate unless it belongs to another machine or is a `.local` (mDNS) name.

        Resolving a `.local` name would open a multicast socket; the browser behind it is learned as a peer-reflexive
        candidate from its connectivity checks. The end of candidates (None) is ignored as well: aioice would fail
        before such a check could arrive.
        """
        if remote_candidate is not None and _is_here(remote_candidate.host):
            await super().add_remote_candidate(remote_candidate)

    def check_incoming(self, message: Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Handle a connectivity check; ignores those from other machines, which the bound address already excludes."""
        if _is_here(addr[0]):
            super().check_incoming(message, addr, protocol)


def _is_here(host: str) -> bool:
    """Whether a literal address is one of this machine. Names, also `localhost`, are not: aioice would resolve them."""
    return _DESTINATIONS.address_of(host) == host


@contextlib.contextmanager
def loopback_ice() -> Iterator[None]:
    """Give a `LoopbackConnection` to every transceiver that is added inside the `with` block."""
    if vars(rtcicetransport).get("Connection") is Connection:
        vars(rtcicetransport)["Connection"] = _make_connection
    before = _loopback_wanted.set(True)
    try:
        yield
    finally:
        _loopback_wanted.reset(before)


def _make_connection(*args: Any, **kwargs: Any) -> Connection:
    return (LoopbackConnection if _loopback_wanted.get() else Connection)(*args, **kwargs)


def uses_loopback_only(connection: RTCPeerConnection) -> bool:
    """Whether all transports of a peer connection use loopback: a guard against changes in aiortc's internals."""
    transports = [transceiver.receiver.transport.transport for transceiver in connection.getTransceivers()]
    return bool(transports) and all(isinstance(one._connection, LoopbackConnection) for one in transports)
