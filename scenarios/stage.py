"""Where a scenario's steps are carried out: a room, its clients, phones, and what was saved on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from fake_daily_server.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.calls import PhoneCalls
from scenarios.ear import Ear
from scenarios.happenings import Happenings
from scenarios.model import Scenario
from scenarios.references import resolved
from scenarios.seat import Seat
from scenarios.steps.client import DEFAULT_CLIENT
from scenarios.values import MISSING, Exactly, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.timeline import Record


class Stage:
    """Made for one run of one scenario: `async with Stage(daily, scenario, matched=…) as stage`."""

    def __init__(
        self, daily: FakeDaily, scenario: Scenario, *, on_match: Callable[[Record], None] = lambda _: None
    ) -> None:
        self.daily = daily
        self.newest_session: str | None = None
        """Session id of the newest call, dialled out or dialled in."""
        self._scenario = scenario
        self._on_match = on_match
        self._room: RoomHandle | None = None
        self._seats: dict[str, Seat] = {}
        self._phones: dict[str, Phone] = {}
        self._saved: dict[str, Any] = {}
        self.happenings = Happenings(daily.timeline, scenario.title)
        self.calls = PhoneCalls(self._phones, self.happenings)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Stage:
        self._stack.enter_context(self.happenings)
        self._stack.callback(self.daily.timeline.listen(self._note_caller))
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
            ear = Ear(name, self.happenings, self._on_match)
            seat = self._seats[name] = Seat(name, client, self._room, ear)
            self._stack.push_async_callback(seat.leave)
            if client.joins:
                await seat.join()

    # --- what is known ---------------------------------------------------------------------------------------

    def seat(self, name: str) -> Seat:
        """A client's place."""
        return self._seats[name]

    def is_phone(self, name: str) -> bool:
        """Whether a phone, not a client, has this name."""
        return name in self._phones

    def phone(self, name: str) -> Phone:
        """A phone."""
        return self._phones[name]

    def value(self, written: Any) -> Any:
        """What was written, with every `$name` replaced."""
        return resolved(written, self._look_up)

    def wanted(self, written: Any) -> Any:
        """The same for what something is compared with: a saved text is no pattern, whatever it looks like."""

        def look_up(name: str) -> Any:
            value = self._look_up(name)
            return Exactly(value) if isinstance(value, str) else value

        return resolved(written, look_up)

    def save(self, names: Mapping[str, str] | None, source: Mapping[str, Any]) -> None:
        """Keep fields of `source` under names for later steps; ExpectationFailed for one that is not there."""
        for name, field in (names or {}).items():
            self._saved[name] = self._part(source, field, name)

    def with_session(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` for a request about a session: the newest one when it names none; `absent` sends none."""
        wanted = {"sessionId": self.newest_session, **self.value(settings)}
        return {name: value for name, value in wanted.items() if value not in (None, "absent")}

    def _note_caller(self, record: Record) -> None:
        event = record.fields.get("event", {})
        if event.get("action") == "dialin-connected":
            self.newest_session = event["sessionId"]

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
        return self._part(self._saved[root], fact, name)

    @staticmethod
    def _part(whole: Any, field: str, name: str) -> Any:
        """The field of `whole` that `field` leads to by its dots; all of it when `field` is empty."""
        value = whole
        for step in field.split(".") if field else ():
            value = value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
        if value is MISSING:
            raise ExpectationFailed(f"a field {field} for ${name}", nearest=shown(whole))
        return value

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

    def kill_gateway_worker(self, sip_call_id: str) -> None:
        """Kill the process that speaks SIP for Daily in this call."""
        for call in self.daily.gateway.calls:
            if call.sip_call_id == sip_call_id:
                self.happenings.add("worker", f"process {call.user_agent.pid} is killed")
                os.kill(call.user_agent.pid, signal.SIGKILL)
                return
        raise ExpectationFailed("a worker of Daily's in the call", nearest="the call has none any more")
