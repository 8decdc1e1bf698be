"""ICE (RFC 8445) on loopback only: one UDP socket on 127.0.0.1, no STUN server, no mDNS.

aioice never gathers 127.0.0.1 as a candidate and has no option for it, and aiortc creates the ICE connections itself.
So aioice's class in aiortc is replaced, once, by a function that returns a `LoopbackConnection` for transceivers added
inside `loopback_ice()` and an instance of aioice's own class for all others in this process.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from aioice import Candidate, Connection
from aioice.ice import StunProtocol
from aioice.stun import Message
from aiortc import RTCPeerConnection, rtcicetransport

LOOPBACK = "127.0.0.1"

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
        if remote_candidate is not None and is_local_address(remote_candidate.host):
            await super().add_remote_candidate(remote_candidate)

    def check_incoming(self, message: Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Handle a connectivity check; ignores those from other machines, which the bound address already excludes."""
        if is_local_address(addr[0]):
            super().check_incoming(message, addr, protocol)


def is_local_address(host: str) -> bool:
    """Whether `host` is 127.0.0.1 or the IPv4 address of an interface of this machine. Names are never resolved."""
    if host == LOOPBACK:
        return True
    try:
        packed = socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    if packed[0] == 0 or packed[0] >= 224:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


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
