"""An incoming call, from the INVITE to its end, as a table: SIP inputs lead to Daily events.

Invariants:

- `dialin-connected` comes first, when the INVITE is accepted and before there is media;
- the participant joins when media is up;
- a call that was accepted ends with exactly one `dialin-stopped` or `dialin-error`, after its participant has left;
- the error of a call whose media never came up has the type `start-failed`;
- a refused call has no events;
- a codec fallback leads to one warning, after the join.

How to drive it: for an INVITE make a `DialInMachine`, and perform what each `feed` returns, in order.

1. Feed `InviteReceived` at once, with the result of `CallAdmission.refusal`.
2. For `Answer` ask the user agent to accept; feed `NegotiationFailed` when it refuses for want of a common codec. Feed
   every notice of the call through `notices.dialin_input`.
3. Feed `StopRequested` for an ejection and the end of the session. The events follow when SIP confirms the end.
4. A call that was answered before it came to the room begins with `MovedIn` instead of `InviteReceived`; feed
   `MovedOut` to a call that is transferred out of the room; its SIP dialog goes on.
5. Hanging up a call that is over is no error. After `Release` the machine ignores every input.

The machine has no clock and does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.events import DialInEvents
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
from fake_daily_server.values.telephony_types import ParticipantType


@dataclass(frozen=True, slots=True)
class DialInPlan:
    """The participant that the call becomes, and the codec that the room prefers."""

    user_name: str
    participant_type: ParticipantType = "sip-dial-in"
    preferred_codec: str | None = None
    """The first entry of `sip.codecs.audio`, or the default; None when every codec is as good."""


class DialInState(Enum):
    """The states of an incoming call."""

    NEW = "new"
    """Before the INVITE is accepted or refused."""
    ANSWERING = "answering"
    """Accepted; the 200 has not been acknowledged yet."""
    CONFIRMED = "confirmed"
    """200 and ACK have been exchanged; there is no media yet."""
    JOINED = "joined"
    """Media is up, and the caller is a participant of the room."""
    ENDING = "ending"
    """Hung up by us; SIP has not confirmed the end yet."""
    DONE = "done"
    """Over and released."""


S = DialInState


def _reject(call: DialInMachine) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


def _connected(call: DialInMachine) -> tuple[Output, ...]:
    return (Publish(call.events.connected()),)


def _join(call: DialInMachine) -> tuple[Output, ...]:
    plan = call.plan
    return (AddParticipant(call.session_id, plan.user_name, plan.participant_type, call.events.user_id),)


def _warn_of_fallback(call: DialInMachine) -> tuple[Output, ...]:
    wanted, media = call.plan.preferred_codec, call.media
    if call.warned or wanted is None or media is None or media.codec == wanted:
        return ()
    return (Publish(call.events.warning(causes.codec_fallback(wanted, media.codec))),)


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
WARN = Action("dialin-warning (on a fallback, once)", _warn_of_fallback)
LEAVE = Action("participant-left (if joined)", _leave)
STOPPED = Action("dialin-stopped", _stopped)
START_FAILED = Action("dialin-error (start-failed)", _start_failed)
ERROR = Action("dialin-error", _error)
HANG_UP: Action[DialInMachine] = Action("hang up", lambda _: (HangUp(),))
RELEASE: Action[DialInMachine] = Action("release", lambda _: (Release(),))

REFUSED: Guard[DialInMachine] = Guard("refused", lambda call: call.refusal is not None)
CALLER_HUNG_UP: Guard[DialInMachine] = Guard(
    "the caller hung up",
    lambda call: (
        call.ended is not None and call.ended.by == "remote" and (call.ended.status < 300 or call.ended.status == 487)
    ),
)
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
_NO_MEDIA_YET: dict[tuple[type[object], ...], str] = {(MovedOut,): "only a call with media can be transferred"}

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
            (Answered, MediaUp, NegotiationFailed): "the call has been hung up; only its end matters",
            (StopRequested,): "the call is being stopped already",
        },
        S.DONE: {
            (
                InviteReceived,
                MovedIn,
                MovedOut,
                Answered,
                MediaUp,
                NegotiationFailed,
                Ended,
                WorkerLost,
                StopRequested,
            ): "the call is over"
        },
    }
)


class DialInMachine(Machine[DialInState, DialInInput]):
    """One incoming call: feed it `DialInInput`s and perform what it returns, in order.

    `state`, `media` and `joined` may be read.
    """

    table = TABLE
    ignored = IGNORED

    def __init__(self, events: DialInEvents, plan: DialInPlan) -> None:
        self.events = events
        self.plan = plan
        self.state = DialInState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure = ""
        self.joined = False
        self.warned = False

    @property
    def session_id(self) -> str:
        """Id of the telephony session, which is also that of its participant."""
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
                self.media = given
            case MovedIn(media=media):
                self.media = media
            case NegotiationFailed(error):
                self.failure = causes.sdp_failed(error)
            case Ended(status, reason):
                self.ended = given
                self.failure = causes.dialin_ended(status, reason, joined=self.joined)
            case WorkerLost(how):
                self.failure = causes.dialin_failed(causes.worker_lost(how))

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case AddParticipant():
                    self.joined = True
                case RemoveParticipant():
                    self.joined = False
                case Publish(event) if event.action == "dialin-warning":
                    self.warned = True
