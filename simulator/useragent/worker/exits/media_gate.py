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
from simulator.useragent.worker.exits.layout import (
    ATTACH,
    DESTROY,
    FIXED_REMOTE_ADDRESS,
    SEND,
    SEND_TO,
    SOCKET_ADDRESS_BYTES,
    UDP_MEDIA,
    AttachParameters,
    LayoutMismatch,
    MediaTransportOperations,
    SocketAddress,
    UdpMediaTransport,
)
from simulator.useragent.worker.pjsip import LIBRARY, PjStr

_AUDIO = 1
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t)


class MediaGate:
    """Silences streams to addresses outside the policy, and keeps streams at the address that they began with.

    `refused` is called with host, port and cause, `used` with each transport that gets a stream, and `closed` with each
    whose sockets are closed. A transport is opened on one of `ports` for a moment, to check
    PJMEDIA's structures. Raises LayoutMismatch. Keep this object as long as PJSIP runs, which calls into it.
    """

    def __init__(
        self,
        destinations: Destinations,
        refused: Callable[[str, int, str], None],
        *,
        used: Callable[[int], None],
        closed: Callable[[int], None],
        host: str,
        ports: range,
    ) -> None:
        self._used = used
        self._closed = closed
        self._destinations = destinations
        self._refused = refused
        address = _open_transport(host, ports)
        transport = UdpMediaTransport.from_address(address)
        # A pointer of its own: the one in the transport is gone with the transport.
        operations = MediaTransportOperations.from_address(ctypes.addressof(transport.operations.contents))
        self._sending = ctypes.pointer(operations)
        try:
            _check_layout(address, transport)
            self._attach = ATTACH(ctypes.cast(operations.attach, ctypes.c_void_p).value or 0)
            self._replacement = ATTACH(self._attach_stream)
            operations.attach = self._replacement
        finally:
            operations.destroy(address)
        self._destroy = DESTROY(ctypes.cast(operations.destroy, ctypes.c_void_p).value or 0)
        self._counted_destroy = DESTROY(self._destroy_transport)
        operations.destroy = self._counted_destroy
        without_rtcp = MediaTransportOperations.from_buffer_copy(operations)
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


def _open_transport(host: str, ports: range) -> int:
    LIBRARY.pjsua_get_pjmedia_endpt.restype = ctypes.c_void_p
    create = LIBRARY.pjmedia_transport_udp_create3
    create.argtypes = (
        ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(PjStr), ctypes.c_int, ctypes.c_uint,
        ctypes.c_void_p,
    )  # fmt: skip
    made = ctypes.c_void_p()
    text = PjStr(host.encode(), len(host))
    for port in ports:
        endpoint = LIBRARY.pjsua_get_pjmedia_endpt()
        if create(endpoint, 2, b"layout%p", text, port, 0, ctypes.byref(made)) == 0 and made.value:
            return made.value
    raise OSError(f"no pair of UDP ports from {ports.start} to {ports.stop} of {host} is free")


def _check_layout(address: int, transport: UdpMediaTransport) -> None:
    """Attach a stream that does not exist, and look for its addresses in the transport."""
    if transport.type != UDP_MEDIA or transport.options != 0 or not transport.name.startswith(b"layout"):
        raise LayoutMismatch("pjmedia_transport")
    rtp, rtcp = SocketAddress.of("127.0.0.1", 4660), SocketAddress.of("127.0.0.2", 22136)
    ignore = _CALLBACK(lambda user, packet, size: None)
    callback = ctypes.cast(ignore, ctypes.c_void_p).value or 0
    callbacks = (ctypes.c_void_p * 3)(callback, callback, None)
    wanted = AttachParameters(
        media_type=_AUDIO, rtp=rtp, rtcp=rtcp, address_length=SOCKET_ADDRESS_BYTES, user_data=address,
        callbacks=callbacks,
    )  # fmt: skip
    if transport.operations.contents.attach(address, ctypes.byref(wanted)) != 0:
        raise LayoutMismatch("pjmedia_transport_op")
    found = [(to.family, to.host, to.port_number) for to in (transport.rtp, transport.rtcp)]
    if found != [(2, "127.0.0.1", 4660), (2, "127.0.0.2", 22136)] or transport.attached_user_data != address:
        raise LayoutMismatch(f"pjmedia_transport_attach_param (found {found})")
