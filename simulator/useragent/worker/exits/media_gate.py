"""The exit of RTP and RTCP: a stream of PJSIP sends only when packets may go to its peer.

With a relay that peer is the relay, which asks for the addresses of the call itself. PJMEDIA has one table of functions
for all its UDP transports; the one that takes a stream's addresses is replaced in it. A stream whose peer is refused
gets a table in which the functions that send do nothing: PJSIP aborts when a stream cannot be attached.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable
from typing import Any

from simulator.destinations import HELD, Destinations
from simulator.useragent.worker.layout.addresses import SocketAddress
from simulator.useragent.worker.layout.media import (
    ATTACH,
    DESTROY,
    FIXED_REMOTE_ADDRESS,
    SEND,
    SEND_TO,
    AttachParameters,
    MediaTransportOperations,
    UdpMediaTransport,
)


class MediaGate:
    """Lets streams to refused addresses send nothing; all others go on sending to the address that they began with.

    `operations` is the address of PJMEDIA's table of functions; `refused` is called with host, port and cause, `used`
    with each transport that gets a stream, and `closed` with each whose sockets are closed. Keep this object as long as
    PJSIP runs, which calls into it.
    """

    def __init__(
        self,
        operations: ctypes.c_void_p,
        destinations: Destinations,
        refused: Callable[[str, int, str], None],
        *,
        used: Callable[[int], None],
        closed: Callable[[int], None],
    ) -> None:
        self._used = used
        self._closed = closed
        self._destinations = destinations
        self._refused = refused
        table = MediaTransportOperations.from_address(operations.value or 0)
        self._sending = ctypes.pointer(table)
        self._attach = ATTACH(ctypes.cast(table.attach, ctypes.c_void_p).value or 0)
        self._replacement = ATTACH(self._attach_stream)
        table.attach = self._replacement
        self._destroy = DESTROY(ctypes.cast(table.destroy, ctypes.c_void_p).value or 0)
        self._counted_destroy = DESTROY(self._destroy_transport)
        table.destroy = self._counted_destroy
        without_rtcp = MediaTransportOperations.from_buffer_copy(table)
        without_rtcp.send_rtcp = SEND(lambda transport, packet, size: 0)
        without_rtcp.send_rtcp_to = SEND_TO(lambda transport, to, length, packet, size: 0)
        silent = MediaTransportOperations.from_buffer_copy(without_rtcp)
        silent.send_rtp = SEND(lambda transport, packet, size: 0)
        self._without_rtcp, self._silent = ctypes.pointer(without_rtcp), ctypes.pointer(silent)

    def _destroy_transport(self, transport: int) -> int:
        self._closed(transport)
        return int(self._destroy(transport))

    def _attach_stream(self, transport: int, parameters: int) -> int:
        self._used(transport)
        taken = UdpMediaTransport.from_address(transport)
        taken.operations = self._silent
        with contextlib.suppress(Exception):  # nothing may be sent when the policy could not be asked
            taken.operations = self._table_for(AttachParameters.from_address(parameters))
        taken.options |= FIXED_REMOTE_ADDRESS
        return int(self._attach(transport, parameters))

    def _table_for(self, wanted: AttachParameters) -> Any:
        if not self._permits(wanted.rtp):
            return self._silent
        return self._sending if not wanted.rtcp.family or self._permits(wanted.rtcp) else self._without_rtcp

    def _permits(self, to: SocketAddress) -> bool:
        because = self._destinations.refusal(to.host)
        if because is not None and to.host != HELD:
            self._refused(to.host, to.port_number, because)
        return because is None
