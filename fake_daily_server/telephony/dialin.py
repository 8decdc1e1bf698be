"""An incoming call, from the INVITE to its end, as a table: SIP facts in, Daily happenings out.

What always holds: `dialin-connected` comes first, when the INVITE is accepted and before any media; the
participant joins when media is up; a call that was accepted ends with one `dialin-stopped` or one `dialin-error`,
after the participant has left; an error of a call whose media never came up is `start-failed`; a refused call
has no events at all; a fallback is warned of once, after the join.

How a shell drives it: on an INVITE make a `DialInLeg` and a `DialInSession`, and do what comes back from each
`feed` in order.

1. Feed `Offered` at once, with the verdict of `Admission.judge`.
2. `Answer` asks the user agent to accept; when that is refused for want of a common codec feed
   `NegotiationFailed`. Feed every notice of the call through `notices.dialin_input`.
3. Feed `StopRequested` for ejection and the end of the session. The events come when SIP confirms the end.
4. A call that was answered and held elsewhere comes in with `Arrived` instead of `Offered`; one that is
   transferred out of the room leaves with `TakenAway`, and its SIP dialog goes on.
5. `HangUp` on a call that is over is no error. After `Release` the session ignores everything.

No clock, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.events import DialInLeg
from fake_daily_server.telephony.inputs import (
    Answered,
    Arrived,
    DialInInput,
    Ended,
    MediaUp,
    NegotiationFailed,
    Offered,
    Refusal,
    StopRequested,
    TakenAway,
    WorkerLost,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    Answer,
    HangUp,
    JoinParticipant,
    LeaveParticipant,
    Output,
    Publish,
    Reject,
    Release,
)
from fake_daily_server.values.telephony_types import ParticipantType


@dataclass(frozen=True, slots=True)
class DialInPlan:
    """The participant to be, and the codec the room prefers: the first of `sip.codecs.audio`, None for any."""

    user_name: str
    participant_type: ParticipantType = "sip-dial-in"
    preferred_codec: str | None = None


class DialInState(Enum):
    """Where an incoming call is."""

    NEW = "new"
    """An INVITE came in and was not judged yet."""
    ANSWERING = "answering"
    """Let in; the 200 is on its way."""
    CONFIRMED = "confirmed"
    """200 and ACK have passed; no media yet."""
    JOINED = "joined"
    """Media is up and the caller is in the room."""
    ENDING = "ending"
    """Hung up here; SIP has not confirmed it yet."""
    DONE = "done"
    """Over and released."""


S = DialInState


def _reject(call: DialInSession) -> tuple[Output, ...]:
    return (Reject(call.refusal.status, call.refusal.reason),) if call.refusal else ()


def _connected(call: DialInSession) -> tuple[Output, ...]:
    return (Publish(call.leg.connected()),)


def _join(call: DialInSession) -> tuple[Output, ...]:
    plan = call.plan
    return (JoinParticipant(call.leg.session_id, plan.user_name, plan.participant_type, call.leg.user_id),)


def _warn_of_fallback(call: DialInSession) -> tuple[Output, ...]:
    wanted, media = call.plan.preferred_codec, call.media
    if call.warned or wanted is None or media is None or media.codec == wanted:
        return ()
    return (Publish(call.leg.warning(causes.codec_fallback(wanted, media.codec))),)


def _leave(call: DialInSession) -> tuple[Output, ...]:
    return (LeaveParticipant(call.leg.session_id),) if call.joined else ()


def _stopped(call: DialInSession) -> tuple[Output, ...]:
    return (Publish(call.leg.stopped()),)


def _start_failed(call: DialInSession) -> tuple[Output, ...]:
    return (Publish(call.leg.error(call.failure, start_failed=True)),)


def _error(call: DialInSession) -> tuple[Output, ...]:
    return (Publish(call.leg.error(call.failure, start_failed=False)),)


REJECT = Act("refuse the INVITE", _reject)
CONNECTED = Act("dialin-connected", _connected)
ANSWER: Act[DialInSession] = Act("answer", lambda _: (Answer(),))
JOIN = Act("participant-joined", _join)
WARN = Act("dialin-warning (on a fallback, once)", _warn_of_fallback)
LEAVE = Act("participant-left (if joined)", _leave)
STOPPED = Act("dialin-stopped", _stopped)
START_FAILED = Act("dialin-error (start-failed)", _start_failed)
ERROR = Act("dialin-error", _error)
HANG_UP: Act[DialInSession] = Act("hang up", lambda _: (HangUp(),))
RELEASE: Act[DialInSession] = Act("release", lambda _: (Release(),))

REFUSED: Guard[DialInSession] = Guard("refused", lambda call: call.refusal is not None)
CALLER_GONE: Guard[DialInSession] = Guard(
    "the caller hung up",
    lambda call: (
        call.ended is not None and call.ended.by == "remote" and (call.ended.status < 300 or call.ended.status == 487)
    ),
)
HUNG_UP: Guard[DialInSession] = Guard(
    "hung up", lambda call: call.ended is not None and call.ended.status < 300 and call.ended.by != "worker"
)

_MEDIA = (Arc(S.JOINED, (JOIN, WARN)),)
_NEVER_STARTED = (
    Arc(S.DONE, (STOPPED, RELEASE), when=CALLER_GONE),
    Arc(S.DONE, (START_FAILED, RELEASE)),
)
_NO_MEDIA = (Arc(S.DONE, (START_FAILED, HANG_UP, RELEASE)),)
_START_LOST = (Arc(S.DONE, (START_FAILED, RELEASE)),)
_HANG_UP = (Arc(S.ENDING, (HANG_UP,)),)
_STOP = (Arc(S.DONE, (LEAVE, STOPPED, RELEASE)),)

TABLE: Table[DialInState, DialInSession] = MappingProxyType(
    {
        (S.NEW, Offered): (
            Arc(S.DONE, (REJECT, RELEASE), when=REFUSED),
            Arc(S.ANSWERING, (CONNECTED, ANSWER)),
        ),
        (S.NEW, Arrived): (Arc(S.JOINED, (CONNECTED, JOIN, WARN)),),
        (S.NEW, Ended): (Arc(S.DONE, (RELEASE,)),),
        (S.NEW, WorkerLost): (Arc(S.DONE, (RELEASE,)),),
        (S.ANSWERING, Answered): (Arc(S.CONFIRMED),),
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
        (S.JOINED, MediaUp): (Arc(S.JOINED, (WARN,)),),
        (S.JOINED, NegotiationFailed): (Arc(S.DONE, (LEAVE, ERROR, HANG_UP, RELEASE)),),
        (S.JOINED, Ended): (
            Arc(S.DONE, (LEAVE, STOPPED, RELEASE), when=HUNG_UP),
            Arc(S.DONE, (LEAVE, ERROR, RELEASE)),
        ),
        (S.JOINED, WorkerLost): (Arc(S.DONE, (LEAVE, ERROR, RELEASE)),),
        (S.JOINED, StopRequested): _HANG_UP,
        (S.JOINED, TakenAway): _STOP,
        (S.ENDING, Ended): _STOP,
        (S.ENDING, WorkerLost): _STOP,
        (S.ENDING, TakenAway): _STOP,
    }
)

_OFFERED: dict[tuple[type[object], ...], str] = {(Offered, Arrived): "one INVITE, one offer"}
_NO_MEDIA_YET: dict[tuple[type[object], ...], str] = {(TakenAway,): "only a call with media can be transferred"}

IGNORED: Ignored[DialInState] = ignoring(
    {
        S.NEW: {
            (Answered, MediaUp, NegotiationFailed): "nothing was answered yet",
            **_NO_MEDIA_YET,
            (StopRequested,): "the verdict on the INVITE comes first, and a session that ends refuses it",
        },
        S.ANSWERING: {**_OFFERED, **_NO_MEDIA_YET},
        S.CONFIRMED: {**_OFFERED, **_NO_MEDIA_YET, (Answered,): "confirmed already"},
        S.JOINED: {**_OFFERED, (Answered,): "media was up before the ACK"},
        S.ENDING: {
            **_OFFERED,
            (Answered, MediaUp, NegotiationFailed): "no news of a call that was hung up",
            (StopRequested,): "stopping already",
        },
        S.DONE: {
            (
                Offered,
                Arrived,
                TakenAway,
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


class DialInSession(Machine[DialInState, DialInInput]):
    """One incoming call. `feed` it `DialInInput`s and do what it returns, in order.

    `state`, `media` and `joined` are there to be read.
    """

    table = TABLE
    ignored = IGNORED

    def __init__(self, leg: DialInLeg, plan: DialInPlan) -> None:
        self.leg = leg
        self.plan = plan
        self.state = DialInState.NEW
        self.refusal: Refusal | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure = ""
        self.joined = False
        self.warned = False

    def _learn(self, fact: DialInInput) -> None:
        match fact:
            case Offered(refusal):
                self.refusal = refusal
            case MediaUp():
                self.media = fact
            case Arrived(media=media):
                self.media = media
            case NegotiationFailed(error):
                self.failure = causes.sdp_failed(error)
            case Ended(status, reason):
                self.ended = fact
                self.failure = causes.dialin_ended(status, reason)
            case WorkerLost(how):
                self.failure = causes.dialin_failed(causes.worker_lost(how))

    def _note(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case JoinParticipant():
                    self.joined = True
                case LeaveParticipant():
                    self.joined = False
                case Publish(event) if event.action == "dialin-warning":
                    self.warned = True
