"""The state table of a dialled call, from the request to the end: it translates SIP inputs into Daily events.

Invariants:

- `dialout-connected` comes before `dialout-answered`, even if the far end answers without ringing;
- early media counts as ringing;
- a call ends with exactly one `dialout-stopped` or `dialout-error`, after its participant has left
  (with the setting `stopped_order`, `telephony/leg.py` reverses these two);
- a call that was never connected has no participant;
- a fallback to another audio codec causes one `dialout-warning`; one to another video codec causes one more.

To drive the machine, create a `DialOutMachine` for each call, and perform the outputs of each `feed` in order.

1. Dial the target. Feed `DialFailed` if no INVITE could be sent; otherwise feed `Dialled` first, then convert every
   notice of the call with `notices.dialout_input` and feed the result.
2. Feed `StopRequested` at any time for stopDialOut, an ejection or the end of the room's session, and `RingTimeout`
   when the timer of `StartRingTimer` expires. The events of a stop follow once SIP confirms the end of the call.
3. `HangUp` may be returned twice (an answer that crosses a CANCEL needs a BYE); hanging up a call that is over is not
   an error.
4. Feed `MovedOut` when the call is transferred out of the room; its SIP dialog continues. If the call returns to the
   room, feed `MovedIn` to a new machine, for a new session.
5. After `Release` the machine ignores every input.

The machine has no clock and does no I/O: the ring timer and the wait before an extension belong to the shell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.events import DialOutEvents
from fake_daily_server.telephony.machines.codec_fallback import CodecFallback
from fake_daily_server.telephony.machines.inputs import (
    Answered,
    DialFailed,
    Dialled,
    DialOutInput,
    EarlyMedia,
    Ended,
    MediaUp,
    MovedIn,
    MovedOut,
    Ringing,
    RingTimeout,
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
    DialExtension,
    HangUp,
    Output,
    Publish,
    Release,
    RemoveParticipant,
    StartRingTimer,
    StopRingTimer,
)
from fake_daily_server.telephony.x_headers import x_headers
from fake_daily_server.values.telephony_types import ParticipantType


@dataclass(frozen=True, slots=True)
class DialOutRules:
    """Settings for behaviour that Daily does not document."""

    ring_timeout_s: float = 60
    """The longest time from the INVITE to the answer, in seconds."""
    join_after: Literal["connected", "answered", "never"] = "connected"
    """The `dialout-` event after which the participant joins; `never` for a transfer's target, which joins no room."""
    no_answer_statuses: frozenset[int] = frozenset({408, 480, 487})
    """Final SIP statuses that mean "no answer" after ringing: they lead to `dialout-stopped`, not `dialout-error`."""


@dataclass(frozen=True, slots=True)
class DialOutPlan:
    """What a dial-out request specifies: the participant, the preferred codecs, the extension to dial."""

    user_name: str
    participant_type: ParticipantType
    preferred_codec: str
    """The first entry of `codecs.audio`, or the default."""
    preferred_video_codec: str | None = None
    """The first entry of `codecs.video`, or the default; None for a call without video."""
    extension: str | None = None
    wait_before_extension_s: float = 0


class DialOutState(Enum):
    """The states of a dialled call."""

    NEW = "new"
    """The call has been requested; no INVITE has been sent."""
    ABANDONED = "abandoned"
    """Stopped before the INVITE was sent."""
    DIALLING = "dialling"
    """The INVITE has been sent; no response but 100 has arrived."""
    RINGING = "ringing"
    """The far end is ringing or sends early media; Daily's term for this state is *connected*."""
    ANSWERED = "answered"
    """The far end has answered."""
    ENDING = "ending"
    """Hung up by the server; SIP has not confirmed the end yet."""
    GIVING_UP = "giving up"
    """Hung up by the server because no ringing arrived in time; SIP has not confirmed the end yet."""
    DONE = "done"
    """The call is over; every input is ignored."""


S = DialOutState


