"""The state table of an incoming call, from the INVITE to the end: it translates SIP inputs into Daily events.

Invariants:

- `dialin-connected` is the first event: the INVITE has been accepted, and there is no media yet;
- the participant joins once media is up;
- an accepted call ends with exactly one `dialin-stopped` or `dialin-error`, after its participant has left
  (with the setting `stopped_order`, `telephony/leg.py` reverses these two);
- the `dialin-error` of a call whose media never started has the type `start-failed`;
- a refused call has no events;
- a fallback to another audio codec causes one `dialin-warning`, after the join; one to another video codec one more.

To drive the machine, create a `DialInMachine` for each INVITE, and perform the outputs of each `feed` in order.

1. Feed `InviteReceived` at once, with the result of `CallAdmission.refusal`.
2. On `Answer`, let the user agent accept the call; feed `NegotiationFailed` if it finds no common codec. Convert every
   notice of the call with `notices.dialin_input`, and feed the result.
3. Feed `StopRequested` when the participant is ejected or the room's session ends. The events follow once SIP confirms
   the end of the call.
4. For a call that was answered before it is moved into the room, feed `MovedIn` instead of `InviteReceived`. Feed
   `MovedOut` when a call is transferred out of the room; its SIP dialog continues.
5. Hanging up a call that is over is not an error. After `Release` the machine ignores every input.

The machine has no clock and does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony.events import DialInEvents
from fake_daily_server.telephony.machines.codec_fallback import CodecFallback
from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DialInInput,
    Ended,
    InviteReceived,
    MediaUp,
    MovedIn,
    MovedOut,
    NegotiationFailed,
    Refusal,
    StopRequested,
    VideoUp,
    WorkerLost,
)
from fake_daily_server.telephony.machines.machine import (
    Action,
    Guard,
    Ignored,
    Machine,
    Table,
    Transition,
    ignored_inputs,
)
from fake_daily_server.telephony.machines.outputs import (
    AddParticipant,
    Answer,
    HangUp,
    Output,
    Publish,
    Reject,
    Release,
    RemoveParticipant,
)
from fake_daily_server.telephony.machines.start_failure import failure_of, hung_up_by_caller
from fake_daily_server.values.telephony_types import ParticipantType


@dataclass(frozen=True, slots=True)
class DialInPlan:
    """The participant that the call becomes, and the codecs that the room prefers."""

    user_name: str
    participant_type: ParticipantType = "sip-dial-in"
    preferred_codec: str | None = None
    """The first entry of `sip.codecs.audio`; None if the room prefers no codec."""
    preferred_video_codec: str | None = None
    """The first entry of `sip.codecs.video`; None if the room prefers no codec."""


class DialInState(Enum):
    """The states of an incoming call."""

    NEW = "new"
    """The INVITE has been neither accepted nor refused yet."""
    ANSWERING = "answering"
    """The INVITE has been accepted; the ACK for the 200 has not arrived yet."""
    CONFIRMED = "confirmed"
    """200 and ACK have been exchanged; there is no media yet."""
    JOINED = "joined"
    """Media is up, and the caller is a participant of the room."""
    ENDING = "ending"
    """Hung up by the server; SIP has not confirmed the end yet."""
    DONE = "done"
    """The call is over; every input is ignored."""


S = DialInState


def _reject(call: DialInMachine) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


def _connected(call: DialInMachine) -> tuple[Output, ...]:
    return (Publish(call.events.connected()),)


def _join(call: DialInMachine) -> tuple[Output, ...]:
    plan = call.plan
    return (AddParticipant(call.session_id, plan.user_name, plan.participant_type),)


def _warn_of_fallback(call: DialInMachine) -> tuple[Output, ...]:
    text = call.fallback.warning(call.latest_media)
    return (Publish(call.events.warning(text)),) if text else ()


def _leave(call: DialInMachine) -> tuple[Output, ...]:
    return (RemoveParticipant(call.session_id),) if call.joined else ()


def _stopped(call: DialInMachine) -> tuple[Output, ...]:
    return (Publish(call.events.stopped()),)


def _start_failed(call: DialInMachine) -> tuple[Output, ...]:
    return (Publish(call.events.error(call.failure, start_failed=True)),)


def _error(call: DialInMachine) -> tuple[Output, ...]:
    return (Publish(call.events.error(call.failure, start_failed=False)),)


REJECT = Action("refuse the INVITE", _reject)
CONNECTED = Action("dialin-connected", _connected)
ANSWER: Action[DialInMachine] = Action("answer", lambda _: (Answer(),))
JOIN = Action("participant-joined", _join)
WARN = Action("dialin-warning (on a fallback, once for audio and for video)", _warn_of_fallback)
LEAVE = Action("participant-left (if joined)", _leave)
STOPPED = Action("dialin-stopped", _stopped)
START_FAILED = Action("dialin-error (start-failed)", _start_failed)
ERROR = Action("dialin-error", _error)
HANG_UP: Action[DialInMachine] = Action("hang up", lambda _: (HangUp(),))
RELEASE: Action[DialInMachine] = Action("release", lambda _: (Release(),))

REFUSED: Guard[DialInMachine] = Guard("refused", lambda call: call.refusal is not None)
CALLER_HUNG_UP: Guard[DialInMachine] = Guard("the caller hung up", lambda call: hung_up_by_caller(call.ended))
HUNG_UP: Guard[DialInMachine] = Guard(
    "hung up", lambda call: call.ended is not None and call.ended.status < 300 and call.ended.by != "worker"
)

_MEDIA = (Transition(S.JOINED, (JOIN, WARN)),)
_NEVER_STARTED = (
    Transition(S.DONE, (STOPPED, RELEASE), guard=CALLER_HUNG_UP),
    Transition(S.DONE, (START_FAILED, RELEASE)),
)
_NO_MEDIA = (Transition(S.DONE, (START_FAILED, HANG_UP, RELEASE)),)
_START_LOST = (Transition(S.DONE, (START_FAILED, RELEASE)),)
_HANG_UP = (Transition(S.ENDING, (HANG_UP,)),)
_STOP = (Transition(S.DONE, (LEAVE, STOPPED, RELEASE)),)

TABLE: Table[DialInState, DialInMachine] = MappingProxyType(
    {
        (S.NEW, InviteReceived): (
            Transition(S.DONE, (REJECT, RELEASE), guard=REFUSED),
            Transition(S.ANSWERING, (CONNECTED, ANSWER)),
        ),
        (S.NEW, MovedIn): (Transition(S.JOINED, (CONNECTED, JOIN, WARN)),),
        (S.NEW, Ended): (Transition(S.DONE, (RELEASE,)),),
        (S.NEW, WorkerLost): (Transition(S.DONE, (RELEASE,)),),
        (S.ANSWERING, Answered): (Transition(S.CONFIRMED),),
        (S.ANSWERING, MediaUp): _MEDIA,
        (S.ANSWERING, NegotiationFailed): _NO_MEDIA,
        (S.ANSWERING, Ended): _NEVER_STARTED,
        (S.ANSWERING, WorkerLost): _START_LOST,
        (S.ANSWERING, StopRequested): _HANG_UP,
        (S.CONFIRMED, MediaUp): _MEDIA,
        (S.CONFIRMED, NegotiationFailed): _NO_MEDIA,
        (S.CONFIRMED, Ended): _NEVER_STARTED,
        (S.CONFIRMED, WorkerLost): _START_LOST,
        (S.CONFIRMED, StopRequested): _HANG_UP,
        (S.JOINED, MediaUp): (Transition(S.JOINED, (WARN,)),),
        (S.JOINED, VideoUp): (Transition(S.JOINED, (WARN,)),),
        (S.JOINED, NegotiationFailed): (Transition(S.DONE, (LEAVE, ERROR, HANG_UP, RELEASE)),),
        (S.JOINED, Ended): (
            Transition(S.DONE, (LEAVE, STOPPED, RELEASE), guard=HUNG_UP),
            Transition(S.DONE, (LEAVE, ERROR, RELEASE)),
        ),
        (S.JOINED, WorkerLost): (Transition(S.DONE, (LEAVE, ERROR, RELEASE)),),
        (S.JOINED, StopRequested): _HANG_UP,
        (S.JOINED, MovedOut): _STOP,
        (S.ENDING, Ended): _STOP,
        (S.ENDING, WorkerLost): _STOP,
        (S.ENDING, MovedOut): _STOP,
    }
)

_ONE_INVITE: dict[tuple[type[object], ...], str] = {(InviteReceived, MovedIn): "the INVITE has been received already"}
_NO_MEDIA_YET: dict[tuple[type[object], ...], str] = {
    (MovedOut,): "only a call with media can be transferred",
    (VideoUp,): "video is reported after audio",
}

IGNORED: Ignored[DialInState] = ignored_inputs(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed): "the INVITE has not been answered yet",
            **_NO_MEDIA_YET,
            (StopRequested,): "the INVITE is accepted or refused first; a session that has ended refuses it",
        },
        S.ANSWERING: {**_ONE_INVITE, **_NO_MEDIA_YET},
        S.CONFIRMED: {**_ONE_INVITE, **_NO_MEDIA_YET, (Answered,): "the call has been confirmed already"},
        S.JOINED: {**_ONE_INVITE, (Answered,): "media was up before the ACK arrived"},
        S.ENDING: {
            **_ONE_INVITE,
            (Answered, MediaUp, VideoUp, NegotiationFailed): "the call has been hung up; only its end matters",
            (StopRequested,): "the call is being stopped already",
        },
        S.DONE: {
            (
                InviteReceived,
                MovedIn,
                MovedOut,
                Answered,
                MediaUp,
                VideoUp,
                NegotiationFailed,
                Ended,
                WorkerLost,
                StopRequested,
            ): "the call is over"
        },
    }
)


class DialInMachine(Machine[DialInState, DialInInput]):
    """The machine of one incoming call: feed it `DialInInput`s and perform the outputs it returns, in order.

    `state`, `media` and `joined` may be read.
    """

    title = "Dial-in"
    table = TABLE
    ignored = IGNORED

    def __init__(self, events: DialInEvents, plan: DialInPlan) -> None:
        self.events = events
        self.plan = plan
        self.state = DialInState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.latest_media: MediaUp | VideoUp | None = None
        """What was negotiated last."""
        self.ended: Ended | None = None
        self.failure = ""
        self.joined = False
        self.fallback = CodecFallback(audio=plan.preferred_codec, video=plan.preferred_video_codec)

    @property
    def session_id(self) -> str:
        """Id of the telephony session and of its participant."""
        return self.events.session_id

    @property
    def far_end(self) -> str:
        """The SIP URI of the caller."""
        return self.events.sip_from

    def _remember_input(self, given: DialInInput) -> None:
        match given:
            case InviteReceived(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = self.latest_media = given
            case VideoUp():
                self.latest_media = given
            case MovedIn(media=media):
                self.media = self.latest_media = media
            case Ended():
                self.ended = given
                self.failure = failure_of(given, joined=self.joined)
            case NegotiationFailed() | WorkerLost():
                self.failure = failure_of(given)

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case AddParticipant():
                    self.joined = True
                case RemoveParticipant():
                    self.joined = False
                case Publish(event) if event.action == "dialin-warning":
                    if self.latest_media is not None:
                        self.fallback.warned(self.latest_media)
