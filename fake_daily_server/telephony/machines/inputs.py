"""The inputs of the machines: what SIP reports of a call, what the room requests, timers that ran out, failures."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.useragent.messages import Headers, Side


@dataclass(frozen=True, slots=True)
class Dialled:
    """The INVITE has been sent; always the first SIP input of a dialled call."""

    sip_call_id: str


@dataclass(frozen=True, slots=True)
class DialFailed:
    """No INVITE could be sent, because of the number, the host or the worker. `error` goes into `errorMsg`."""

    error: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """A provisional response without SDP has arrived."""


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """A provisional response with SDP has arrived."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The dialog is confirmed: 200 and ACK have been exchanged."""


@dataclass(frozen=True, slots=True)
class MediaUp:
    """Media has been negotiated, for the first time or again. Follows the `EarlyMedia` or `Answered` that led to it."""

    codec: str
    """Encoding name, in upper case."""
    telephone_event: bool
    """Whether RFC 4733 telephone-events were negotiated."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The SIP call is over: the final status of the INVITE, or 200 after a BYE."""

    status: int
    reason: str
    """The SIP reason phrase."""
    by: Side
    headers: Headers = ()
    """Of the final response or the BYE, when the peer sent it."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The process behind the call died; `how` names the cause of death."""

    how: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The call is to end: because of stopDialOut, an ejection, the end of the session, or a reset."""


@dataclass(frozen=True, slots=True)
class RingTimeout:
    """The timer of `StartRingTimer` has run out."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an incoming call is refused: the SIP status and reason phrase, and an explanation for people."""

    status: int
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class InviteReceived:
    """An INVITE has arrived. `refusal` is the result of `CallAdmission.refusal`; None lets the call in."""

    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class NegotiationFailed:
    """Offer and answer have nothing in common, or the SDP is unusable."""

    error: str


@dataclass(frozen=True, slots=True)
class MovedIn:
    """An answered call, whose media is up, has been moved into the room."""

    sip_call_id: str
    media: MediaUp


@dataclass(frozen=True, slots=True)
class MovedOut:
    """The call has been transferred out of the room; its SIP dialog goes on."""


# --- callers in no room yet ---


@dataclass(frozen=True, slots=True)
class RoomAssigned:
    """pinlessCallUpdate has named a room for the held caller, and the room takes the call."""


@dataclass(frozen=True, slots=True)
class WaitTimeout:
    """The timer of `StartWaitTimer` has run out."""


@dataclass(frozen=True, slots=True)
class RoomCreationFailed:
    """The request to `room_creation_api` was not answered with 200."""

    reason: str


@dataclass(frozen=True, slots=True)
class SoundFinished:
    """A sound that `PlaySound` plays once is over."""


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """The caller has sent a DTMF digit, by whichever method."""

    digit: str


@dataclass(frozen=True, slots=True)
class RoomFound:
    """A room has the code that the caller dialled."""

    live: bool
    """Whether a meeting is in progress in the room."""
    may_wait: bool
    """Whether callers may wait for the meeting (`wait_for_meeting_start`)."""


@dataclass(frozen=True, slots=True)
class EntryRefused:
    """No room has the code, or the room does not take the caller."""

    reason: str


@dataclass(frozen=True, slots=True)
class MeetingStarted:
    """The first participant has joined the room that the caller waits for."""


# --- transfers (RFC 5589: the transferee is transferred to the target) ---


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """A client or the REST API has requested the transfer, and it is possible."""


@dataclass(frozen=True, slots=True)
class TargetDialled:
    """The INVITE to the target has been sent."""


@dataclass(frozen=True, slots=True)
class TargetAnswered:
    """The target has answered."""


@dataclass(frozen=True, slots=True)
class TargetEnded:
    """The call to the target is over, or could not be made."""

    reason: str


@dataclass(frozen=True, slots=True)
class TransfereeEnded:
    """The call that is being transferred is over, or its worker died."""


@dataclass(frozen=True, slots=True)
class ReferProgress:
    """The peer has answered the REFER or sent a NOTIFY about it (RFC 3515)."""

    status: int
    reason: str
    """The SIP reason phrase."""
    final: bool
    """Whether this ends the subscription: no further NOTIFY will come."""


@dataclass(frozen=True, slots=True)
class ReferFailed:
    """The REFER could not be sent, or was not answered."""

    reason: str


DialOutInput = (
    Dialled
    | DialFailed
    | Ringing
    | EarlyMedia
    | Answered
    | MediaUp
    | Ended
    | WorkerLost
    | StopRequested
    | RingTimeout
    | MovedIn
    | MovedOut
)
DialInInput = (
    InviteReceived | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested | MovedIn | MovedOut
)
_IncomingInput = InviteReceived | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested
HeldCallerInput = _IncomingInput | RoomAssigned | WaitTimeout | RoomCreationFailed | SoundFinished
PinCallerInput = (
    _IncomingInput | DigitReceived | WaitTimeout | RoomFound | EntryRefused | MeetingStarted | SoundFinished
)
TransferInput = TransferRequested | TargetDialled | TargetAnswered | TargetEnded | TransfereeEnded | StopRequested
ReferInput = TransferRequested | ReferProgress | ReferFailed | TransfereeEnded | StopRequested
