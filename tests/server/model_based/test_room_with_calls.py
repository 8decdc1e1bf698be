"""Random sequences of requests and SIP notices for a room and its telephony, over calls in memory and virtual time.

Clients join and leave, dial, stop, eject, transfer and refer; calls ring, are answered, are refused and end; workers
die; time passes. Whatever the order: no event is out of place, every call ends once, every participant that joins
leaves, and no session remains.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fake_daily_server.domain import telephony_verbs
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from fake_daily_server.telephony import service
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.ids import new_uuid
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, OWNER_PERMISSIONS, Participant, Permissions
from fake_daily_server.values.telephony_requests import SendDtmf, SipCallTransfer, SipRefer, StartDialOut
from simulator.errors import SimulatorError
from simulator.timeline import Timeline
from simulator.useragent import messages
from tests.server.model_based.event_checker import EventChecker
from tests.server.model_based.memory_gateway import MemoryCall, MemoryGateway, NoMedia
from tests.server.model_based.virtual_time_loop import VirtualTimeLoop

STEPS = 80
EXAMPLES = int(os.environ.get("DAILY_SIM_MODEL_EXAMPLES", "30"))
"""`.ci/run` asks for 200: together at least 10,000 steps, since hypothesis makes about two thirds of `STEPS`."""

PICK = st.integers(0, 7)
"""Chooses one of the existing sessions or calls, modulo their number."""

SETTINGS = st.fixed_dictionaries(
    {
        "stopped_order": st.sampled_from(("left-first", "stopped-first")),
        "dialed_participant_joins": st.sampled_from(("connected", "answered")),
        "failed_transfer": st.sampled_from(("hang_up", "return")),
        "transfer_leaves_room": st.sampled_from(("initiated", "answered")),
        "transfer_events": st.sampled_from(("origin", "none")),
        "hidden_participants_start_sip": st.booleans(),
        "concurrent_dialouts": st.booleans(),
        "session_limit_counts": st.sampled_from(("endpoints", "connections")),
        "max_sip_pstn_sessions_per_room": st.sampled_from((3, 8)),
    }
)
REFUSALS = ((404, "Not Found"), (480, "Gone"), (486, "Busy Here"), (487, "Cancelled"), (503, "Out"), (603, "Decline"))


class ErrorLog(logging.Handler):
    """Collects what the server logs as errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _a_client_is_in_the_room(machine: RoomWithCalls) -> bool:
    return bool(machine.clients_in_the_room())


def _a_session_exists(machine: RoomWithCalls) -> bool:
    return bool(machine.telephony.legs)


def _a_call_is_open(machine: RoomWithCalls) -> bool:
    return bool(machine.gateway.open_calls)


