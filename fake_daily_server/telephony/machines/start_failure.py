"""An incoming call that never had media: whose fault it was, and what its error says. For all incoming machines."""

from __future__ import annotations

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.machines.inputs import Ended, NegotiationFailed, WorkerLost


def hung_up_by_caller(ended: Ended | None) -> bool:
    """Whether the caller ended the call with a BYE or a CANCEL, which is no error."""
    return ended is not None and ended.by == "remote" and (ended.status < 300 or ended.status == 487)


def failure_of(given: NegotiationFailed | Ended | WorkerLost, *, joined: bool = False) -> str:
    """The `errorMsg` of an input that ends a call with an error, once it had joined or before."""
    match given:
        case NegotiationFailed(error):
            return causes.sdp_failed(error)
        case Ended(status, reason):
            return causes.dialin_ended(status, reason, joined=joined)
        case WorkerLost(how):
            return causes.dialin_failed(causes.worker_lost(how))
