"""Invariants of the events that clients and webhooks receive, under random requests, SIP outcomes, timers and crashes.

The machines are connected as the shells connect them, without SIP and without a loop: callers are held and moved, dial
codes, call endpoints; calls are dialled out, transferred, referred, and return.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fake_daily_server.telephony.events import DialInEvents, DialOutEvents
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInPlan
from fake_daily_server.telephony.machines.dialout import DialOutMachine, DialOutPlan, DialOutRules
from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine, HeldCallerRules
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine
from fake_daily_server.telephony.machines.refer import ReferMachine
from fake_daily_server.telephony.machines.transfer import TransferMachine, TransferRules

MEDIA = inputs.MediaUp("PCMU", telephone_event=True)
STEPS = 60
EXAMPLES = 170
"""Together with `STEPS` 10,200 steps."""

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
ROOMLESS_INPUTS: Any = st.sampled_from(
    (
        inputs.WaitTimeout(),
        inputs.SoundFinished(),
        inputs.StopRequested(),
        inputs.RoomCreationFailed("answered 500"),
        inputs.RoomFound(live=False, may_wait=True),
        inputs.RoomFound(live=False, may_wait=False),
        inputs.EntryRefused("none"),
        inputs.MeetingStarted(),
    )
)
FAILED = st.sampled_from(("hang_up", "return"))

Session = DialOutMachine | DialInMachine
TransferOrRefer = TransferMachine | ReferMachine


@dataclass(eq=False)
class SipCall:
    """One SIP dialog, and the machines that follow it; none once it is over."""

    number: int
    session: Session | None = None
    caller: HeldCallerMachine | PinCallerMachine | None = None
    transfer: TransferOrRefer | None = None
    target_of: TransferMachine | None = None
    over: bool = False

    @property
    def call_id(self) -> str:
        return f"call{self.number}@host"


@dataclass
class Received:
    """What the clients of the room receive about one session."""

    actions: list[str] = field(default_factory=list)


class ManyCalls(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self._all: list[SipCall] = []
        self.received: dict[str, Received] = defaultdict(Received)
        self.steps: dict[int, list[str]] = defaultdict(list)
        """What webhooks receive about each transfer, by the id of its machine."""
        self.kept: list[object] = []
        """Keeps machines alive, so that their ids are not reused."""
        self.present: set[str] = set()
        self.joined: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    # --- new calls ------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.alive) < MOST_CALLS)
    @rule(sent=SENT)
    def dial_out(self, sent: bool) -> None:
        call = self._call()
        call.session = DialOutMachine(DialOutEvents(f"s{call.number}", "+12065550142"), _out_plan())
        self._feed(call, inputs.Dialled(call.call_id) if sent else inputs.DialFailed("no route"))
        call.over = not sent

    @precondition(lambda self: len(self.alive) < MOST_CALLS)
    @rule(caller=st.sampled_from((None, HeldCallerMachine, PinCallerMachine)), rules=st.sampled_from(("hold", "drop")))
    def is_called(self, caller: Any, rules: Any) -> None:
        call = self._call()
        if caller is None:
            call.session = DialInMachine(self._events(call), DialInPlan("Ann"))
        else:
            call.caller = (
                HeldCallerMachine(HeldCallerRules(when_no_room_is_made=rules))
                if caller is HeldCallerMachine
                else PinCallerMachine()
            )
        self._feed(call, inputs.InviteReceived())

    # --- inputs ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.alive)
    @rule(which=WHICH)
    def succeeds(self, which: int) -> None:
        """The next step towards a room."""
        call = self._pick(which)
        if isinstance(call.session, DialOutMachine) and call.session.state.value == "dialling":
            self._feed(call, inputs.Ringing())
        elif isinstance(call.caller, HeldCallerMachine) and call.caller.state.value == "held":
            self._do(call, call.caller.feed(inputs.RoomAssigned()))
        elif isinstance(call.caller, PinCallerMachine) and call.caller.state.value == "collecting":
            for digit in "12345678901":
                self._do(call, call.caller.feed(inputs.DigitReceived(digit)))
        elif isinstance(call.caller, PinCallerMachine) and call.caller.state.value == "checking":
            self._do(call, call.caller.feed(inputs.RoomFound(live=True, may_wait=False)))
        else:
            self._feed(call, inputs.Answered())
            self._feed(call, MEDIA)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, given=PROGRESS)
    def progress(self, which: int, given: Any) -> None:
        self._feed(self._pick(which), given)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, given=OVER)
    def end(self, which: int, given: Any) -> None:
        call = self._pick(which)
        call.over = True
        self._feed(call, given)

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, given=st.sampled_from((inputs.StopRequested(), inputs.RingTimeout())))
    def stop(self, which: int, given: Any) -> None:
        call = self._pick(which)
        if isinstance(call.session, DialOutMachine) or (call.session and isinstance(given, inputs.StopRequested)):
            self._do(call, call.session.feed(given))

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, given=ROOMLESS_INPUTS)
    def roomless_input(self, which: int, given: Any) -> None:
        call = self._pick(which)
        known = get_args(
            inputs.HeldCallerInput if isinstance(call.caller, HeldCallerMachine) else inputs.PinCallerInput
        )
        if call.caller is not None and isinstance(given, known):
            self._do(call, call.caller.feed(given))

    # --- transfers -------------------------------------------------------------------------------------------

    @precondition(lambda self: self.transferable)
    @rule(which=WHICH, fails=FAILED, sent=SENT)
    def transfer(self, which: int, fails: Any, sent: bool) -> None:
        call = self.transferable[which % len(self.transferable)]
        transfer = call.transfer = TransferMachine(TransferRules(fails))
        self.kept.append(transfer)
        target = self._call()
        target.target_of = transfer
        target.session = DialOutMachine(
            DialOutEvents(f"s{target.number}", "+12065550143"), _out_plan(), DialOutRules(join_after="never")
        )
        self._do(call, transfer.feed(inputs.TransferRequested()))
        if sent:
            self._feed(target, inputs.Dialled(target.call_id))
            self._do(call, transfer.feed(inputs.TargetDialled()))
        else:
            target.over = True
            self._do(call, transfer.feed(inputs.TargetEnded("all workers are in use")))

    @precondition(lambda self: self.transferable)
    @rule(which=WHICH, fails=FAILED)
    def refer(self, which: int, fails: Any) -> None:
        call = self.transferable[which % len(self.transferable)]
        transfer = call.transfer = ReferMachine(TransferRules(fails))
        self.kept.append(transfer)
        self._do(call, transfer.feed(inputs.TransferRequested()))

    @precondition(lambda self: self.alive)
    @rule(which=WHICH, status=st.sampled_from((100, 200, 202, 486, 603)), final=st.booleans())
    def refer_progress(self, which: int, status: int, final: bool) -> None:
        call = self._pick(which)
        if isinstance(call.transfer, ReferMachine):
            self._do(call, call.transfer.feed(inputs.ReferProgress(status, "Reason", final)))

    # --- invariants --------------------------------------------------------------------------------------

    @invariant()
    def events_of_a_session_are_in_order(self) -> None:
        for session_id, received in self.received.items():
            count = Counter(action.partition("-")[2] or action for action in received.actions)
            ends = count["stopped"] + count["error"]
            assert ends <= 1, (session_id, received)
            assert count["connected"] <= 1, (session_id, received)
            assert count["answered"] <= count["connected"], (session_id, received)
            assert self.left[session_id] <= self.joined[session_id] <= 1, (session_id, received)
            if ends:
                assert received.actions[-1].endswith(("stopped", "error")), (session_id, received)
                assert self.joined[session_id] == self.left[session_id], (session_id, received)

    @invariant()
    def steps_of_a_transfer_are_in_order(self) -> None:
        for steps in self.steps.values():
            assert steps == ["triggered", "initiated", "answered", "completed"][: len(steps)], steps

    def teardown(self) -> None:
        """Hang up every call at the end; then every session that was connected has ended."""
        for call in list(self._all):
            if not call.over:
                call.over = True
                self._feed(call, inputs.Ended(200, "OK", "local"))
        for session_id, received in self.received.items():
            ends = [action for action in received.actions if action.endswith(("stopped", "error"))]
            assert len(ends) == 1, (session_id, received)
        assert self.joined == self.left
        assert not self.present
        for steps in self.steps.values():
            assert ("answered" in steps) == ("completed" in steps), steps

    # --- connected as in the shells ---------------------------------------------------------------------------------

    @property
    def alive(self) -> list[SipCall]:
        """Calls whose SIP dialog is not over."""
        return [call for call in self._all if not call.over]

    @property
    def transferable(self) -> list[SipCall]:
        """Calls that can be transferred."""
        return [call for call in self.alive if _can_be_transferred(call)]

    def _pick(self, which: int) -> SipCall:
        return self.alive[which % len(self.alive)]

    def _call(self) -> SipCall:
        self.made += 1
        call = SipCall(self.made)
        self._all.append(call)
        return call

    @staticmethod
    def _events(call: SipCall) -> DialInEvents:
        return DialInEvents(f"s{call.number}", call.call_id, "sip:a@h", "sip:demo.0@h")

    def _feed(self, call: SipCall, given: Any) -> None:
        """Feed a SIP input to the machines that follow the call."""
        session, transfer, target_of = call.session, call.transfer, call.target_of
        if session is not None:
            is_input = isinstance(session, DialOutMachine) or not isinstance(given, inputs.Ringing | inputs.EarlyMedia)
            if is_input:
                self._do(call, session.feed(given))
        elif call.caller is not None and not isinstance(given, inputs.Ringing | inputs.EarlyMedia):
            self._do(call, call.caller.feed(given))
        if transfer is not None and isinstance(given, inputs.Ended | inputs.WorkerLost):
            self._do(call, transfer.feed(inputs.TransfereeEnded()))
        if target_of is not None and session is not None:
            self._report_to_transfer(call, target_of, given)

    def _report_to_transfer(self, target: SipCall, transfer: TransferMachine, given: Any) -> None:
        caller = next(call for call in self._all if call.transfer is transfer)
        if isinstance(given, inputs.Answered) and "dialout-answered" in self.received[f"s{target.number}"].actions:
            self._do(caller, transfer.feed(inputs.TargetAnswered()))
        if target.session is None:
            self._do(caller, transfer.feed(inputs.TargetEnded("over")))

    def _do(self, call: SipCall, todo: tuple[outputs.Output, ...]) -> None:
        for output in todo:
            match output:
                case outputs.Publish(event):
                    session = call.session
                    assert session is not None
                    self.received[session.session_id].actions.append(event.action)
                case outputs.AddParticipant(session_id):
                    assert session_id not in self.present
                    self.present.add(session_id)
                    self.joined[session_id] += 1
                case outputs.RemoveParticipant(session_id):
                    self.present.remove(session_id)
                    self.left[session_id] += 1
                case outputs.MoveToRoom():
                    call.session = DialInMachine(self._events(call), DialInPlan("Ann"))
                    self._do(call, call.session.feed(inputs.MovedIn(call.call_id, MEDIA)))
                case outputs.ReportTransfer(step):
                    self.steps[id(call.transfer)].append(step)
                case outputs.LeaveRoom():
                    assert call.session is not None
                    assert call.transfer is not None
                    hung_up = call.session.state.value == "ending"
                    self._do(call, call.session.feed(inputs.MovedOut()))
                    if hung_up:
                        self._do(call, call.transfer.feed(inputs.StopRequested()))
                case outputs.ReturnToRoom():
                    self._return_to_room(call)
                case outputs.HangUpTarget():
                    self._hang_up_target(call)
                case outputs.Release():
                    self._release(call)

    def _release(self, call: SipCall) -> None:
        """Detach the machines that are done with the call."""
        session = call.session
        if call.caller is not None and call.caller.state.value in ("moved", "done"):
            call.caller = None
        if session is not None and session.state.value == "done":
            call.session = None
        if call.transfer is not None and call.transfer.state.value == "done":
            call.transfer = None

    def _return_to_room(self, call: SipCall) -> None:
        self.made += 1
        events = DialInEvents(f"s{self.made}", call.call_id, "sip:a@h", "sip:demo.0@h")
        call.session = DialInMachine(events, DialInPlan("Ann"))
        self._do(call, call.session.feed(inputs.MovedIn(call.call_id, MEDIA)))

    def _hang_up_target(self, caller: SipCall) -> None:
        for target in self._all:
            if target.target_of is caller.transfer and target.session is not None:
                self._do(target, target.session.feed(inputs.StopRequested()))


def _out_plan() -> DialOutPlan:
    return DialOutPlan("Desk", "pstn-dial-out", "PCMU")


def _can_be_transferred(call: SipCall) -> bool:
    return (
        call.session is not None
        and call.transfer is None
        and call.target_of is None
        and call.session.state.value in ("joined", "answered")
    )


ManyCalls.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
TestManyCalls = ManyCalls.TestCase
