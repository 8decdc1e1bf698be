"""RTCP of Opus streams at the clock that their RTP has.

PJSIP counts the time of a stream at its sampling rate. The RTP timestamps of Opus run at 48 kHz whatever it samples
(RFC 7587 §4.1), so that at 16 kHz each packet would seem 40 ms late in our reports and statistics.
"""

from __future__ import annotations

import ctypes
import socket

from simulator.useragent.worker.pjsip import LIBRARY

_CLOCK = 48_000
_TIMESTAMP = 4
"""Where an RTP header has it, which a `pjmedia_rtp_session` begins with (RFC 3550 §5.1)."""


class _Sessions(ctypes.Structure):
    """`pjmedia_stream_rtp_sess_info`."""

    _fields_ = (("received_rtp", ctypes.c_void_p), ("sent_rtp", ctypes.c_void_p), ("rtcp", ctypes.c_void_p))


class _Settings(ctypes.Structure):
    """`pjmedia_rtcp_session_setting`; what is zero stays as it is, except the first timestamp."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("clock_rate", ctypes.c_uint),
        ("samples_per_frame", ctypes.c_uint),
        ("decoder_samples_per_frame", ctypes.c_uint),
        ("ssrc", ctypes.c_uint32),
        ("first_timestamp", ctypes.c_uint32),
    )


def count_at_48_khz(stream: int) -> None:
    """Set the clock of a `pjmedia_stream` that has sent nothing yet."""
    sessions = _Sessions()
    LIBRARY.pjmedia_stream_get_rtp_session_info.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    if LIBRARY.pjmedia_stream_get_rtp_session_info(stream, ctypes.byref(sessions)) != 0:
        return
    first = socket.ntohl(ctypes.c_uint32.from_address(sessions.sent_rtp + _TIMESTAMP).value)
    settings = _Settings(clock_rate=_CLOCK, first_timestamp=first)
    LIBRARY.pjmedia_rtcp_update.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    LIBRARY.pjmedia_rtcp_update.restype = None
    LIBRARY.pjmedia_rtcp_update(sessions.rtcp, ctypes.byref(settings))