class RoomWithCalls(RuleBasedStateMachine):
    """One room with two endpoints; at the beginning it has a client, a dial-out and a caller."""

    @initialize(chosen=SETTINGS, idle=st.sampled_from((0, 5)))
    def create_the_room(self, chosen: dict[str, Any], idle: int) -> None:
        self.error_log = ErrorLog()
        logging.getLogger("fake_daily_server").addHandler(self.error_log)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(service, "Bridge", lambda _: NoMedia())
        self.loop = VirtualTimeLoop()
        self.chosen = Settings(port=0, sip_port=0, **chosen)
        self.timeline = Timeline()
        self.gateway = MemoryGateway()
        site = Site(
            self.chosen,
            self.timeline,
            base_url="http://127.0.0.1:1",
            sip_address=self.gateway.address,
            now=lambda: 1_800_000_000 + self.loop.time(),
        )
        self.store = site.rooms
        site.telephony = self.telephony = service.Telephony(
            self.chosen,
            self.timeline,
            gateway=cast("Any", self.gateway),
            rooms=site.rooms,
            domain=site.domain,
            media_clock=site.media_clock,
            announce=site.webhooks.announce,
            digit_faults=site.digit_faults,
        )
        self.room = self.store.create(
            "demo", "public", {"enable_dialout": True, "sip": {"num_endpoints": 2}, "max_idle_timeout_sec": idle}
        )
        self.room.media = cast("Any", NoMedia())
        self.checker = EventChecker(left_first=self.chosen.stopped_order == "left-first")
        self.clients: dict[str, list[dict[str, Any]]] = {}
        self.seen = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.client_joins(owner=True, hidden=False)
        self.dial_out_is_started(phone=True, extension=None, join_first=False)
        self.caller_dials_in(index=0, no_common_codec=False, join_first=False)

    # --- clients ---------------------------------------------------------------------------------------------

    @rule(owner=st.booleans(), hidden=st.booleans())
    def client_joins(self, owner: bool, hidden: bool) -> None:
        if len(self.clients_in_the_room()) >= 4:
            return
        self.gateway.full = self.gateway.broken = False
        session_id = new_uuid()
        permissions = Permissions(hasPresence=not hidden).over(OWNER_PERMISSIONS if owner else DEFAULT_PERMISSIONS)
        who = Participant(session_id=session_id, user_id=session_id, owner=owner, permissions=permissions)
        received = self.clients[session_id] = []
        self._do(self.room.join(who, deliver=received.append))

    @precondition(_a_client_is_in_the_room)
    @rule(pick=PICK)
    def client_leaves(self, pick: int) -> None:
        if session_id := self._one(self.clients_in_the_room(), pick):
            self._do(self.room.leave(session_id))

    @rule(pick=PICK)
    def participant_is_ejected(self, pick: int) -> None:
        if session_id := self._one(list(self.room.participants), pick):
            self._do(self.room.eject(session_id))

    @precondition(_a_client_is_in_the_room)
    @rule(pick=PICK, hidden=st.booleans())
    def client_changes_presence(self, pick: int, hidden: bool) -> None:
        if session_id := self._one(self.clients_in_the_room(), pick):
            changed = self.room.participants[session_id].with_permissions(Permissions(hasPresence=not hidden))

            async def change() -> None:
                self.room.replace_participant(changed)

            self._do(change())

    @precondition(_a_client_is_in_the_room)
    @rule(really=st.sampled_from((False, False, False, True)))
    def room_is_closed(self, really: bool) -> None:
        if really:
            self._do(self.room.close("closed by the test"))

    # --- verbs -----------------------------------------------------------------------------------------------

    @rule(phone=st.booleans(), extension=st.sampled_from((None, "12#")), join_first=st.booleans())
    def dial_out_is_started(self, phone: bool, extension: str | None, join_first: bool) -> None:
        self._join_if_empty(join_first)
        target = {"phoneNumber": "+12065550142"} if phone else {"sipUri": "sip:bob@127.0.0.1:5070"}
        self._do(telephony_verbs.start_dialout(self.room, StartDialOut(**target, extension=extension)))

    @precondition(_a_session_exists)
    @rule(pick=PICK)
    def call_is_stopped(self, pick: int) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            self._do(telephony_verbs.stop_dialout(self.room, session_id))

    @precondition(_a_session_exists)
    @rule(pick=PICK)
    def digits_are_sent(self, pick: int) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            self._do(telephony_verbs.send_dtmf(self.room, SendDtmf(sessionId=session_id, tones="1#")))

    @precondition(_a_session_exists)
    @rule(pick=PICK, by_refer=st.booleans())
    def call_is_transferred(self, pick: int, by_refer: bool) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            to = "sip:carl@127.0.0.1:5070"
            if by_refer:
                self._do(telephony_verbs.sip_refer(self.room, SipRefer(sessionId=session_id, toEndPoint=to)))
            else:
                self._do(
                    telephony_verbs.sip_call_transfer(self.room, SipCallTransfer(sessionId=session_id, toEndPoint=to))
                )

    # --- SIP -------------------------------------------------------------------------------------------------

    @rule(index=st.integers(0, 2), no_common_codec=st.sampled_from((False, False, True)), join_first=st.booleans())
    def caller_dials_in(self, index: int, no_common_codec: bool, join_first: bool) -> None:
        self._join_if_empty(join_first)
        call, incoming = self.gateway.ring(f"sip:demo.{index}@{self.gateway.address}")
        call.no_common_codec = no_common_codec

        async def take() -> None:
            self.telephony.take_call(cast("Any", call), incoming)

        self._do(take())

    @precondition(_a_call_is_open)
    @rule(pick=PICK, codec=st.sampled_from(("PCMU", "G722")))
    def call_is_answered_or_gets_media(self, pick: int, codec: str) -> None:
        """Report the next notice of a call that succeeds."""
        call = self._call(pick)
        if call is None or call.hanging_up or (call.incoming and not call.answered):
            return
        if call.state != "answered":
            self._report(call, messages.Answered(at=0, call=call.key))
        if call.media is None:
            self._report(call, _media(call, codec))
        for leg in self.telephony.legs.values():
            if cast("Any", leg.call) is call and not call.hanging_up:
                assert leg.session_id in self.room.participants, f"{call} has media and is not in the room"

    @precondition(_a_call_is_open)
    @rule(pick=PICK, early=st.booleans())
    def dialled_call_rings(self, pick: int, early: bool) -> None:
        call = self._call(pick)
        if call is None or call.incoming or call.state == "answered":
            return
        kind = messages.EarlyMedia if early else messages.Ringing
        self._report(call, kind(at=0, call=call.key, status=183 if early else 180, reason="Ringing"))

    @precondition(_a_call_is_open)
    @rule(pick=PICK)
    def digit_arrives(self, pick: int) -> None:
        call = self._call(pick)
        if call is not None and call.media is not None and not call.hanging_up:
            digit = messages.DigitEnd(at=0, call=call.key, digit="5", method="telephone-event", duration_ms=100)
            self._report(call, digit)

    @precondition(_a_call_is_open)
    @rule(pick=PICK, refusal=st.sampled_from(REFUSALS))
    def call_ends(self, pick: int, refusal: tuple[int, str]) -> None:
        """End a call from either side: refused, cancelled, or hung up."""
        if (call := self._call(pick)) is not None:
            status, reason = (200, "OK") if call.state == "answered" else refusal
            self._end(call, status, reason, "local" if call.hanging_up else "remote")

    @precondition(lambda self: any(call.referring for call in self.gateway.open_calls))
    @rule(status=st.sampled_from((100, 180, 200, 486, 603)), final=st.booleans())
    def referred_peer_reports(self, status: int, final: bool) -> None:
        call = next(call for call in self.gateway.open_calls if call.referring)
        notice = messages.TransferProgress(
            at=0, call=call.key, status=status, reason="Progress", final=final or status >= 200
        )
        self._report(call, notice)

    @precondition(_a_call_is_open)
    @rule(gone=st.sampled_from((1, 4)))
    def worker_dies(self, gone: int) -> None:
        for call in self.gateway.open_calls[:gone]:
            self._end(call, 0, "worker killed by SIGKILL", "worker")

    @rule(full=st.booleans(), broken=st.sampled_from((False, False, True)))
    def workers_become_busy_or_broken(self, full: bool, broken: bool) -> None:
        self.gateway.full, self.gateway.broken = full, broken

    @rule(seconds=st.sampled_from((0.5, 3.0, 10.0, 70.0)))
    def time_passes(self, seconds: float) -> None:
        self.loop.advance(seconds)
        self._check_new_events()

    # --- invariants ------------------------------------------------------------------------------------------

    @invariant()
    def published_events_match_the_room(self) -> None:
        if not hasattr(self, "room"):
            return
        if self.checker.counts is not None:
            assert self.checker.counts == self.room.counts
        shown = {session_id for session_id, who in self.room.participants.items() if who.present}
        assert self.checker.present == shown
        assert self.loop.failures == []
        assert self.error_log.lines == []

    @invariant()
    def clients_receive_nothing_before_joining_or_after_leaving(self) -> None:
        for session_id, received in getattr(self, "clients", {}).items():
            actions = [event["action"] for event in received]
            assert actions[:1] in ([], ["joined-meeting"])
            if session_id not in self.room.participants and actions:
                assert actions.count("left-meeting") <= 1
                assert "left-meeting" not in actions[:-1]

    @invariant()
    def telephony_participants_have_a_session(self) -> None:
        if hasattr(self, "room"):
            calls = {session_id for session_id, who in self.room.participants.items() if who.is_telephony}
            assert calls <= set(self.telephony.legs)

    @invariant()
    def calls_end_with_the_session(self) -> None:
        if hasattr(self, "room") and self.room.session is None:
            for leg in self.telephony.legs.values():
                call = cast("MemoryCall | None", leg.call)
                assert call is None or call.hanging_up, f"{call} goes on in an empty room"

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        try:
            self._end_everything()
            self.published_events_match_the_room()
            self.checker.check_all_ended()
            assert self.telephony.legs == {}
            assert self.room.participants == {}
            assert self.room.session is None
            assert [task for task in self.tasks if not task.done()] == []
        finally:
            self.patch.undo()
            logging.getLogger("fake_daily_server").removeHandler(self.error_log)
            self.loop.close()

    def _end_everything(self) -> None:
        self._do(self.room.close("the end"))
        for _ in range(6):
            for call in self.gateway.open_calls:
                self._end(call, 200, "OK", "remote")
            self._do(self.telephony.stop_all())
            self.loop.advance(70)
            self._do(self.room.close("the end"))
        self.loop.advance(200)
        self._check_new_events()

    def _join_if_empty(self, join_first: bool) -> None:
        """Make most runs be about calls and not about empty rooms."""
        if join_first and self.room.session is None:
            self.client_joins(owner=True, hidden=False)

    # --- inside ----------------------------------------------------------------------------------------------

    def _do(self, work: Any) -> None:
        """Start a verb. It may be refused with a DailyError; any other error fails the test."""

        async def guarded() -> None:
            try:
                await work
            except DailyError:
                return
            except SimulatorError as leak:
                raise AssertionError(f"a verb raised an error that is not a DailyError: {leak!r}") from leak

        self.tasks = [task for task in self.tasks if not task.done() or task.exception() is not None]
        self.tasks.append(self.loop.spawn(guarded()))
        for task in self.tasks:
            if task.done() and (error := task.exception()) is not None:
                raise error
        self._check_new_events()

    def _report(self, call: MemoryCall, notice: messages.AnyCallNotice) -> None:
        async def report() -> None:
            call.report(notice)

        self._do(report())

    def _end(self, call: MemoryCall, status: int, reason: str, by: messages.Side) -> None:
        self._report(call, messages.Ended(at=0, call=call.key, status=status, reason=reason, by=by))

    def _check_new_events(self) -> None:
        records = list(self.timeline.records(after=self.seen, kind="event"))
        self.seen = self.timeline.last_seq
        for record in records:
            if "to" not in record.fields:
                self.checker.check(record.fields["event"])

    def _call(self, pick: int) -> MemoryCall | None:
        calls = self.gateway.open_calls
        return calls[pick % len(calls)] if calls else None

    @staticmethod
    def _one(choices: list[str], pick: int) -> str | None:
        return choices[pick % len(choices)] if choices else None

    def clients_in_the_room(self) -> list[str]:
        return [session_id for session_id, who in self.room.participants.items() if not who.is_telephony]


def _media(call: MemoryCall, codec: str) -> messages.Media:
    return messages.Media(
        at=0,
        call=call.key,
        codec=codec,
        clock_rate=8000,
        payload_type=0,
        telephone_event=101,
        direction="sendrecv",
        local_rtp="127.0.0.1:4000",
        remote_rtp="127.0.0.1:4002",
    )


RoomWithCalls.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestRoomWithCalls(RoomWithCalls.TestCase):  # type: ignore[misc, valid-type]  # made by hypothesis at run time
    """Runs the state machine above."""

    pytestmark = pytest.mark.timeout(300)
