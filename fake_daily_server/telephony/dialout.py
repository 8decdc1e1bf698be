"""A dialled call, from the request to its end, as a table: SIP facts in, Daily happenings out.

What always holds: `dialout-connected` comes before `dialout-answered`, even when the far end answers without
ringing; early media counts as ringing; a call ends with one `dialout-stopped` or one `dialout-error`, after the
participant has left; a call that never connected has no participant; a fallback is warned of once.

How a shell drives it: make a `DialOutSession`, do what comes back from each `feed` in order.

1. Resolve the target and dial. Feed `DialFailed` when nothing could be sent, else `Dialled` before any other
   notice of the call, then every notice through `notices.dialout_input`.
2. Feed `StopRequested` for stopDialOut, ejection and the end of the session, at any moment, and `RingTimeout`
   when the timer of `StartRingTimer` runs out. The events of a stop come when SIP confirms the end.
3. `HangUp` may come twice (an answer that crosses a CANCEL needs a BYE): a call that is over is no error there.
4. A call that is transferred out of the room leaves with `TakenAway`, and its SIP dialog goes on; one that comes
   back begins a new session with `Arrived`.
5. After `Release` the session ignores everything.

No clock, no I/O: the ring timer and the wait before an extension belong to the shell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.addresses import x_headers
from fake_daily_server.telephony.events import DialOutLeg
from fake_daily_server.telephony.inputs import (
    Answered,
    Arrived,
    DialFailed,
    Dialled,
    DialOutInput,
    EarlyMedia,
    Ended,
    MediaUp,
    Ringing,
    RingTimeout,
    StopRequested,
    TakenAway,
    WorkerLost,
)
from fake_daily_server.telephony.machine import Act, Arc, Guard, Ignored, Machine, Table, ignoring
from fake_daily_server.telephony.outputs import (
    DialExtension,
    HangUp,
    JoinParticipant,
    LeaveParticipant,
    Output,
    Publish,
    Release,
    StartRingTimer,
    StopRingTimer,
)
from fake_daily_server.values.telephony_types import ParticipantType


@dataclass(frozen=True, slots=True)
class DialOutRules:
    """What Daily leaves open, as settings.

    `ring_timeout_s` counts from the INVITE to the answer. A final status of `no_answer_statuses` after ringing
    is no failure: the call stops as if nobody had picked up.
    """

    ring_timeout_s: float = 60
    join_after: Literal["connected", "answered", "never"] = "connected"
    """`never` is for the far side of a transfer, which is in no room."""
    no_answer_statuses: frozenset[int] = frozenset({408, 480, 487})


@dataclass(frozen=True, slots=True)
class DialOutPlan:
    """What was asked for: the participant to be, the codec it prefers, the extension to dial."""

    user_name: str
    participant_type: ParticipantType
    preferred_codec: str
    """First entry of `codecs.audio`, or its default."""
    extension: str | None = None
    wait_before_extension_s: float = 0


class DialOutState(Enum):
    """Where a dialled call is."""

    NEW = "new"
    """Asked for, nothing sent yet."""
    ABANDONED = "abandoned"
    """Stopped before anything was sent."""
    DIALLING = "dialling"
    """The INVITE is out; nothing but 100 came back."""
    RINGING = "ringing"
    """Connected, in Daily's word."""
    ANSWERED = "answered"
    """The far end picked up."""
    ENDING = "ending"
    """Hung up here; SIP has not confirmed it yet."""
    GIVING_UP = "giving up"
    """Never rang within the time; hung up here, not confirmed yet."""
    DONE = "done"
    """Over and released."""


S = DialOutState


def _connected(call: DialOutSession) -> tuple[Output, ...]:
    return (Publish(call.leg.connected(call.known_call_id)),)


def _join_at(moment: Literal["connected", "answered"]) -> Act[DialOutSession]:
    def join(call: DialOutSession) -> tuple[Output, ...]:
        if call.rules.join_after != moment:
            return ()
        plan = call.plan
        return (JoinParticipant(call.leg.session_id, plan.user_name, plan.participant_type, call.leg.user_id),)

    return Act(f"participant-joined (if set to follow {moment})", join)


def _answered(call: DialOutSession) -> tuple[Output, ...]:
    return (Publish(call.leg.answered(call.known_call_id)),)


def _dial_extension(call: DialOutSession) -> tuple[Output, ...]:
    if call.plan.extension is None:
        return ()
    return (DialExtension(call.plan.wait_before_extension_s, call.plan.extension),)


def _warn_of_fallback(call: DialOutSession) -> tuple[Output, ...]:
    wanted, media = call.plan.preferred_codec, call.media
    if call.warned or media is None or media.codec == wanted:
        return ()
    return (Publish(call.leg.warning(causes.codec_fallback(wanted, media.codec), call.sip_call_id)),)


def _leave(call: DialOutSession) -> tuple[Output, ...]:
    return (LeaveParticipant(call.leg.session_id),) if call.joined else ()


