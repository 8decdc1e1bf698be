"""The inputs of the machines: SIP notices about a call, requests of the room, expired timers, failures."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.useragent.messages import Headers, Side


@dataclass(frozen=True, slots=True)
class Dialled:
    """The INVITE has been sent; always the first SIP input of a dialled call."""

    sip_call_id: str


@dataclass(frozen=True, slots=True)
class DialFailed:
    """No INVITE could be sent, because of the number, the host or the worker. `error` becomes part of `errorMsg`."""

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
    answered: tuple[str, ...] = ()
    """The codecs in the answer of the peer; empty if the server has answered."""


@dataclass(frozen=True, slots=True)
class VideoUp:
    """Video has been negotiated, for the first time or again. Follows a `MediaUp`."""

    codec: str
    """Encoding name, in upper case."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The SIP call is over. `status` is the final status of the INVITE, or 200 after a BYE."""

    status: int
    reason: str
    """The SIP reason phrase."""
    by: Side
    headers: Headers = ()
    """Header fields of the final response or the BYE, if the peer sent it; otherwise empty."""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The worker process of the call has died; `how` is its signal or exit status."""

    how: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The call is to be ended because of stopDialOut, an ejection, the end of the session, or a reset."""


@dataclass(frozen=True, slots=True)
class RingTimeout:
    """The timer of `StartRingTimer` has expired."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an incoming call is refused: the SIP status, the reason phrase and a human-readable explanation."""

    status: int
    reason: str
    explanation: str

    @property
    def is_busy(self) -> bool:
        """Whether it ends when another call ends."""
        return self.status == 486


@dataclass(frozen=True, slots=True)
class InviteReceived:
    """An INVITE has arrived. `refusal` is the result of `CallAdmission.refusal`; None accepts the call."""

    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class NegotiationFailed:
    """The SDP negotiation has failed: there is no common codec, or the SDP is unusable."""

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
    """The timer of `StartWaitTimer` has expired."""


@dataclass(frozen=True, slots=True)
class RoomCreationFailed:
    """The request to `room_creation_api` was not answered with 200."""

    reason: str


@dataclass(frozen=True, slots=True)
class SoundFinished:
    """A sound that `PlaySound` plays once has ended."""


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
    """The meeting that the caller waits for has started."""


# --- calls to a SIP trunk ---


@dataclass(frozen=True, slots=True)
class RoomMade:
    """The room of the call has been made from the template of the trunk."""


@dataclass(frozen=True, slots=True)
class RoomRefused:
    """No room can be made from the template of the trunk."""

    reason: str


@dataclass(frozen=True, slots=True)
class CallAccepted:
    """The customer's server has answered the announcement of the call with 2xx."""

    refusal: Refusal | None = None
    """Why the room does not take the call; None if it does."""


@dataclass(frozen=True, slots=True)
class NotificationFailed:
    """The customer's server has not accepted the call in time, repeated requests included."""

    reason: str


# --- transfers (RFC 5589: the transferee is transferred to the target) ---


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """A client or the REST API has requested the transfer, and the call can be transferred."""


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
    """Whether the subscription of the REFER is over, so that no further NOTIFY follows."""


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
    | VideoUp
    | Ended
    | WorkerLost
    | StopRequested
    | RingTimeout
    | MovedIn
    | MovedOut
)
DialInInput = (
    InviteReceived
    | Answered
    | MediaUp
    | VideoUp
    | NegotiationFailed
    | Ended
    | WorkerLost
    | StopRequested
    | MovedIn
    | MovedOut
)
_IncomingInput = InviteReceived | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested
HeldCallerInput = _IncomingInput | RoomAssigned | WaitTimeout | RoomCreationFailed | SoundFinished
PinCallerInput = (
    _IncomingInput | DigitReceived | WaitTimeout | RoomFound | EntryRefused | MeetingStarted | SoundFinished
)
TrunkCallInput = (
    InviteReceived
    | RoomMade
    | RoomRefused
    | CallAccepted
    | NotificationFailed
    | Answered
    | MediaUp
    | Ended
    | WorkerLost
    | StopRequested
)
TransferInput = TransferRequested | TargetDialled | TargetAnswered | TargetEnded | TransfereeEnded | StopRequested
ReferInput = TransferRequested | ReferProgress | ReferFailed | TransfereeEnded | StopRequested
