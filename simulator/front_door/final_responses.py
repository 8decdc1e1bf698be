"""The final responses that the front door gives by itself to valid requests; `screening` has those to invalid ones."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.sip_methods import ALLOW


@dataclass(frozen=True, slots=True)
class FinalResponse:
    """Status code, reason phrase and additional header fields of a response that ends a call set-up.

    `because` is the cause in words, for the timeline; it is not sent.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    because: str = ""


METHOD_NOT_ALLOWED = FinalResponse(405, "Method Not Allowed", (("Allow", ALLOW),))
"""For a method other than INVITE, CANCEL, OPTIONS and BYE outside a dialog."""
WORKER_SILENT = FinalResponse(408, "Request Timeout: no response from the worker within 2 s")
WORKER_DIED = FinalResponse(480, "Temporarily Unavailable: the worker process died")
CLIENT_SILENT = FinalResponse(408, "Request Timeout: no response from the SIP client within 2 s")
CLIENT_BUSY = FinalResponse(486, "Busy Here")
"""For an INVITE to a SIP client that has as many calls as it may have."""
CLIENTS_BUSY = FinalResponse(503, "Service Unavailable: too many calls to SIP clients", (("Retry-After", "1"),))
UNKNOWN_CALL = FinalResponse(481, "Call/Transaction Does Not Exist")
LOOP_DETECTED = FinalResponse(482, "Loop Detected")
MERGED_REQUEST = FinalResponse(482, "Loop Detected: the same INVITE arrived on another path")
TOO_MANY_HOPS = FinalResponse(483, "Too Many Hops")
REQUEST_TERMINATED = FinalResponse(487, "Request Terminated")
"""For an INVITE that was cancelled before a worker got it."""
OVERLOADED = FinalResponse(503, "Service Unavailable", (("Retry-After", "1"),))
"""For an INVITE that no worker could take in time."""