def _stopped(call: DialOutSession) -> tuple[Output, ...]:
    return (Publish(call.leg.stopped(call.sip_call_id)),)


def _error(call: DialOutSession) -> tuple[Output, ...]:
    headers = x_headers(call.ended.headers) if call.ended else None
    return (Publish(call.leg.error(causes.dialout_failed(call.failure), call.sip_call_id, headers)),)


def _never_rang(call: DialOutSession) -> tuple[Output, ...]:
    why = causes.sip_failure(408, "Request Timeout")
    return (Publish(call.leg.error(causes.dialout_failed(why), call.sip_call_id)),)


CONNECTED = Act("dialout-connected", _connected)
JOIN_CONNECTED = _join_at("connected")
JOIN_ANSWERED = _join_at("answered")
ANSWERED = Act("dialout-answered", _answered)
EXTENSION = Act("dial the extension (if any)", _dial_extension)
WARN = Act("dialout-warning (on a fallback, once)", _warn_of_fallback)
LEAVE = Act("participant-left (if joined)", _leave)
STOPPED = Act("dialout-stopped", _stopped)
ERROR = Act("dialout-error", _error)
NEVER_RANG = Act("dialout-error (no answer)", _never_rang)
HANG_UP: Act[DialOutSession] = Act("hang up", lambda _: (HangUp(),))
START_TIMER: Act[DialOutSession] = Act(
    "start the ring timer", lambda call: (StartRingTimer(call.rules.ring_timeout_s),)
)
STOP_TIMER: Act[DialOutSession] = Act("stop the ring timer", lambda _: (StopRingTimer(),))
RELEASE: Act[DialOutSession] = Act("release", lambda _: (Release(),))

NO_ANSWER: Guard[DialOutSession] = Guard(
    "no answer", lambda call: call.ended is not None and call.ended.status in call.rules.no_answer_statuses
)
HUNG_UP: Guard[DialOutSession] = Guard(
    "hung up", lambda call: call.ended is not None and call.ended.status < 300 and call.ended.by != "worker"
)

_FAIL_UNSENT = (Arc(S.DONE, (ERROR, RELEASE)),)
_STOP_UNSENT = (Arc(S.DONE, (STOPPED, RELEASE)),)
_FAIL_DIALLING = (Arc(S.DONE, (ERROR, STOP_TIMER, RELEASE)),)
_FAIL_RINGING = Arc(S.DONE, (LEAVE, ERROR, STOP_TIMER, RELEASE))
_RING = (Arc(S.RINGING, (CONNECTED, JOIN_CONNECTED)),)
_STOP = (Arc(S.DONE, (LEAVE, STOPPED, RELEASE)),)
_GIVE_UP = (Arc(S.DONE, (NEVER_RANG, RELEASE)),)

TABLE: Table[DialOutState, DialOutSession] = MappingProxyType(
    {
        (S.NEW, Dialled): (Arc(S.DIALLING, (START_TIMER,)),),
        (S.NEW, Arrived): (Arc(S.ANSWERED, (CONNECTED, JOIN_CONNECTED, ANSWERED, JOIN_ANSWERED, WARN)),),
        (S.NEW, DialFailed): _FAIL_UNSENT,
        (S.NEW, Ended): _FAIL_UNSENT,
        (S.NEW, WorkerLost): _FAIL_UNSENT,
        (S.NEW, StopRequested): (Arc(S.ABANDONED),),
        (S.ABANDONED, Dialled): (Arc(S.ENDING, (HANG_UP,)),),
        (S.ABANDONED, DialFailed): _STOP_UNSENT,
        (S.ABANDONED, Ended): _STOP_UNSENT,
        (S.ABANDONED, WorkerLost): _STOP_UNSENT,
        (S.DIALLING, Ringing): _RING,
        (S.DIALLING, EarlyMedia): _RING,
        (S.DIALLING, Answered): (
            Arc(S.ANSWERED, (CONNECTED, JOIN_CONNECTED, ANSWERED, JOIN_ANSWERED, STOP_TIMER, EXTENSION)),
        ),
        (S.DIALLING, Ended): _FAIL_DIALLING,
        (S.DIALLING, WorkerLost): _FAIL_DIALLING,
        (S.DIALLING, StopRequested): (Arc(S.ENDING, (HANG_UP, STOP_TIMER)),),
        (S.DIALLING, RingTimeout): (Arc(S.GIVING_UP, (HANG_UP,)),),
        (S.RINGING, MediaUp): (Arc(S.RINGING, (WARN,)),),
        (S.RINGING, Answered): (Arc(S.ANSWERED, (ANSWERED, JOIN_ANSWERED, STOP_TIMER, EXTENSION)),),
        (S.RINGING, Ended): (
            Arc(S.DONE, (LEAVE, STOPPED, STOP_TIMER, RELEASE), when=NO_ANSWER),
            _FAIL_RINGING,
        ),
        (S.RINGING, WorkerLost): (_FAIL_RINGING,),
        (S.RINGING, StopRequested): (Arc(S.ENDING, (HANG_UP, STOP_TIMER)),),
        (S.RINGING, RingTimeout): (Arc(S.ENDING, (HANG_UP,)),),
        (S.ANSWERED, MediaUp): (Arc(S.ANSWERED, (WARN,)),),
        (S.ANSWERED, Ended): (
            Arc(S.DONE, (LEAVE, STOPPED, RELEASE), when=HUNG_UP),
            Arc(S.DONE, (LEAVE, ERROR, RELEASE)),
        ),
        (S.ANSWERED, WorkerLost): (Arc(S.DONE, (LEAVE, ERROR, RELEASE)),),
        (S.ANSWERED, StopRequested): (Arc(S.ENDING, (HANG_UP,)),),
        (S.ANSWERED, TakenAway): _STOP,
        (S.ENDING, Answered): (Arc(S.ENDING, (HANG_UP,)),),
        (S.ENDING, Ended): _STOP,
        (S.ENDING, WorkerLost): _STOP,
        (S.ENDING, TakenAway): _STOP,
        (S.GIVING_UP, Answered): (Arc(S.GIVING_UP, (HANG_UP,)),),
        (S.GIVING_UP, Ended): _GIVE_UP,
        (S.GIVING_UP, WorkerLost): _GIVE_UP,
    }
)

