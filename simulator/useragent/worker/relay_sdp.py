"""The peer's SDP of calls through an RTP relay: PJSIP is given the relay's address in place of the peer's.

It is replaced between PJSIP's parser and its call logic, by a module below the transaction layer. Two others are
replaced in `negotiation.py`: our own SDP where PJSIP shows it before sending, and the offer of an incoming INVITE,
which comes before it is known whether there will be a relay, in the negotiator when the call is answered.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable

from simulator.useragent.sdp import MediaAddress, with_media_address
from simulator.useragent.worker.negotiation import Negotiation
from simulator.useragent.worker.pjsip import LIBRARY, register_module
from simulator.useragent.worker.pjsip_sdp import PjSdp

_BELOW_TRANSACTIONS = 12
"""Module priority between PJSIP's transport layer (8) and its transaction layer (16)."""
_RDATA_BYTES = 16_384
"""Bytes from the beginning of a `pjsip_rx_data` within which its packet lies."""
_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i)[ \t]*:[ \t]*([^\s]+)", re.IGNORECASE)


class _SdpInfo(ctypes.Structure):
    """`pjsip_rdata_sdp_info`, which PJSIP makes once for each message and uses ever after."""

    _fields_ = (
        ("body", ctypes.c_void_p),
        ("body_length", ctypes.c_ssize_t),
        ("error", ctypes.c_int),
        ("sdp", ctypes.c_void_p),
    )


class RelaySdpRewriter:
    """A PJSIP module that replaces received SDP for calls with a relay.

    `find` returns the negotiation of the call with a Call-ID. Keep this object as long as the endpoint lives, which
    calls into it.
    """

    def __init__(self, find: Callable[[str], Negotiation | None]) -> None:
        LIBRARY.pjsip_rdata_get_sdp_info.restype = ctypes.POINTER(_SdpInfo)
        LIBRARY.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
        self._find = find
        self._module = register_module(
            b"mod-relay-sdp", _BELOW_TRANSACTIONS, on_request=self._received, on_response=self._received
        )

    def _received(self, rdata: int) -> int:
        found = LIBRARY.pjsip_rdata_get_sdp_info(rdata)
        info = found.contents if found else None
        if info is not None and info.error == 0 and info.sdp and 0 < info.body - rdata < _RDATA_BYTES:
            self._replace(info, ctypes.string_at(rdata, info.body - rdata))
        return 0

    def _replace(self, info: _SdpInfo, before_body: bytes) -> None:
        negotiation = self._find(_last_call_id(before_body))
        if negotiation is None or negotiation.relay is None:
            return
        original = ctypes.string_at(info.body, info.body_length).decode("utf-8", "replace")
        if MediaAddress.parse(original) is None:
            return
        relay = negotiation.relay
        replacement = PjSdp(with_media_address(original, relay.host, relay.inside))
        if replacement.session is not None:
            info.sdp = replacement.address
            negotiation.remote_sdp_replaced(original, replacement)


def _last_call_id(before_body: bytes) -> str:
    """Call-ID of the last message in these bytes, which begin with the structure that holds it."""
    found = _CALL_ID.findall(before_body)
    return found[-1].decode("utf-8", "replace") if found else ""