def _connected(call: DialOutMachine) -> tuple[Output, ...]:
    return (Publish(call.events.connected(call.known_call_id)),)


def _join_after(moment: Literal["connected", "answered"]) -> Action[DialOutMachine]:
    def join(call: DialOutMachine) -> tuple[Output, ...]:
        if call.rules.join_after != moment:
            return ()
        plan = call.plan
        return (AddParticipant(call.session_id, plan.user_name, plan.participant_type, call.events.user_id),)

    return Action(f"participant-joined (if set to join after {moment})", join)


def _answered(call: DialOutMachine) -> tuple[Output, ...]:
    return (Publish(call.events.answered(call.known_call_id)),)


def _dial_extension(call: DialOutMachine) -> tuple[Output, ...]:
    if call.plan.extension is None:
        return ()
    return (DialExtension(call.plan.wait_before_extension_s, call.plan.extension),)


def _warn_of_fallback(call: DialOutMachine) -> tuple[Output, ...]:
    text = call.fallback.warning(call.latest_media)
    return (Publish(call.events.warning(text, call.sip_call_id)),) if text else ()


def _leave(call: DialOutMachine) -> tuple[Output, ...]:
    return (RemoveParticipant(call.session_id),) if call.joined else ()


def _stopped(call: DialOutMachine) -> tuple[Output, ...]:
    return (Publish(call.events.stopped(call.sip_call_id)),)


def _error(call: DialOutMachine) -> tuple[Output, ...]:
    headers = x_headers(call.ended.headers) if call.ended else None
    return (Publish(call.events.error(causes.dialout_failed(call.failure), call.sip_call_id, headers)),)


def _never_rang(call: DialOutMachine) -> tuple[Output, ...]:
    failure = causes.sip_failure(408, "Request Timeout")
    return (Publish(call.events.error(causes.dialout_failed(failure), call.sip_call_id)),)


CONNECTED = Action("dialout-connected", _connected)
JOIN_AFTER_CONNECTED = _join_after("connected")
JOIN_AFTER_ANSWERED = _join_after("answered")
ANSWERED = Action("dialout-answered", _answered)
EXTENSION = Action("dial the extension (if any)", _dial_extension)
WARN = Action("dialout-warning (on a fallback, once for audio and for video)", _warn_of_fallback)
LEAVE = Action("participant-left (if joined)", _leave)
STOPPED = Action("dialout-stopped", _stopped)
ERROR = Action("dialout-error", _error)
NEVER_RANG = Action("dialout-error (no answer)", _never_rang)
HANG_UP: Action[DialOutMachine] = Action("hang up", lambda _: (HangUp(),))
START_TIMER: Action[DialOutMachine] = Action(
    "start the ring timer", lambda call: (StartRingTimer(call.rules.ring_timeout_s),)
)
STOP_TIMER: Action[DialOutMachine] = Action("stop the ring timer", lambda _: (StopRingTimer(),))
RELEASE: Action[DialOutMachine] = Action("release", lambda _: (Release(),))

NO_ANSWER: Guard[DialOutMachine] = Guard("no answer", lambda call: call.ended_without_answer)
HUNG_UP: Guard[DialOutMachine] = Guard(
    "hung up", lambda call: call.ended is not None and call.ended.status < 300 and call.ended.by != "worker"
)

_FAIL_UNSENT = (Transition(S.DONE, (ERROR, RELEASE)),)
_STOP_UNSENT = (Transition(S.DONE, (STOPPED, RELEASE)),)
_FAIL_DIALLING = (Transition(S.DONE, (ERROR, STOP_TIMER, RELEASE)),)
_FAIL_RINGING = Transition(S.DONE, (LEAVE, ERROR, STOP_TIMER, RELEASE))
_RING = (Transition(S.RINGING, (CONNECTED, JOIN_AFTER_CONNECTED)),)
_STOP = (Transition(S.DONE, (LEAVE, STOPPED, RELEASE)),)
_GIVE_UP = (Transition(S.DONE, (NEVER_RANG, RELEASE)),)

