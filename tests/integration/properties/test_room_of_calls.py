"""A room and its telephony as the server runs them, over calls in memory and on a clock of the test's own.

Clients come and go, dial, stop, eject, transfer and refer; SIP rings, answers, refuses, hangs up; workers die; time
passes. Whatever the order: no event out of place, one end for every call, as many left as joined, nothing forgotten.
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
from tests.integration.properties.calls import MemoryCall, MemoryGateway, NoSound
from tests.integration.properties.onlooker import Onlooker
from tests.integration.properties.patient_loop import PatientLoop

STEPS = 80
EXAMPLES = int(os.environ.get("DAILY_SIM_FUZZ_EXAMPLES", "30"))
"""`.ci/run` asks for 200: together at least 10,000 steps, since hypothesis makes about two thirds of `STEPS`."""

PICK = st.integers(0, 7)
"""Which of what there is, counted round."""

SETTINGS = st.fixed_dictionaries(
    {
        "stopped_order": st.sampled_from(("left-first", "stopped-first")),
        "dialed_participant_joins": st.sampled_from(("connected", "answered")),
        "failed_transfer": st.sampled_from(("hang_up", "return")),
        "transfer_events": st.sampled_from(("origin", "none")),
        "hidden_participants_start_sip": st.booleans(),
        "concurrent_dialouts": st.booleans(),
        "session_limit_counts": st.sampled_from(("endpoints", "connections")),
        "max_sip_pstn_sessions_per_room": st.sampled_from((3, 8)),
    }
)
REFUSALS = ((404, "Not Found"), (480, "Gone"), (486, "Busy Here"), (487, "Cancelled"), (503, "Out"), (603, "Decline"))


class Complaints(logging.Handler):
    """What the server logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _somebody_is_there(world: RoomOfCalls) -> bool:
    return bool(world.clients_in_the_room())


def _a_session_is_there(world: RoomOfCalls) -> bool:
    return bool(world.telephony.legs)


def _a_call_is_up(world: RoomOfCalls) -> bool:
    return bool(world.gateway.up)


