"""Hides a peer's `maxplaybackrate` from PJSIP when Opus has no such rate.

PJSIP uses the lower of the peer's `maxplaybackrate` and our own rate for the call's audio. With a rate like 11025 it
finds no codec, and with 7 it divides by zero. RFC 7587 §6.1 makes the parameter a hint, so an unusable one may be
ignored. PJSIP asks whether two formats match whenever it is about to use them, and the callback for that hides it.
"""

from __future__ import annotations

import ctypes
import re

from simulator.useragent.worker.layout.text import PjStr
from simulator.useragent.worker.opus.fmtp import PLAYBACK_RATE
from simulator.useragent.worker.opus.library import RATES
from simulator.useragent.worker.pjsip import LIBRARY

_FORMATS_OFFSET, _FORMAT_SIZE = 48, ctypes.sizeof(PjStr)
"""Where a `pjmedia_sdp_media` has its payload types, after the other fields of the `m=` line."""
_PLAYBACK_RATE = re.compile(rb"(?<![\w-])maxplaybackrate[ \t]*=[ \t]*([^; \t\r\n]*)", re.IGNORECASE)
_MAX_RATE = 48_000

_MATCH = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint
)


class _Attribute(ctypes.Structure):
    """`pjmedia_sdp_attr`."""

    _fields_ = (("name", PjStr), ("value", PjStr))


def register_opus_formats() -> object:
    """Hide unusable rates in all SDP from now on; keep what is returned as long as PJSIP runs."""
    LIBRARY.pjmedia_sdp_media_find_attr2.restype = ctypes.POINTER(_Attribute)
    LIBRARY.pjmedia_sdp_media_find_attr2.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    LIBRARY.pjmedia_sdp_neg_register_fmt_match_cb.argtypes = (ctypes.c_void_p, _MATCH)
    name, match = PjStr.of("opus"), _MATCH(_match)
    status = LIBRARY.pjmedia_sdp_neg_register_fmt_match_cb(ctypes.byref(name), match)
    if status != 0:
        raise RuntimeError(f"PJSIP refused the callback for Opus formats with status {status}")
    return name, match


def find_unusable_rate(fmtp: bytes) -> int | None:
    """Offset of the first `maxplaybackrate` in an `a=fmtp` that Opus cannot have; None when there is none."""
    for found in _PLAYBACK_RATE.finditer(fmtp):
        text = found[1]
        rate = int(text) if text.isdigit() and len(text) <= 5 else 0
        if rate not in RATES and not PLAYBACK_RATE <= rate <= _MAX_RATE:
            return found.start()
    return None


def _match(_pool: int, offer: int, of_offer: int, answer: int, of_answer: int, _option: int) -> int:
    for media, index in ((offer, of_offer), (answer, of_answer)):
        _hide_unusable_rates(media, index)
    return 0


def _hide_unusable_rates(media: int, index: int) -> None:
    found = LIBRARY.pjmedia_sdp_media_find_attr2(media, b"fmtp", media + _FORMATS_OFFSET + index * _FORMAT_SIZE)
    if not found:
        return
    value = found.contents.value
    address = ctypes.c_void_p.from_buffer(value).value
    if not address or value.slen <= 0:
        return
    while (start := find_unusable_rate(ctypes.string_at(address, value.slen))) is not None:
        ctypes.memset(address + start, ord("x"), 1)  # PJSIP ignores "xaxplaybackrate"
