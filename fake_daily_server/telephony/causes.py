"""The causes that final SIP statuses stand for, and the texts of `errorMsg` that contain them.

| SIP status | cause |
|---|---|
| 404, 410, 604 | unallocated number |
| 400, 414, 416, 484, 485 | unusable address |
| 401, 402, 403, 407 | not allowed |
| 486, 600 | busy |
| 603 | declined |
| 408, 480 | no answer |
| 487 | cancelled |
| 415, 488, 606 | no common codec |
| 482, 483 and every 5xx | network failure |
| 3xx | moved, and redirection is not followed |
| all others | refused |
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NO_COMMON_CODEC = "no common codec"
NETWORK_FAILURE, MOVED, REFUSED = "network failure", "moved, and redirection is not followed", "refused"

CAUSES: Mapping[int, str] = MappingProxyType(
    {
        400: "unusable address",
        401: "not allowed",
        402: "not allowed",
        403: "not allowed",
        404: "unallocated number",
        407: "not allowed",
        408: "no answer",
        410: "unallocated number",
        414: "unusable address",
        415: NO_COMMON_CODEC,
        416: "unusable address",
        480: "no answer",
        482: NETWORK_FAILURE,
        483: NETWORK_FAILURE,
        484: "unusable address",
        485: "unusable address",
        486: "busy",
        487: "cancelled",
        488: NO_COMMON_CODEC,
        600: "busy",
        603: "declined",
        604: "unallocated number",
        606: NO_COMMON_CODEC,
    }
)

ALL_CAUSES: tuple[str, ...] = tuple(dict.fromkeys((*CAUSES.values(), NETWORK_FAILURE, MOVED, REFUSED)))
"""Every cause that a final status can stand for."""


def cause(status: int) -> str:
    """The cause behind a final SIP status, in a few lower-case words."""
    if status in CAUSES:
        return CAUSES[status]
    if 500 <= status < 600:
        return NETWORK_FAILURE
    if 300 <= status < 400:
        return MOVED
    return REFUSED


def sip_failure(status: int, reason: str) -> str:
    """Describe a failed call in one line: status, reason phrase and cause, such as `486 Busy Here (busy)`."""
    return f"{status} {reason} ({cause(status)})" if reason else f"{status} ({cause(status)})"


def lost_call(status: int, reason: str) -> str:
    """An answered call that ended with a failure status, in one line: a 408 is no missing answer to the call then."""
    return f"{status} {reason} (the peer no longer responds)" if status == 408 else sip_failure(status, reason)


def dialout_failed(reason: str) -> str:
    """`errorMsg` of `dialout-error`, with the prefix that Daily documents."""
    return f"DialOut failed with error: {reason}"


def dialin_failed(reason: str) -> str:
    """`errorMsg` of `dialin-error`."""
    return f"DialIn failed with error: {reason}"


def sdp_failed(reason: str) -> str:
    """`errorMsg` of `dialin-error` if the SDP negotiation has failed."""
    return f"SDP negotiation failed: {reason}"


def dialin_ended(status: int, reason: str, *, joined: bool = False) -> str:
    """`errorMsg` of `dialin-error` for a call that ended with a failure status, once it had joined or before."""
    failure = lost_call(status, reason) if joined else sip_failure(status, reason)
    return sdp_failed(failure) if cause(status) == NO_COMMON_CODEC else dialin_failed(failure)


def worker_lost(how: str) -> str:
    """The cause of a call whose worker process died; `how` is the signal or exit status of the process."""
    return f"process error, SIP worker lost ({how})"


def codec_fallback(wanted: str, got: str) -> str:
    """`errorMsg` of a warning about a codec fallback; it begins as Daily documents."""
    return f"Requested codec unavailable, using fallback ({wanted} was asked for, {got} is used)"
