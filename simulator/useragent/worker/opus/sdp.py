"""Peers whose `a=fmtp` would lead PJSIP to a sampling rate that no Opus decoder has.

PJSIP takes the lower of the peer's `maxplaybackrate` and our own rate for the sound of the call. With a rate like 11025
there is no codec for it, and with 7 it divides by zero. RFC 7587 §6.1 has the parameter as a hint, so such a one is
passed over. PJSIP asks for a match of formats whenever it is about to use them, which is where it can be made to.
"""

from __future__ import annotations

import ctypes
import re

from simulator.useragent.worker.opus.fmtp import PLAYBACK_RATE
from simulator.useragent.worker.opus.library import RATES
from simulator.useragent.worker.pjsip import LIBRARY, Str

_FORMATS, _STRING = 48, ctypes.sizeof(Str)
"""Where a `pjmedia_sdp_media` has its payload types, after the other parts of the `m=` line."""
_PLAYBACK_RATE = re.compile(rb"(?<![\w-])maxplaybackrate[ \t]*=[ \t]*([^; \t\r\n]*)", re.IGNORECASE)
_HIGHEST = 48_000

_MATCH = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint
)


class _Attribute(ctypes.Structure):
    """`pjmedia_sdp_attr`."""

    _fields_ = (("name", Str), ("value", Str))


def register_opus_formats() -> object:
    """See to the rates of all descriptions from now on; keep what is returned as long as PJSIP runs."""
    LIBRARY.pjmedia_sdp_media_find_attr2.restype = ctypes.POINTER(_Attribute)
    LIBRARY.pjmedia_sdp_media_find_attr2.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    LIBRARY.pjmedia_sdp_neg_register_fmt_match_cb.argtypes = (ctypes.c_void_p, _MATCH)
    name, match = Str(b"opus", 4), _MATCH(_match)
    status = LIBRARY.pjmedia_sdp_neg_register_fmt_match_cb(ctypes.byref(name), match)
    if status != 0:
        raise RuntimeError(f"PJSIP refused to ask about Opus formats: {status}")
    return name, match


def unusable_rate(fmtp: bytes) -> int | None:
    """Where in an `a=fmtp` a `maxplaybackrate` begins that must not be followed; None when there is none."""
    for found in _PLAYBACK_RATE.finditer(fmtp):
        text = found[1]
        rate = int(text) if text.isdigit() and len(text) <= 5 else 0
        if rate not in RATES and not PLAYBACK_RATE <= rate <= _HIGHEST:
            return found.start()
    return None


def _match(_pool: int, offer: int, of_offer: int, answer: int, of_answer: int, _option: int) -> int:
    for media, index in ((offer, of_offer), (answer, of_answer)):
        _see_to(media, index)
    return 0


def _see_to(media: int, index: int) -> None:
    found = LIBRARY.pjmedia_sdp_media_find_attr2(media, b"fmtp", media + _FORMATS + index * _STRING)
    if not found:
        return
    value = found.contents.value
    address = ctypes.c_void_p.from_buffer(value).value
    if not address or value.slen <= 0:
        return
    while (start := unusable_rate(ctypes.string_at(address, value.slen))) is not None:
        ctypes.memset(address + start, ord("x"), 1)  # "xaxplaybackrate" is unknown to PJSIP
