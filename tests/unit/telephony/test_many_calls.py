"""Rooms full of calls under random verbs, SIP outcomes, timers and crashes: what their clients may never see.

The machines are put together as the shells do it, without SIP and without a loop: callers are held and claimed, dial
codes, come in by endpoints; calls are dialled out, transferred, referred, and come back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fake_daily_server.telephony import inputs, outputs
from fake_daily_server.telephony.dialin import DialInPlan, DialInSession
from fake_daily_server.telephony.dialout import DialOutPlan, DialOutRules, DialOutSession
from fake_daily_server.telephony.events import DialInLeg, DialOutLeg
from fake_daily_server.telephony.held import HeldCall, HeldRules
from fake_daily_server.telephony.pin import PinCall
from fake_daily_server.telephony.refer import Refer
from fake_daily_server.telephony.transfer import Transfer, TransferRules

MEDIA = inputs.MediaUp("PCMU", telephone_event=True)
STEPS = 60
EXAMPLES = 170
"""Together 10,200 steps."""

ENDED = st.builds(
    inputs.Ended,
    status=st.sampled_from((200, 404, 408, 480, 486, 487, 488, 503, 603)),
    reason=st.just("Reason"),
    by=st.sampled_from(("local", "remote")),
)
OVER = ENDED | st.just(inputs.WorkerLost("killed"))
PROGRESS: Any = st.sampled_from((inputs.Ringing(), inputs.EarlyMedia(), inputs.Answered(), MEDIA))
WHICH = st.integers(0, 11)
SENT = st.sampled_from((True, True, True, True, False))
MOST_CALLS = 3
IN_THE_LOBBY: Any = st.sampled_from(
    (
        inputs.HoldTimeout(),
        inputs.SoundOver(),
        inputs.StopRequested(),
        inputs.RoomNotMade("answered 500"),
        inputs.RoomFound(live=False, waits=True),
        inputs.RoomFound(live=False, waits=False),
        inputs.NoRoom("none"),
        inputs.MeetingStarted(),
    )
)
FAILED = st.sampled_from(("hang_up", "return"))

Session = DialOutSession | DialInSession
Mover = Transfer | Refer


@dataclass(eq=False)
class SipCall:
    """One SIP dialog, and who follows it: one thing at a time, or nobody once it is over."""

    number: int
    session: Session | None = None
    guest: HeldCall | PinCall | None = None
    mover: Mover | None = None
    target_of: Transfer | None = None
    over: bool = False

    @property
    def call_id(self) -> str:
        return f"call{self.number}@host"


@dataclass
class Told:
    """What the clients of the room are told about one session."""

    words: list[str] = field(default_factory=list)


class ManyCalls(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self._all: list[SipCall] = []
        self.told: dict[str, Told] = defaultdict(Told)
        self.steps: dict[int, list[str]] = defaultdict(list)
        """What webhooks are told of each transfer, by the id of its machine."""
        self.everything: list[object] = []
        """Keeps machines alive, so that ids stay their own."""
        self.present: set[str] = set()
        self.joined: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    # --- beginnings ------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.alive) < MOST_CALLS)
    @rule(sent=SENT)
    def dial_out(self, sent: bool) -> None:
        call = self._call()
        call.session = DialOutSession(DialOutLeg(f"s{call.number}", "+12065550142"), _out_plan())
        self._feed(call, inputs.Dialled(call.call_id) if sent else inputs.DialFailed("no route"))
        call.over = not sent

    @precondition(lambda self: len(self.alive) < MOST_CALLS)
    @rule(guest=st.sampled_from((None, HeldCall, PinCall)), rules=st.sampled_from(("hold", "drop")))
    def is_called(self, guest: Any, rules: Any) -> None:
        call = self._call()
        if guest is None:
            call.session = DialInSession(self._leg(call), DialInPlan("Ann"))
        else:
            call.guest = HeldCall(HeldRules(when_no_room_is_made=rules)) if guest is HeldCall else PinCall()
        self._feed(call, inputs.Offered())

    # --- what happens ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.alive)
    @rule(which=WHICH)
    def goes_well(self, which: int) -> None:
        """The next thing on the road to a room."""
        call = self._pick(which)
        if isinstance(call.session, DialOutSession) and call.session.state.value == "dialling":
            self._feed(call, inputs.Ringing())
        elif isinstance(call.guest, HeldCall) and call.guest.state.value == "held":
            self._do(call, call.guest.feed(inputs.Claimed()))
        elif isinstance(call.guest, PinCall) and call.guest.state.value == "collecting":
            for key in "12345678901":
                self._do(call, call.guest.feed(inputs.Pressed(key)))
        elif isinstance(call.guest, PinCall) and call.guest.state.value == "checking":
            self._do(call, call.guest.feed(inputs.RoomFound(live=True, waits=False)))
        else:
            self._feed(call, inputs.Answered())
            self._feed(call, MEDIA)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, fact=PROGRESS)
    def progress(self, which: int, fact: Any) -> None:
        self._feed(self._pick(which), fact)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, fact=OVER)
    def end(self, which: int, fact: Any) -> None:
        call = self._pick(which)
        call.over = True
        self._feed(call, fact)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, fact=st.sampled_from((inputs.StopRequested(), inputs.RingTimeout())))
    def stop(self, which: int, fact: Any) -> None:
        call = self._pick(which)
        if isinstance(call.session, DialOutSession) or (call.session and isinstance(fact, inputs.StopRequested)):
            self._do(call, call.session.feed(fact))

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, fact=IN_THE_LOBBY)
    def wait(self, which: int, fact: Any) -> None:
        call = self._pick(which)
        known = get_args(inputs.HeldInput if isinstance(call.guest, HeldCall) else inputs.PinInput)
        if call.guest is not None and isinstance(fact, known):
            self._do(call, call.guest.feed(fact))

    # --- transfers -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.movable)
    @rule(which=WHICH, fails=FAILED, sent=SENT)
    def transfer(self, which: int, fails: Any, sent: bool) -> None:
        call = self.movable[which % len(self.movable)]
        mover = call.mover = Transfer(TransferRules(fails))
        self.everything.append(mover)
        target = self._call()
        target.target_of = mover
        target.session = DialOutSession(
            DialOutLeg(f"s{target.number}", "+12065550143"), _out_plan(), DialOutRules(join_after="never")
        )
        self._do(call, mover.feed(inputs.Asked()))
        if sent:
            self._feed(target, inputs.Dialled(target.call_id))
            self._do(call, mover.feed(inputs.TargetDialled()))
        else:
            target.over = True
            self._do(call, mover.feed(inputs.TargetOver("all workers are in use")))

    @precondition(lambda self: self.movable)
    @rule(which=WHICH, fails=FAILED)
    def refer(self, which: int, fails: Any) -> None:
        call = self.movable[which % len(self.movable)]
        mover = call.mover = Refer(TransferRules(fails))
        self.everything.append(mover)
        self._do(call, mover.feed(inputs.Asked()))

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, status=st.sampled_from((100, 200, 202, 486, 603)), final=st.booleans())
    def refer_news(self, which: int, status: int, final: bool) -> None:
        call = self._pick(which)
        if isinstance(call.mover, Refer):
            self._do(call, call.mover.feed(inputs.ReferNews(status, "Reason", final)))

    # --- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def sessions_are_told_in_order(self) -> None:
        for session_id, told in self.told.items():
            count = Counter(word.partition("-")[2] or word for word in told.words)
            ends = count["stopped"] + count["error"]
            assert ends <= 1, (session_id, told)
            assert count["connected"] <= 1, (session_id, told)
            assert count["answered"] <= count["connected"], (session_id, told)
            assert self.left[session_id] <= self.joined[session_id] <= 1, (session_id, told)
            if ends:
                assert told.words[-1].endswith(("stopped", "error")), (session_id, told)
                assert self.joined[session_id] == self.left[session_id], (session_id, told)

    @invariant()
    def transfers_are_told_in_order(self) -> None:
        for steps in self.steps.values():
            assert steps == ["triggered", "initiated", "answered", "completed"][: len(steps)], steps

    def teardown(self) -> None:
        """In the end every call is hung up, and every session that connected has had its end."""
        for call in list(self._all):
            if not call.over:
                call.over = True
                self._feed(call, inputs.Ended(200, "OK", "local"))
        for session_id, told in self.told.items():
            ends = [word for word in told.words if word.endswith(("stopped", "error"))]
            assert len(ends) == 1, (session_id, told)
        assert self.joined == self.left
        assert not self.present
        for steps in self.steps.values():
            assert ("answered" in steps) == ("completed" in steps), steps

    # --- as the shells do it ---------------------------------------------------------------------------------

    @property
    def alive(self) -> list[SipCall]:
        """Those whose SIP dialog is not over."""
        return [call for call in self._all if not call.over]

    @property
    def movable(self) -> list[SipCall]:
        """Those that can be transferred."""
        return [call for call in self.alive if _can_move(call)]

    def _pick(self, which: int) -> SipCall:
        return self.alive[which % len(self.alive)]

    def _call(self) -> SipCall:
        self.made += 1
        call = SipCall(self.made)
        self._all.append(call)
        return call

    @staticmethod
    def _leg(call: SipCall) -> DialInLeg:
        return DialInLeg(f"s{call.number}", call.call_id, "sip:a@h", "sip:demo.0@h")

    def _feed(self, call: SipCall, fact: Any) -> None:
        """What SIP says goes to whoever follows the call."""
        session, mover, target_of = call.session, call.mover, call.target_of
        if session is not None:
            knows = isinstance(session, DialOutSession) or not isinstance(fact, inputs.Ringing | inputs.EarlyMedia)
            if knows:
                self._do(call, session.feed(fact))
        elif call.guest is not None and not isinstance(fact, inputs.Ringing | inputs.EarlyMedia):
            self._do(call, call.guest.feed(fact))
        if mover is not None and isinstance(fact, inputs.Ended | inputs.WorkerLost):
            self._do(call, mover.feed(inputs.CallerOver()))
        if target_of is not None and session is not None:
            self._tell_mover(call, target_of, fact)

    def _tell_mover(self, target: SipCall, mover: Transfer, fact: Any) -> None:
        caller = next(call for call in self._all if call.mover is mover)
        if isinstance(fact, inputs.Answered) and "dialout-answered" in self.told[f"s{target.number}"].words:
            self._do(caller, mover.feed(inputs.TargetAnswered()))
        if target.session is None:
            self._do(caller, mover.feed(inputs.TargetOver("over")))

    def _do(self, call: SipCall, todo: tuple[outputs.Output, ...]) -> None:
        for output in todo:
            match output:
                case outputs.Publish(event):
                    session = call.session
                    assert session is not None
                    self.told[session.leg.session_id].words.append(event.action)
                case outputs.JoinParticipant(session_id):
                    assert session_id not in self.present
                    self.present.add(session_id)
                    self.joined[session_id] += 1
                case outputs.LeaveParticipant(session_id):
                    self.present.remove(session_id)
                    self.left[session_id] += 1
                case outputs.MoveToRoom():
                    call.session = DialInSession(self._leg(call), DialInPlan("Ann"))
                    self._do(call, call.session.feed(inputs.Arrived(call.call_id, MEDIA)))
                case outputs.Announce(step):
                    self.steps[id(call.mover)].append(step)
                case outputs.TakeFromRoom():
                    assert call.session is not None
                    assert call.mover is not None
                    hung_up = call.session.state.value == "ending"
                    self._do(call, call.session.feed(inputs.TakenAway()))
                    if hung_up:
                        self._do(call, call.mover.feed(inputs.StopRequested()))
                case outputs.ReturnCaller():
                    self._come_back(call)
                case outputs.HangUpTarget():
                    self._hang_up_target(call)
                case outputs.Release():
                    self._release(call)

    def _release(self, call: SipCall) -> None:
        """Whoever said it wants nothing more of the call; a machine that is over ignores everything anyway."""
        session = call.session
        if call.guest is not None and call.guest.state.value in ("moved", "done"):
            call.guest = None
        if session is not None and session.state.value == "done":
            call.session = None
        if call.mover is not None and call.mover.state.value == "done":
            call.mover = None

    def _come_back(self, call: SipCall) -> None:
        self.made += 1
        leg = DialInLeg(f"s{self.made}", call.call_id, "sip:a@h", "sip:demo.0@h")
        call.session = DialInSession(leg, DialInPlan("Ann"))
        self._do(call, call.session.feed(inputs.Arrived(call.call_id, MEDIA)))

    def _hang_up_target(self, caller: SipCall) -> None:
        for target in self._all:
            if target.target_of is caller.mover and target.session is not None:
                self._do(target, target.session.feed(inputs.StopRequested()))


def _out_plan() -> DialOutPlan:
    return DialOutPlan("Desk", "pstn-dial-out", "PCMU")


def _can_move(call: SipCall) -> bool:
    return (
        call.session is not None
        and call.mover is None
        and call.target_of is None
        and call.session.state.value in ("joined", "answered")
    )


ManyCalls.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None)
TestManyCalls = ManyCalls.TestCase
