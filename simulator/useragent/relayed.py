"""The worker's part of an RTP relay: the peer is told the relay's ports, and our side believes the peer to be there.

Our own descriptions are changed where PJSIP shows them before they go out. Those of the peer are changed between
PJSIP's parser and its call logic, by a module below the transaction layer; the offer of an incoming INVITE, which
comes before anybody can know of a relay, is changed in the negotiator when the call is answered.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from simulator.useragent.messages import RelayPorts
from simulator.useragent.pjsip import LIBRARY, SdpText, register_module
from simulator.useragent.sdp import MediaAddress, moved

_BELOW_TRANSACTIONS = 12
"""PJSIP's transport layer has 8, its transaction layer 16."""
_LONGEST = 16_384
"""Bytes from the beginning of PJSIP's receive structure within which its packet lies."""


class _SdpInfo(ctypes.Structure):
    """`pjsip_rdata_sdp_info`, which PJSIP makes once for each message and uses from then on."""

    _fields_ = (
        ("body", ctypes.c_void_p),
        ("body_length", ctypes.c_ssize_t),
        ("error", ctypes.c_int),
        ("sdp", ctypes.c_void_p),
    )


class RelayedDescriptions:
    """Changes the session descriptions that come in for calls with a relay.

    `relay_of` tells the relay of a Call-ID, if any; `described` is told what each message really said. Keep this
    object as long as the endpoint lives, which calls into it.
    """

    def __init__(
        self, relay_of: Callable[[str], RelayPorts | None], described: Callable[[str, str, SdpText], None]
    ) -> None:
        LIBRARY.pjsip_rdata_get_sdp_info.restype = ctypes.POINTER(_SdpInfo)
        LIBRARY.pjsip_rdata_get_sdp_info.argtypes = (ctypes.c_void_p,)
        self._relay_of = relay_of
        self._described = described
        self._module = register_module(
            b"mod-relayed", _BELOW_TRANSACTIONS, on_request=self._received, on_response=self._received
        )

    def _received(self, rdata: int) -> int:
        found = LIBRARY.pjsip_rdata_get_sdp_info(rdata)
        info = found.contents if found else None
        if info is None or info.error or not info.sdp:
            return 0
        before = info.body - rdata
        if not 0 < before < _LONGEST:
            return 0
        call_id = _call_id(ctypes.string_at(rdata, before))
        relay = self._relay_of(call_id)
        if relay is None:
            return 0
        sdp = ctypes.string_at(info.body, info.body_length).decode("utf-8", "replace")
        if MediaAddress.parse(sdp) is None:
            return 0
        text = SdpText(moved(sdp, relay.host, relay.inside))
        if text.session is not None:
            info.sdp = ctypes.addressof(text.session)
            self._described(call_id, sdp, text)
        return 0


def _call_id(before_body: bytes) -> str:
    """Of the last message whose head is in these bytes."""
    lines = before_body[before_body.rfind(b"SIP/2.0") :].split(b"\r\n")
    for line in lines:
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"call-id", b"i"):
            return value.strip().decode("utf-8", "replace")
    return ""