TABLE: Table[DialOutState, DialOutMachine] = MappingProxyType(
    {
        (S.NEW, Dialled): (Transition(S.DIALLING, (START_TIMER,)),),
        (S.NEW, MovedIn): (
            Transition(S.ANSWERED, (CONNECTED, JOIN_AFTER_CONNECTED, ANSWERED, JOIN_AFTER_ANSWERED, WARN)),
        ),
        (S.NEW, DialFailed): _FAIL_UNSENT,
        (S.NEW, Ended): _FAIL_UNSENT,
        (S.NEW, WorkerLost): _FAIL_UNSENT,
        (S.NEW, StopRequested): (Transition(S.ABANDONED),),
        (S.ABANDONED, Dialled): (Transition(S.ENDING, (HANG_UP,)),),
        (S.ABANDONED, DialFailed): _STOP_UNSENT,
        (S.ABANDONED, Ended): _STOP_UNSENT,
        (S.ABANDONED, WorkerLost): _STOP_UNSENT,
        (S.DIALLING, Ringing): _RING,
        (S.DIALLING, EarlyMedia): _RING,
        (S.DIALLING, Answered): (
            Transition(
                S.ANSWERED, (CONNECTED, JOIN_AFTER_CONNECTED, ANSWERED, JOIN_AFTER_ANSWERED, STOP_TIMER, EXTENSION)
            ),
        ),
        (S.DIALLING, Ended): _FAIL_DIALLING,
        (S.DIALLING, WorkerLost): _FAIL_DIALLING,
        (S.DIALLING, StopRequested): (Transition(S.ENDING, (HANG_UP, STOP_TIMER)),),
        (S.DIALLING, RingTimeout): (Transition(S.GIVING_UP, (HANG_UP,)),),
        (S.RINGING, MediaUp): (Transition(S.RINGING, (WARN,)),),
        (S.RINGING, Answered): (Transition(S.ANSWERED, (ANSWERED, JOIN_AFTER_ANSWERED, STOP_TIMER, EXTENSION)),),
        (S.RINGING, Ended): (
            Transition(S.DONE, (LEAVE, STOPPED, STOP_TIMER, RELEASE), guard=NO_ANSWER),
            _FAIL_RINGING,
        ),
        (S.RINGING, WorkerLost): (_FAIL_RINGING,),
        (S.RINGING, StopRequested): (Transition(S.ENDING, (HANG_UP, STOP_TIMER)),),
        (S.RINGING, RingTimeout): (Transition(S.ENDING, (HANG_UP,)),),
        (S.ANSWERED, MediaUp): (Transition(S.ANSWERED, (WARN,)),),
        (S.ANSWERED, VideoUp): (Transition(S.ANSWERED, (WARN,)),),
        (S.ANSWERED, Ended): (
            Transition(S.DONE, (LEAVE, STOPPED, RELEASE), guard=HUNG_UP),
            Transition(S.DONE, (LEAVE, ERROR, RELEASE)),
        ),
        (S.ANSWERED, WorkerLost): (Transition(S.DONE, (LEAVE, ERROR, RELEASE)),),
        (S.ANSWERED, StopRequested): (Transition(S.ENDING, (HANG_UP,)),),
        (S.ANSWERED, MovedOut): _STOP,
        (S.ENDING, Answered): (Transition(S.ENDING, (HANG_UP,)),),
        (S.ENDING, Ended): _STOP,
        (S.ENDING, WorkerLost): _STOP,
        (S.ENDING, MovedOut): _STOP,
        (S.GIVING_UP, Answered): (Transition(S.GIVING_UP, (HANG_UP,)),),
        (S.GIVING_UP, Ended): _GIVE_UP,
        (S.GIVING_UP, WorkerLost): _GIVE_UP,
    }
)

_PROGRESS = (Ringing, EarlyMedia, Answered, MediaUp, VideoUp)
_SENT_ONCE: dict[tuple[type[object], ...], str] = {(Dialled, DialFailed, MovedIn): "the INVITE has been sent already"}
_UNANSWERED: dict[tuple[type[object], ...], str] = {(MovedOut,): "only an answered call can be transferred"}

