"""Messages that PJSIP drops because it cannot parse or use them: they are repaired, refused, or reported.

PJSIP tells of each, with the transport and the bytes. Where a datagram comes from is in the structure that it was
received into, whose packet it still is.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from simulator.sip_bytes import read
from simulator.sip_requests.request import Request
from simulator.useragent.messages import LogLevel
from simulator.useragent.worker.layout.messages import TCP, DroppedData, RxData, Transport
from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.message_repair import Repair, repair
from simulator.useragent.worker.pjsip import LIBRARY, memory_pool
from simulator.useragent.worker.received_form import Rejected, Rejections, Source, screen_bytes, unusable

_BLANK_LINES = 70_020
"""PJ_EIGNORED: line ends before a message."""
_SYNTAX_ERROR = 171_020
"""PJSIP_EINVALIDMSG."""
_INCOMPLETE = 171_021
"""PJSIP_EPARTIALMSG: on a connection the rest of the message is still to come."""
_MAX_BYTES = 4_000


_ON_DROPPED = ctypes.CFUNCTYPE(None, ctypes.POINTER(DroppedData))


class DroppedMessages:
    """Handles what PJSIP is about to drop. Keep this object as long as the endpoint lives, which calls into it.

    `accepts` tells whether messages from a host and port are handled at all.
    """

    def __init__(
        self, rejections: Rejections, accepts: Callable[[str, int], bool], log: Callable[[LogLevel, str], None]
    ) -> None:
        LIBRARY.pjsip_parse_hdr.restype = ctypes.c_void_p
        LIBRARY.pjsip_parse_hdr.argtypes = (
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p,
        )  # fmt: skip
        LIBRARY.pjsip_endpt_get_tpmgr.restype = ctypes.c_void_p
        LIBRARY.pjsip_endpt_get_tpmgr.argtypes = (ctypes.c_void_p,)
        LIBRARY.pjsip_tpmgr_set_drop_data_cb.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        self._rejections = rejections
        self._accepts = accepts
        self._log = log
        self._rest = (0, 0)
        """Address of the bytes that PJSIP reads next, and of the packet that they are in."""
        self._callback = _ON_DROPPED(self._dropped)
        manager = LIBRARY.pjsip_endpt_get_tpmgr(LIBRARY.pjsua_get_pjsip_endpt())
        LIBRARY.pjsip_tpmgr_set_drop_data_cb(manager, self._callback)

    def _dropped(self, dropped: ctypes._Pointer[DroppedData]) -> None:
        try:
            found = dropped.contents
            packet = self._rest[1] if self._rest[0] == found.data else found.data
            if found.status == _BLANK_LINES:
                self._rest = (found.data + found.length, packet)
            elif found.status != _INCOMPLETE and 0 < found.length <= _MAX_BYTES:
                self._handle(found, packet)
        except Exception as error:  # noqa: BLE001  # PJSIP is the caller
            self._log("error", f"a dropped message could not be read: {error!r}")

    def _handle(self, found: DroppedData, packet: int) -> None:
        source = _source(found, packet)
        if not self._accepts(source.host, source.port):
            return
        data = ctypes.string_at(found.data, found.length)
        outcome = _repaired(data, source) if found.status == _SYNTAX_ERROR else _screened(data, source)
        if not isinstance(outcome, Repair):
            self._rejections.received(data, source)
            self._rejections.reject(outcome, data, source)
            return
        self._log("info", f"a message has lines that cannot be parsed: {'; '.join(outcome.removed)}")
        skipped = len(data) - len(outcome.data)
        ctypes.memmove(found.data + skipped, outcome.data, len(outcome.data))
        found.length = skipped
        self._rest = (found.data + skipped, packet)


def _screened(data: bytes, source: Source) -> Rejected:
    request = None if read(data).is_response else screen_bytes(data, source)
    return unusable(data, "the message cannot be used") if request is None or isinstance(request, Request) else request


def _repaired(data: bytes, source: Source) -> Repair | Rejected:
    request = None if read(data).is_response else screen_bytes(data, source)
    if request is not None and not isinstance(request, Request):
        return request
    repaired = repair(data, _parses)
    return repaired if isinstance(repaired, Repair) else unusable(data, repaired.why)


def _source(found: DroppedData, packet: int) -> Source:
    transport = Transport.from_address(found.transport)
    if transport.type == TCP:
        return Source.of_connection(transport)
    rx_data = packet - RxData.packet.offset
    if ctypes.addressof(RxData.from_address(rx_data).transport.contents) != found.transport:
        raise ValueError("its datagram is not where it was received")
    return Source.of_rx_data(rx_data)


def _parses(name: bytes, value: bytes) -> bool:
    text = value + b"\r\n"
    with memory_pool() as pool:
        buffer = ctypes.create_string_buffer(text)  # PJSIP's parser writes into it
        return bool(LIBRARY.pjsip_parse_hdr(pool, ctypes.byref(PjStr.of(name)), buffer, len(text), None))
