"""Where a scenario's steps are carried out: a room, its clients, phones, and what was saved on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.calls import PhoneCalls
from scenarios.customer import Customer
from scenarios.ear import Ear
from scenarios.happenings import Happenings
from scenarios.model import Scenario
from scenarios.references import resolved
from scenarios.seat import Seat
from scenarios.steps.client import DEFAULT_CLIENT
from scenarios.values import MISSING, Exactly, differences, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.timeline import Record

OWN_ROOM = "room"
"""What the room that every scenario has is called."""


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
        self._rooms: dict[str, RoomHandle] = {}
        self.customer = Customer()
        """The customer's own server."""
        self._received = 0
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
        await self._stack.enter_async_context(self.customer)
        own = self._scenario.room
        if own is None:
            return
        for name, room in {OWN_ROOM: own, **self._scenario.rooms}.items():
            self._rooms[name] = await self.daily.create_room(room.name, privacy=room.privacy, **room.properties())
        for name, client in {DEFAULT_CLIENT: self._scenario.client, **self._scenario.clients}.items():
            ear = Ear(name, self.happenings, self._on_match)
            seat = self._seats[name] = Seat(name, client, self._rooms[client.room or OWN_ROOM], ear)
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
        if root in self._rooms:
            return self._room_fact(self._rooms[root], fact)
        if root == "customer":
            return self.customer.url
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
        if fact.startswith("dialin_"):
            if fact not in room.config:
                raise ExpectationFailed(f"a {fact} of the room", nearest="it has no property `dialin`")
            return str(room.config[fact])
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

    # --- programs of the customer ----------------------------------------------------------------------------

    async def call_api(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Call the REST API with the domain's key; status and JSON of the answer."""
        import httpx  # noqa: PLC0415 - most scenarios never call it

        headers = {"Authorization": f"Bearer {self.daily.api_key}"}
        url = f"{self.daily.api_url}{path}"
        async with httpx.AsyncClient(headers=headers, trust_env=False) as api:
            answer = await api.request(method, url, **({} if body is None else {"json": body}))
        return answer.status_code, answer.json()

    async def receives(self, where: Any, headers: Any, *, within: float) -> dict[str, Any]:
        """The body of the next request to the customer's server that is as wanted."""
        posts = self.customer.posts

        def found() -> int | None:
            for number in range(self._received, len(posts)):
                post = posts[number]
                if not differences(where, post.body) and not differences(headers, post.headers, any_case=True):
                    return number
            return None

        number = await self.customer.until(found, within=within)
        if number is None:
            raise ExpectationFailed(
                f"the customer's server receives {shown(where)}  within {within:g} s",
                nearest="; ".join(shown(post.body) for post in posts[self._received :]) or "nothing",
                happened=self.happenings.told(),
            )
        self._received = number + 1
        body: dict[str, Any] = posts[number].body
        return body

    def kill_gateway_worker(self, sip_call_id: str) -> None:
        """Kill the process that speaks SIP for Daily in this call."""
        for call in self.daily.gateway.calls:
            if call.sip_call_id == sip_call_id:
                self.happenings.add("worker", f"process {call.user_agent.pid} is killed")
                os.kill(call.user_agent.pid, signal.SIGKILL)
                return
        raise ExpectationFailed("a worker of Daily's in the call", nearest="the call has none any more")
