"""What can happen to a call, as the machines see it: SIP facts, wishes of the room, timers, accidents."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.useragent.messages import Headers, Side


@dataclass(frozen=True, slots=True)
class Dialled:
    """The INVITE is out; always the first SIP fact of a dialled call."""

    sip_call_id: str


@dataclass(frozen=True, slots=True)
class DialFailed:
    """No INVITE was sent: the number, the host or the line refused it. `error` goes into `errorMsg`."""

    error: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """A provisional response without SDP."""


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """A provisional response with SDP."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The dialog is confirmed: 200 and ACK have passed."""


@dataclass(frozen=True, slots=True)
class MediaUp:
    """Media flows, or was negotiated anew. Comes after the `EarlyMedia` or `Answered` that brought it."""

    codec: str
    """Encoding name, upper case."""
    telephone_event: bool
    """Whether RFC 4733 events were negotiated."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The SIP dialog is over: the final status of the INVITE, or 200 after a BYE."""

    status: int
    reason: str
    by: Side
    headers: Headers = ()
    """Of the final response or the BYE, when the peer sent it."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The process behind the call died; `how` says by what."""

    how: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The room wants the call to end: stopDialOut, an ejection, the end of the session."""


@dataclass(frozen=True, slots=True)
class RingTimeout:
    """The timer of `StartRingTimer` ran out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an incoming call is not let in: the SIP response, and a sentence for the timeline."""

    status: int
    reason: str
    because: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An INVITE came in and was judged; `refusal` is what `admission.admit` said of it."""

    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class NegotiationFailed:
    """Offer and answer have nothing in common, or the SDP is unusable."""

    error: str


DialOutInput = (
    Dialled | DialFailed | Ringing | EarlyMedia | Answered | MediaUp | Ended | WorkerLost | StopRequested | RingTimeout
)
DialInInput = Offered | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested
