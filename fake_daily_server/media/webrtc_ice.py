"""ICE that never leaves this machine: one UDP socket on 127.0.0.1, no STUN, no mDNS.

aioice leaves 127.0.0.1 out and has no option for it, and aiortc makes its connections itself. So the class that
aiortc makes them of is replaced, once, by a choice: ours while a peer connection is made inside `loopback_ice()`,
aioice's own for everybody else in this process.
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

_wanted: ContextVar[bool] = ContextVar("loopback_ice", default=False)


class LoopbackConnection(Connection):
    """A connection between two ends on this machine."""

    _over = False

    async def connect(self) -> None:
        """Raises ConnectionError also when it was closed meanwhile: aioice would ask for consent for ever then."""
        await super().connect()
        if self._over:
            await super().close()
            raise ConnectionError("closed while it was connecting")

    async def close(self) -> None:
        """End it."""
        self._over = True
        await super().close()

    async def get_component_candidates(self, component: int, addresses: list[str], timeout: int = 5) -> list[Candidate]:
        """One candidate, whichever addresses the machine has; it may have none but 127.0.0.1."""
        return await super().get_component_candidates(component, [LOOPBACK], timeout)

    async def add_remote_candidate(self, remote_candidate: Candidate | None) -> None:
        """Drop other machines, and `.local` names: resolving one opens a multicast socket, and nobody needs it.

        The check that a browser sends from behind such a name is learned as peer-reflexive. So the end of
        candidates (None) is no reason to give up before there was time for one.
        """
        if remote_candidate is not None and is_of_this_machine(remote_candidate.host):
            await super().add_remote_candidate(remote_candidate)

    def check_incoming(self, message: Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """Ignore checks that come from elsewhere, which the socket's address rules out already."""
        if is_of_this_machine(addr[0]):
            super().check_incoming(message, addr, protocol)


def is_of_this_machine(host: str) -> bool:
    """Whether an IPv4 address is 127.0.0.1 or of an interface here. False for names, without resolving any."""
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
    """Whatever transceiver is added inside gets a connection of this kind."""
    if vars(rtcicetransport).get("Connection") is Connection:
        vars(rtcicetransport)["Connection"] = _chosen
    before = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(before)


def _chosen(*args: Any, **kwargs: Any) -> Connection:
    return (LoopbackConnection if _wanted.get() else Connection)(*args, **kwargs)


def stays_here(connection: RTCPeerConnection) -> bool:
    """Whether all transports of a peer connection are of this kind: a guard against changes inside aiortc."""
    transports = [transceiver.receiver.transport.transport for transceiver in connection.getTransceivers()]
    return bool(transports) and all(isinstance(one._connection, LoopbackConnection) for one in transports)