_PROGRESS = (Ringing, EarlyMedia, Answered, MediaUp)
_SENT_ONCE: dict[tuple[type[object], ...], str] = {(Dialled, DialFailed, Arrived): "the INVITE is out already"}
_UNANSWERED: dict[tuple[type[object], ...], str] = {(TakenAway,): "only an answered call can be transferred"}

IGNORED: Ignored[DialOutState] = ignoring(
    {
        S.NEW: {
            _PROGRESS: "no news before the INVITE",
            (RingTimeout,): "the timer does not run yet",
            **_UNANSWERED,
        },
        S.ABANDONED: {
            _PROGRESS: "no news before the INVITE",
            (RingTimeout,): "the timer does not run",
            (StopRequested, TakenAway): "stopping already",
            (Arrived,): "it was to be dialled",
        },
        S.DIALLING: {
            **_SENT_ONCE,
            **_UNANSWERED,
            (MediaUp,): "media follows the early media or answer that brought it",
        },
        S.RINGING: {**_SENT_ONCE, **_UNANSWERED, (Ringing, EarlyMedia): "rings already"},
        S.ANSWERED: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, Answered): "answered already",
            (RingTimeout,): "the answer crossed the timer",
        },
        S.ENDING: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, MediaUp): "no news of a call that was hung up",
            (StopRequested, RingTimeout): "stopping already",
        },
        S.GIVING_UP: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, MediaUp): "no news of a call that was hung up",
            (StopRequested, RingTimeout, TakenAway): "hung up already",
        },
        S.DONE: {
            (
                Dialled,
                DialFailed,
                *_PROGRESS,
                Ended,
                WorkerLost,
                StopRequested,
                RingTimeout,
                Arrived,
                TakenAway,
            ): "the call is over"
        },
    }
)


class DialOutSession(Machine[DialOutState, DialOutInput]):
    """One dialled call. `feed` it `DialOutInput`s and do what it returns, in order.

    `state`, `sip_call_id`, `media` and `joined` are there to be read.
    """

    table = TABLE
    ignored = IGNORED

    def __init__(self, leg: DialOutLeg, plan: DialOutPlan, rules: DialOutRules | None = None) -> None:
        self.leg = leg
        self.plan = plan
        self.rules: DialOutRules = rules or DialOutRules()
        self.state = DialOutState.NEW
        self.sip_call_id: str | None = None
        self.media: MediaUp | None = None
        self.ended: Ended | None = None
        self.failure = ""
        self.joined = False
        self.warned = False

    @property
    def known_call_id(self) -> str:
        """The Call-ID on the wire, for events that must have it."""
        if self.sip_call_id is None:
            raise ValueError("the call has no Call-ID before Dialled")
        return self.sip_call_id

    def _learn(self, fact: DialOutInput) -> None:
        match fact:
            case Dialled(sip_call_id):
                self.sip_call_id = sip_call_id
            case Arrived(sip_call_id, media):
                self.sip_call_id, self.media = sip_call_id, media
            case MediaUp():
                self.media = fact
            case Ended(status, reason):
                self.ended = fact
                self.failure = causes.sip_failure(status, reason)
            case DialFailed(error):
                self.failure = error
            case WorkerLost(how):
                self.failure = causes.worker_lost(how)

    def _note(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case JoinParticipant():
                    self.joined = True
                case LeaveParticipant():
                    self.joined = False
                case Publish(event) if event.action == "dialout-warning":
                    self.warned = True
