"""Where a scenario's steps are carried out: a room, its clients, phones, and what was saved on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, TypeVar

from fake_daily_server.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.ear import Ear
from scenarios.model import Scenario
from scenarios.references import resolved
from scenarios.seat import Seat
from scenarios.steps.client import DEFAULT_CLIENT
from scenarios.telling import line
from scenarios.values import MISSING, differences, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.timeline import Record
from simulator.waiting import Changes

T = TypeVar("T")

CALL_WITHIN = 5.0
"""Seconds that a step waits for the call that it is about."""
QUIET_WITHIN = 2.0
"""Seconds that calls have to be over once a scenario's steps are done."""

_EXPLAINED = 12
_PROGRESS = {"dialling": 0, "incoming": 0, "ringing": 1, "early": 1, "answered": 2, "ended": 3}
_NEEDED = {"ringing": 1, "answered": 2}


class Stage:
    """Made for one run of one scenario: `async with Stage(daily, scenario, matched=…) as stage`."""

    def __init__(
        self, daily: FakeDaily, scenario: Scenario, *, on_match: Callable[[Record], None] = lambda _: None
    ) -> None:
        self.daily = daily
        self.newest_session: str | None = None
        """Session id of the newest dial-out or dial-in."""
        self._scenario = scenario
        self._on_match = on_match
        self._room: RoomHandle | None = None
        self._seats: dict[str, Seat] = {}
        self._phones: dict[str, Phone] = {}
        self._saved: dict[str, Any] = {}
        self._digits_taken: dict[PhoneCall, int] = {}
        self._changes = Changes()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Stage:
        self._start = self.daily.timeline.append("scenario", title=self._scenario.title)
        self._stack.callback(self.daily.timeline.listen(self._happened))
        try:
            await self._set_up()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _set_up(self) -> None:
        for name, phone in self._scenario.phones.items():
            self._phones[name] = await self.daily.network.install(phone)
        room = self._scenario.room
        if room is None:
            return
        self._room = await self.daily.create_room(room.name, privacy=room.privacy, **room.properties())
        for name, client in {DEFAULT_CLIENT: self._scenario.client, **self._scenario.clients}.items():
            ear = Ear(name, began=self.began, records=self.records, on_match=self._on_match)
            seat = self._seats[name] = Seat(name, client, self._room, ear)
            self._stack.push_async_callback(seat.leave)
            if client.joins:
                await seat.join()

    def _happened(self, record: Record) -> None:
        event = record.fields.get("event", {})
        if record.kind == "event" and event.get("action") == "dialin-connected":
            self.newest_session = event["sessionId"]
        self._changes.notify()

    # --- what is known ---------------------------------------------------------------------------------------

    @property
    def began(self) -> float:
        """When the scenario began, in seconds on the timeline's clock."""
        return self._start.at

    def records(self) -> list[Record]:
        """Everything that happened in this scenario."""
        return list(self.daily.timeline.records(after=self._start.seq))

    def say(self, kind: str, action: str) -> None:
        """Put something that a step did on the timeline."""
        self.daily.timeline.append(kind, action=action)

    def seat(self, name: str) -> Seat:
        """A client's place."""
        return self._seats[name]

    def phone(self, name: str) -> Phone:
        """A phone."""
        return self._phones[name]

    def value(self, written: Any) -> Any:
        """What was written, with every `$name` replaced."""
        return resolved(written, self._look_up)

    def save(self, names: Mapping[str, str] | None, source: Mapping[str, Any]) -> None:
        """Keep fields of `source` under names for later steps; ExpectationFailed for one that is not there."""
        for name, field in (names or {}).items():
            value: Any = source
            for step in field.split("."):
                value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
            if value is MISSING:
                raise ExpectationFailed(f"a field {field} to save as ${name}", nearest=shown(source))
            self._saved[name] = value

    def with_session(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` for a request about a session: the newest one when it names none; `absent` sends none."""
        wanted = {"sessionId": self.newest_session, **self.value(settings)}
        return {name: value for name, value in wanted.items() if value not in (None, "absent")}

    def _look_up(self, name: str) -> Any:
        root, _, fact = name.partition(".")
        if root == "room" and self._room is not None:
            return self._room_fact(self._room, fact)
        if root in self._seats:
            return self._seats[root].client.session_id
        if root in self._phones:
            return self._phone_fact(self._phones[root], fact)
        if root not in self._saved:
            raise ExpectationFailed(f"a value saved as ${root}", nearest=f"saved so far: {shown(self._saved)}")
        value = self._saved[root]
        return value[fact] if fact and isinstance(value, Mapping) else value

    def _room_fact(self, room: RoomHandle, fact: str) -> str:
        if fact in ("name", "url"):
            return room.name if fact == "name" else room.url
        number = int(fact.partition(".")[2] or 1)
        if number > len(room.sip_uris):
            raise ExpectationFailed(f"the room's SIP address {number}", nearest=f"it has {len(room.sip_uris)}")
        return room.sip_uris[number - 1]

    def _phone_fact(self, phone: Phone, fact: str) -> str:
        facts = {
            "number": phone.number,
            "uri": phone.uri,
            "call_id": phone.calls[-1].sip_call_id if phone.calls else None,
        }
        if (value := facts[fact]) is None:
            raise ExpectationFailed(f"{phone.name} has a {fact}", nearest="it has none")
        return value

    # --- calls -----------------------------------------------------------------------------------------------

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        """What `found` returns once it is not None; it is asked after each happening."""
        return await self._changes.until(found, within=within)

    async def call(self, phone_name: str, number: int | None = None, *, live: bool = True) -> PhoneCall:
        """The phone's newest call, or its call `number` from 1; waits for it, if `live` for one that is not over."""
        phone = self._phones[phone_name]

        def found() -> PhoneCall | None:
            if number is not None:
                return phone.calls[number - 1] if len(phone.calls) >= number else None
            call = phone.calls[-1] if phone.calls else None
            return None if call is None or (live and call.ended is not None) else call

        call = await self.until(found, within=CALL_WITHIN)
        if call is None:
            which = "a call" if number is None else f"call {number}"
            calls = ", ".join(f"{each.state} {'from' if each.incoming else 'to'} {each.remote}" for each in phone.calls)
            raise self.failure(
                f"{phone_name} has {which}  within {CALL_WITHIN:g} s", nearest=calls or "it has had none"
            )
        return call

    async def hears(
        self,
        call: PhoneCall,
        digits: str,
        wanted: Mapping[str, Any],
        *,
        after_answer_ms: Any,
        within: float,
    ) -> None:
        """The next digits that the phone hears are these, each as `wanted` says."""
        start = self._digits_taken.get(call, 0)

        def compare() -> list[str] | None:
            wrong = []
            for digit, heard in zip(digits, call.heard[start:], strict=False):
                facts = {"digit": heard.digit, "method": heard.method, "duration_ms": heard.duration_ms}
                wrong += [f"{heard.digit}: {each}" for each in differences({"digit": f"={digit}", **wanted}, facts)]
            enough = len(call.heard) >= start + len(digits)
            return wrong if wrong or enough or call.ended else None

        wrong = await self.until(compare, within=within)
        heard = call.heard[start:]
        if wrong or len(heard) < len(digits):
            text = " ".join(f"{each.digit} ({each.method}, {each.duration_ms} ms)" for each in heard)
            expected = f"{call.phone} hears {digits} {shown(wanted) if wanted else ''}".rstrip()
            raise self.failure(
                f"{expected}  within {within:g} s",
                nearest=f"it heard {text}" if text else "it heard nothing",
                because="; ".join(wrong or []) or (f"the call has ended: {call.ended.reason}" if call.ended else None),
                about=call,
            )
        self._digits_taken[call] = start + len(digits)
        if after_answer_ms is not None:
            self._check_moment(call, start, after_answer_ms)

    def _check_moment(self, call: PhoneCall, digit: int, wanted: Any) -> None:
        own = [record for record in self.records() if record.fields.get("sip_call_id") == call.sip_call_id]
        talks = next(record.at for record in own if record.fields.get("action") == "talks")
        heard = [record.at for record in own if record.fields.get("action") == "hears"][digit]
        elapsed = round((heard - talks) * 1000)
        if differences(wanted, elapsed):
            expected = f"{call.phone} hears the first digit {shown(wanted)} ms after the answer"
            raise self.failure(expected, nearest=f"it was {elapsed} ms", about=call)

    async def notices(
        self, phone_name: str, number: int | None, state: str, wanted: Mapping[str, Any], *, within: float
    ) -> dict[str, Any]:
        """The facts of a phone's call once it is in `state`; ExpectationFailed when they are not as wanted."""
        if state == "call":
            call = await self._phones[phone_name].wait_for_call(within=within)
        else:
            call = await self.call(phone_name, number, live=False)
        if not await self.until(lambda: _has_come(call, state), within=within):
            raise self.failure(
                f"{phone_name}: the call is {state}  within {within:g} s", nearest=_state(call), about=call
            )
        facts = _facts(call)
        if wrong := differences(wanted, facts, any_case=True):
            expected = f"{phone_name}: the call is {state}, with {shown(wanted)}"
            raise self.failure(expected, nearest="; ".join(map(str, wrong)), about=call)
        return facts

    def kill_gateway_worker(self, sip_call_id: str) -> None:
        """Kill the process that speaks SIP for Daily in this call."""
        for call in self.daily.gateway.calls:
            if call.sip_call_id == sip_call_id:
                self.say("worker", f"process {call.user_agent.pid} is killed")
                os.kill(call.user_agent.pid, signal.SIGKILL)
                return
        raise self.failure("a worker of Daily's in the call", nearest="the call has none any more")

    async def leftovers(self) -> list[str]:
        """The calls that are up although all steps are done, after a moment for those that are ending."""

        def up() -> list[PhoneCall]:
            return [call for phone in self._phones.values() for call in phone.calls if call.ended is None]

        await self.until(lambda: True if not up() else None, within=QUIET_WITHIN)
        return [f"{call.phone} {'from' if call.incoming else 'to'} {call.remote}, {call.state}" for call in up()]

    def failure(
        self, expected: str, *, nearest: str, because: str | None = None, about: PhoneCall | None = None
    ) -> ExpectationFailed:
        """An ExpectationFailed with the latest happenings, of the call that it is about if there is one."""
        records = self.records()
        if about is not None:
            records = [record for record in records if record.fields.get("sip_call_id") == about.sip_call_id]
        happened = [line(record, self.began) for record in records[-_EXPLAINED:]]
        return ExpectationFailed(expected, nearest=nearest, because=because, happened=happened)


def _has_come(call: PhoneCall, state: str) -> bool | None:
    """True once the call is in that state; False when it never can be; None as long as it may."""
    if state == "call":
        return True
    if state == "ended":
        return True if call.ended else None
    if call.ended:
        return False
    if state == "held":
        return True if call.held_by else None
    if state == "answered" and call.media is None:
        return None
    return True if _PROGRESS[call.state] >= _NEEDED[state] else None


def _state(call: PhoneCall) -> str:
    if call.ended:
        return f"it ended with {call.ended.status} {call.ended.reason}, by {call.ended.by}"
    return f"it is {call.state}"


def _facts(call: PhoneCall) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "headers": call.headers,
        "sip_call_id": call.sip_call_id,
        "remote": call.remote,
        "remote_name": call.remote_name,
    }
    if call.media is not None:
        facts |= {"codec": call.media.codec, "telephone_event": call.media.telephone_event is not None}
    if call.ended is not None:
        facts |= {"status": call.ended.status, "reason": call.ended.reason, "by": call.ended.by}
    return facts
