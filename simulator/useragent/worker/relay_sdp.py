"""The worker's part of an RTP relay: the peer is told the relay's ports, and our side believes the peer to be there.

Our own descriptions are changed where PJSIP shows them before they go out. Those of the peer are changed between
PJSIP's parser and its call logic, by a module below the transaction layer; the offer of an incoming INVITE, which
comes before anybody can know of a relay, is changed in the negotiator when the call is answered.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.useragent.sdp import MediaAddress, moved
from simulator.useragent.worker.pjsip import LIBRARY, SdpText, register_module

if TYPE_CHECKING:
    from simulator.useragent.worker.call import SipCall

_BELOW_TRANSACTIONS = 12
"""PJSIP's transport layer has 8, its transaction layer 16."""
_LONGEST = 16_384
"""Bytes from the beginning of PJSIP's receive structure within which its packet lies."""
_CALL_ID = re.compile(rb"\r\n(?:Call-ID|i)[ \t]*:[ \t]*([^\s]+)", re.IGNORECASE)


class _SdpInfo(ctypes.Structure):
    """`pjsip_rdata_sdp_info`, which PJSIP makes once for each message and uses from then on."""

    _fields_ = (
        ("body", ctypes.c_void_p),
        ("body_length", ctypes.c_ssize_t),
        ("error", ctypes.c_int),
        ("sdp", ctypes.c_void_p),
    )


class RelayedDescriptions:
    """Changes the session descriptions that come in for calls with a relay; `call_of` finds a call by its Call-ID.

    Keep this object as long as the endpoint lives, which calls into it.
    """

    def __init__(self, call_of: Callable[[str], SipCall | None]) -> None:
        LIBRARY.pjsip_rdata_get_sdp_info.restype = ctypes.POINTER(_SdpInfo)
        LIBRARY.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
        self._call_of = call_of
        self._module = register_module(
            b"mod-relayed", _BELOW_TRANSACTIONS, on_request=self._received, on_response=self._received
        )

    def _received(self, rdata: int) -> int:
        found = LIBRARY.pjsip_rdata_get_sdp_info(rdata)
        info = found.contents if found else None
        if info is not None and info.error == 0 and info.sdp and 0 < info.body - rdata < _LONGEST:
            self._change(info, ctypes.string_at(rdata, info.body - rdata))
        return 0

    def _change(self, info: _SdpInfo, before_body: bytes) -> None:
        call = self._call_of(_call_id(before_body))
        if call is None or call.relay is None:
            return
        sdp = ctypes.string_at(info.body, info.body_length).decode("utf-8", "replace")
        if MediaAddress.parse(sdp) is None:
            return
        text = SdpText(moved(sdp, call.relay.host, call.relay.inside))
        if text.session is not None:
            info.sdp = text.address
            call.described(sdp, text)


def _call_id(before_body: bytes) -> str:
    """Of the last message whose head is in these bytes."""
    found = _CALL_ID.findall(before_body)
    return found[-1].decode("utf-8", "replace") if found else ""
