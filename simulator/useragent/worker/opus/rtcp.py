"""The clock rate of RTCP for Opus streams.

PJSIP takes the sampling rate of a stream for the clock rate of its RTP timestamps. Those of Opus have 48 kHz whatever
the sampling rate (RFC 7587 §4.1), so that at 16 kHz each packet would seem 40 ms late in our reports and statistics.
"""

from __future__ import annotations

import ctypes
import socket

from simulator.useragent.worker.pjsip import LIBRARY

_CLOCK = 48_000
_TIMESTAMP_OFFSET = 4
"""Offset of the timestamp in an RTP header (RFC 3550 §5.1), with which a `pjmedia_rtp_session` begins."""


class _Sessions(ctypes.Structure):
    """`pjmedia_stream_rtp_sess_info`."""

    _fields_ = (("received_rtp", ctypes.c_void_p), ("sent_rtp", ctypes.c_void_p), ("rtcp", ctypes.c_void_p))


class _Settings(ctypes.Structure):
    """`pjmedia_rtcp_session_setting`; fields that are zero keep their value, except the first timestamp."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("clock_rate", ctypes.c_uint),
        ("samples_per_frame", ctypes.c_uint),
        ("decoder_samples_per_frame", ctypes.c_uint),
        ("ssrc", ctypes.c_uint32),
        ("first_timestamp", ctypes.c_uint32),
    )


def use_48_khz_clock(stream: int) -> None:
    """Set the RTCP clock of a `pjmedia_stream`, given by address, before it has sent anything."""
    sessions = _Sessions()
    LIBRARY.pjmedia_stream_get_rtp_session_info.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    if LIBRARY.pjmedia_stream_get_rtp_session_info(stream, ctypes.byref(sessions)) != 0:
        return
    first = socket.ntohl(ctypes.c_uint32.from_address(sessions.sent_rtp + _TIMESTAMP_OFFSET).value)
    settings = _Settings(clock_rate=_CLOCK, first_timestamp=first)
    LIBRARY.pjmedia_rtcp_update.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    LIBRARY.pjmedia_rtcp_update.restype = None
    LIBRARY.pjmedia_rtcp_update(sessions.rtcp, ctypes.byref(settings))