class RoomOfCalls(RuleBasedStateMachine):
    """One room with two endpoints, and somebody in it to begin with."""

    @initialize(chosen=SETTINGS, idle=st.sampled_from((0, 5)))
    def open_the_room(self, chosen: dict[str, Any], idle: int) -> None:
        self.log = Complaints()
        logging.getLogger("fake_daily_server").addHandler(self.log)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(service, "Bridge", lambda _: NoSound())
        self.loop = PatientLoop()
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
        )
        self.room = self.store.create(
            "demo", "public", {"enable_dialout": True, "sip": {"num_endpoints": 2}, "max_idle_timeout_sec": idle}
        )
        self.room.media = cast("Any", NoSound())
        self.onlooker = Onlooker(left_first=self.chosen.stopped_order == "left-first")
        self.clients: dict[str, list[dict[str, Any]]] = {}
        self.seen = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.somebody_joins(owner=True, hidden=False)
        self.somebody_dials(phone=True, extension=None, sure=False)
        self.somebody_calls(index=0, no_common_codec=False, sure=False)

    # --- clients ---------------------------------------------------------------------------------------------

    @rule(owner=st.booleans(), hidden=st.booleans())
    def somebody_joins(self, owner: bool, hidden: bool) -> None:
        if len(self.clients_in_the_room()) >= 4:
            return
        self.gateway.full = self.gateway.broken = False
        session_id = new_uuid()
        permissions = Permissions(has_presence=not hidden).over(OWNER_PERMISSIONS if owner else DEFAULT_PERMISSIONS)
        who = Participant(session_id=session_id, user_id=session_id, owner=owner, permissions=permissions)
        heard = self.clients[session_id] = []
        self._do(self.room.join(who, deliver=heard.append))

    @precondition(_somebody_is_there)
    @rule(pick=PICK)
    def somebody_leaves(self, pick: int) -> None:
        if session_id := self._one(self.clients_in_the_room(), pick):
            self._do(self.room.leave(session_id))

    @rule(pick=PICK)
    def somebody_is_ejected(self, pick: int) -> None:
        if session_id := self._one(list(self.room.participants), pick):
            self._do(self.room.eject(session_id))

    @precondition(_somebody_is_there)
    @rule(pick=PICK, hidden=st.booleans())
    def somebody_changes(self, pick: int, hidden: bool) -> None:
        if session_id := self._one(self.clients_in_the_room(), pick):
            changed = self.room.participants[session_id].with_permissions(Permissions(has_presence=not hidden))

            async def change() -> None:
                self.room.replace_participant(changed)

            self._do(change())

    @precondition(_somebody_is_there)
    @rule(really=st.sampled_from((False, False, False, True)))
    def the_room_is_emptied(self, really: bool) -> None:
        if really:
            self._do(self.room.close("everybody out"))

    # --- verbs -----------------------------------------------------------------------------------------------

    @rule(phone=st.booleans(), extension=st.sampled_from((None, "12#")), sure=st.booleans())
    def somebody_dials(self, phone: bool, extension: str | None, sure: bool) -> None:
        self._see_that_somebody_is_there(sure)
        target = {"phone_number": "+12065550142"} if phone else {"sip_uri": "sip:bob@127.0.0.1:5070"}
        self._do(telephony_verbs.start_dialout(self.room, StartDialOut(**target, extension=extension)))

    @precondition(_a_session_is_there)
    @rule(pick=PICK)
    def somebody_stops_a_call(self, pick: int) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            self._do(telephony_verbs.stop_dialout(self.room, session_id))

    @precondition(_a_session_is_there)
    @rule(pick=PICK)
    def somebody_presses_keys(self, pick: int) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            self._do(telephony_verbs.send_dtmf(self.room, SendDtmf(session_id=session_id, tones="1#")))

    @precondition(_a_session_is_there)
    @rule(pick=PICK, by_refer=st.booleans())
    def somebody_transfers(self, pick: int, by_refer: bool) -> None:
        if session_id := self._one(list(self.telephony.legs), pick):
            to = "sip:carl@127.0.0.1:5070"
            if by_refer:
                self._do(telephony_verbs.sip_refer(self.room, SipRefer(session_id=session_id, to_end_point=to)))
            else:
                self._do(
                    telephony_verbs.sip_call_transfer(
                        self.room, SipCallTransfer(session_id=session_id, to_end_point=to)
                    )
                )

    # --- what SIP says ---------------------------------------------------------------------------------------

    @rule(index=st.integers(0, 2), no_common_codec=st.sampled_from((False, False, True)), sure=st.booleans())
    def somebody_calls(self, index: int, no_common_codec: bool, sure: bool) -> None:
        self._see_that_somebody_is_there(sure)
        call, incoming = self.gateway.ring(f"sip:demo.{index}@{self.gateway.address}")
        call.no_common_codec = no_common_codec

        async def take() -> None:
            self.telephony.take_call(cast("Any", call), incoming)

        self._do(take())

    @precondition(_a_call_is_up)
    @rule(pick=PICK, codec=st.sampled_from(("PCMU", "G722")))
    def a_call_comes_on(self, pick: int, codec: str) -> None:
        """The next thing that SIP would say when all goes well."""
        call = self._call(pick)
        if call is None or call.hanging_up or (call.incoming and not call.answered):
            return
        if call.state != "answered":
            self._tell(call, messages.Answered(at=0, call=call.key))
        if call.media is None:
            self._tell(call, _media(call, codec))
        for leg in self.telephony.legs.values():
            if cast("Any", leg.call) is call and not call.hanging_up:
                assert leg.session_id in self.room.participants, f"{call} talks and is not in the room"

    @precondition(_a_call_is_up)
    @rule(pick=PICK, early=st.booleans())
    def a_dialled_call_rings(self, pick: int, early: bool) -> None:
        call = self._call(pick)
        if call is None or call.incoming or call.state == "answered":
            return
        kind = messages.EarlyMedia if early else messages.Ringing
        self._tell(call, kind(at=0, call=call.key, status=183 if early else 180, reason="Ringing"))

    @precondition(_a_call_is_up)
    @rule(pick=PICK)
    def a_key_is_pressed(self, pick: int) -> None:
        call = self._call(pick)
        if call is not None and call.media is not None and not call.hanging_up:
            key = messages.DigitEnd(at=0, call=call.key, digit="5", method="telephone-event", duration_ms=100)
            self._tell(call, key)

    @precondition(_a_call_is_up)
    @rule(pick=PICK, refusal=st.sampled_from(REFUSALS))
    def a_call_ends(self, pick: int, refusal: tuple[int, str]) -> None:
        """From whichever side: refused, cancelled, hung up, or as it was told to."""
        if (call := self._call(pick)) is not None:
            status, reason = (200, "OK") if call.state == "answered" else refusal
            self._end(call, status, reason, "local" if call.hanging_up else "remote")

    @precondition(lambda self: any(call.referring for call in self.gateway.up))
    @rule(status=st.sampled_from((100, 180, 200, 486, 603)), final=st.booleans())
    def a_referred_peer_reports(self, status: int, final: bool) -> None:
        call = next(call for call in self.gateway.up if call.referring)
        news = messages.Transferred(at=0, call=call.key, status=status, reason="News", final=final or status >= 200)
        self._tell(call, news)

    @precondition(_a_call_is_up)
    @rule(gone=st.sampled_from((1, 4)))
    def a_worker_dies(self, gone: int) -> None:
        for call in self.gateway.up[:gone]:
            self._end(call, 0, "worker killed by SIGKILL", "worker")

    @rule(full=st.booleans(), broken=st.sampled_from((False, False, True)))
    def the_workers_are_busy(self, full: bool, broken: bool) -> None:
        self.gateway.full, self.gateway.broken = full, broken

    @rule(seconds=st.sampled_from((0.5, 3.0, 10.0, 70.0)))
    def time_passes(self, seconds: float) -> None:
        self.loop.advance(seconds)
        self._look()

    # --- what always holds -----------------------------------------------------------------------------------

    @invariant()
    def the_room_tells_the_truth(self) -> None:
        if not hasattr(self, "room"):
            return
        if self.onlooker.counts is not None:
            assert self.onlooker.counts == self.room.counts
        shown = {session_id for session_id, who in self.room.participants.items() if who.present}
        assert self.onlooker.present == shown
        assert self.loop.failures == []
        assert self.log.lines == []

    @invariant()
    def clients_hear_nothing_outside_of_their_stay(self) -> None:
        for session_id, heard in getattr(self, "clients", {}).items():
            actions = [event["action"] for event in heard]
            assert actions[:1] in ([], ["joined-meeting"])
            if session_id not in self.room.participants and actions:
                assert actions.count("left-meeting") <= 1
                assert "left-meeting" not in actions[:-1]

    @invariant()
    def a_call_is_in_the_room_only_while_its_session_is(self) -> None:
        if hasattr(self, "room"):
            calls = {session_id for session_id, who in self.room.participants.items() if who.is_telephony}
            assert calls <= set(self.telephony.legs)

    @invariant()
    def no_call_outlives_the_session(self) -> None:
        if hasattr(self, "room") and self.room.session is None:
            for leg in self.telephony.legs.values():
                call = cast("MemoryCall | None", leg.call)
                assert call is None or call.hanging_up, f"{call} goes on in an empty room"

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        try:
            self._end_everything()
            self.the_room_tells_the_truth()
            self.onlooker.check_over()
            assert self.telephony.legs == {}
            assert self.room.participants == {}
            assert self.room.session is None
            assert [task for task in self.tasks if not task.done()] == []
        finally:
            self.patch.undo()
            logging.getLogger("fake_daily_server").removeHandler(self.log)
            self.loop.close()

    def _end_everything(self) -> None:
        self._do(self.room.close("the end"))
        for _ in range(6):
            for call in self.gateway.up:
                self._end(call, 200, "OK", "remote")
            self._do(self.telephony.stop_all())
            self.loop.advance(70)
            self._do(self.room.close("the end"))
        self.loop.advance(200)
        self._look()

    def _see_that_somebody_is_there(self, sure: bool) -> None:
        """So that most runs are about calls, and not about empty rooms."""
        if sure and self.room.session is None:
            self.somebody_joins(owner=True, hidden=False)

    # --- inside ----------------------------------------------------------------------------------------------

    def _do(self, work: Any) -> None:
        """Begin a verb; a refusal is an answer, anything else a failure."""

        async def guarded() -> None:
            try:
                await work
            except DailyError:
                return
            except SimulatorError as leak:
                raise AssertionError(f"an error of SIP came out of a verb: {leak!r}") from leak

        self.tasks = [task for task in self.tasks if not task.done() or task.exception() is not None]
        self.tasks.append(self.loop.spawn(guarded()))
        for task in self.tasks:
            if task.done() and (error := task.exception()) is not None:
                raise error
        self._look()

    def _tell(self, call: MemoryCall, notice: messages.AnyCallNotice) -> None:
        async def tell() -> None:
            call.tell(notice)

        self._do(tell())

    def _end(self, call: MemoryCall, status: int, reason: str, by: messages.Side) -> None:
        self._tell(call, messages.Ended(at=0, call=call.key, status=status, reason=reason, by=by))

    def _look(self) -> None:
        news = list(self.timeline.records(after=self.seen, kind="event"))
        self.seen = self.timeline.last_seq
        for record in news:
            if "to" not in record.fields:
                self.onlooker.take(record.fields["event"])

    def _call(self, pick: int) -> MemoryCall | None:
        up = self.gateway.up
        return up[pick % len(up)] if up else None

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


RoomOfCalls.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestRoomOfCalls(RoomOfCalls.TestCase):  # type: ignore[misc, valid-type]  # made by hypothesis at run time
    """Runs the machine above."""

    pytestmark = pytest.mark.timeout(300)
