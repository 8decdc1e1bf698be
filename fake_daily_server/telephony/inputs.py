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


@dataclass(frozen=True, slots=True)
class Arrived:
    """An answered call comes into the room from where it was held, its media up."""

    sip_call_id: str
    media: MediaUp


@dataclass(frozen=True, slots=True)
class TakenAway:
    """The call goes on, but not in this room: it is transferred."""


# --- of callers who are in no room yet ---


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody has said to which room the held call goes, and the room takes it."""


@dataclass(frozen=True, slots=True)
class HoldTimeout:
    """The timer of `StartHoldTimer` ran out."""


@dataclass(frozen=True, slots=True)
class RoomNotMade:
    """The server that was asked for a room did not answer with 200; `because` says how not."""

    because: str


@dataclass(frozen=True, slots=True)
class SoundOver:
    """What `PlaySound` was told to play once is over."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller has pressed a key, by whatever method."""

    key: str


@dataclass(frozen=True, slots=True)
class RoomFound:
    """A room has the code. `live`: somebody is in it; `waits`: callers may wait for that."""

    live: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The caller cannot go to a room: none has the code, or it does not take the caller."""

    because: str


@dataclass(frozen=True, slots=True)
class MeetingStarted:
    """The first participant has come into the room that the caller waits for."""


# --- of transfers ---


@dataclass(frozen=True, slots=True)
class Asked:
    """The transfer was asked for and found possible."""


@dataclass(frozen=True, slots=True)
class TargetDialled:
    """The INVITE to the target is out."""


@dataclass(frozen=True, slots=True)
class TargetAnswered:
    """The target picked up."""


@dataclass(frozen=True, slots=True)
class TargetOver:
    """The call to the target is over, or could not be made; `because` says why."""

    because: str


@dataclass(frozen=True, slots=True)
class CallerOver:
    """The call that is transferred is over, or its worker died."""


@dataclass(frozen=True, slots=True)
class ReferNews:
    """What the peer says of our REFER: its own response, then each NOTIFY. `final` ends the subscription."""

    status: int
    reason: str
    final: bool


@dataclass(frozen=True, slots=True)
class ReferFailed:
    """The REFER could not be sent, or nobody answered it."""

    because: str


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
    | Arrived
    | TakenAway
)
DialInInput = (
    Offered | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested | Arrived | TakenAway
)
_IncomingInput = Offered | Answered | MediaUp | NegotiationFailed | Ended | WorkerLost | StopRequested
HeldInput = _IncomingInput | Claimed | HoldTimeout | RoomNotMade | SoundOver
PinInput = _IncomingInput | Pressed | HoldTimeout | RoomFound | NoRoom | MeetingStarted | SoundOver
TransferInput = Asked | TargetDialled | TargetAnswered | TargetOver | CallerOver | StopRequested
ReferInput = Asked | ReferNews | ReferFailed | CallerOver | StopRequested