IGNORED: Ignored[DialOutState] = ignored_inputs(
    {
        S.NEW: {
            _PROGRESS: "no response can arrive before the INVITE is sent",
            (RingTimeout,): "the ring timer is not running",
            **_UNANSWERED,
        },
        S.ABANDONED: {
            _PROGRESS: "no response can arrive before the INVITE is sent",
            (RingTimeout,): "the ring timer is not running",
            (StopRequested, MovedOut): "the call is being stopped already",
            (MovedIn,): "the call was going to be dialled",
        },
        S.DIALLING: {
            **_SENT_ONCE,
            **_UNANSWERED,
            (MediaUp, VideoUp): "media is reported after the response that negotiated it",
        },
        S.RINGING: {
            **_SENT_ONCE,
            **_UNANSWERED,
            (Ringing, EarlyMedia): "the call is ringing already",
            (VideoUp,): "video begins with the answer",
        },
        S.ANSWERED: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, Answered): "the call has been answered already",
            (RingTimeout,): "the answer and the timeout crossed",
        },
        S.ENDING: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, MediaUp, VideoUp): "the call has been hung up; only its end matters",
            (StopRequested, RingTimeout): "the call is being stopped already",
        },
        S.GIVING_UP: {
            **_SENT_ONCE,
            (Ringing, EarlyMedia, MediaUp, VideoUp): "the call has been hung up; only its end matters",
            (StopRequested, RingTimeout, MovedOut): "the call has been hung up already",
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
                MovedIn,
                MovedOut,
            ): "the call is over"
        },
    }
)


class DialOutMachine(Machine[DialOutState, DialOutInput]):
    """The machine of one dialled call: feed it `DialOutInput`s and perform the outputs it returns, in order.

    `state`, `sip_call_id`, `media`, `failure` and `joined` may be read.
    """

    title = "Dial-out"
    table = TABLE
    ignored = IGNORED

    def __init__(self, events: DialOutEvents, plan: DialOutPlan, rules: DialOutRules | None = None) -> None:
        self.events = events
        self.plan = plan
        self.rules: DialOutRules = rules or DialOutRules()
        self.state = DialOutState.NEW
        self.sip_call_id: str | None = None
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
        """The called number or SIP URI."""
        return self.events.destination

    @property
    def known_call_id(self) -> str:
        """The SIP Call-ID, for events that require one. Raises ValueError before `Dialled` or `MovedIn`."""
        if self.sip_call_id is None:
            raise ValueError(f"session {self.session_id} has no SIP Call-ID yet: its INVITE has not been sent")
        return self.sip_call_id

    @property
    def ended_without_answer(self) -> bool:
        """Whether its end means that nobody answered. A 408 of our own means that the peer stopped responding."""
        ended = self.ended
        if ended is None or (ended.status == 408 and ended.by != "remote"):
            return False
        return ended.status in self.rules.no_answer_statuses

    def _remember_input(self, given: DialOutInput) -> None:
        match given:
            case Dialled(sip_call_id):
                self.sip_call_id = sip_call_id
            case MovedIn(sip_call_id, media):
                self.sip_call_id = sip_call_id
                self.media = self.latest_media = media
            case MediaUp():
                self.media = self.latest_media = given
            case VideoUp():
                self.latest_media = given
            case Ended(status, reason):
                self.ended = given
                answered = self.state is DialOutState.ANSWERED
                self.failure = causes.lost_call(status, reason) if answered else causes.sip_failure(status, reason)
            case DialFailed(error):
                self.failure = error
            case WorkerLost(how):
                self.failure = causes.worker_lost(how)

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        for output in outputs:
            match output:
                case AddParticipant():
                    self.joined = True
                case RemoveParticipant():
                    self.joined = False
                case Publish(event) if event.action == "dialout-warning":
                    if self.latest_media is not None:
                        self.fallback.warned(self.latest_media)
