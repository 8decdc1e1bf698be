"""The run-time context of one scenario: rooms, clients, phones, the customer's server and the variables."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.story_agent import STORY_AGENT
from scenarios.context.customer_server import CustomerServer
from scenarios.context.hearing_phones import phones_hearing
from scenarios.context.persona_folders import persona_folders
from scenarios.context.phone_calls import PhoneCalls
from scenarios.context.program_requests import ProgramRequests
from scenarios.context.programs import Programs
from scenarios.context.received_events import ReceivedEvents
from scenarios.context.room_listener import listening_to
from scenarios.context.scenario_client import ScenarioClient
from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.context.variables import Variables
from scenarios.language.comparison import differences
from scenarios.scenario_setup import DEFAULT_ROOM, ScenarioSetup
from simulator.differences import Difference, because, compared_fields, nearest_miss, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone
from simulator.timeline import Record


class ScenarioContext:
    """The context of one run of one scenario: `async with ScenarioContext(daily, scenario) as context`.

    Entering installs the phones, creates the rooms, has the clients join and starts the programs; exiting ends the
    programs and has the clients leave.
    Relative paths in the steps start at `folder`. `on_match` is called with the timeline record of each event that a
    step has matched.
    """

    def __init__(
        self,
        daily: FakeDaily,
        setup: ScenarioSetup,
        *,
        folder: Path = Path(),
        on_match: Callable[[Record], None] = lambda _: None,
    ) -> None:
        self.daily = daily
        self.newest_session: str | None = None
        """Session id of the newest dial-out or dial-in."""
        self.customer = CustomerServer()
        self.timeline = ScenarioTimeline(daily.timeline, setup.title)
        self._setup = setup
        self._folder = folder
        self._on_match = on_match
        self._rooms: dict[str, RoomHandle] = {}
        self._clients: dict[str, ScenarioClient] = {}
        self._phones: dict[str, Phone] = {}
        self._matched_posts = 0
        """Number of requests to the customer's server up to the last one that a `receives` step matched."""
        self.calls = PhoneCalls(self._phones, self.timeline)
        self.programs = Programs(
            setup.all_programs, daily, self.timeline, self._rooms, own_sessions=self._own_sessions, on_match=on_match
        )
        self.requests = ProgramRequests(self.timeline, self.programs.sessions, lambda: self.customer.url)
        self.variables = Variables(
            rooms=self._rooms,
            clients=self._clients,
            phones=self._phones,
            customer=self.customer,
            programs=self.programs,
            daily=daily,
        )
        self.unattended_sessions: set[str] = set()
        """Session ids of clients that only listen for a step."""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> ScenarioContext:
        self._stack.enter_context(self.timeline)
        self._stack.callback(self.daily.timeline.listen(self._note_dialin_session))
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
        personas = self.daily.network.personas.with_folders(persona_folders(self._folder))
        for username, password in self._setup.sip_clients.items():
            self.daily.site.domain.sip_clients.create(username, password)
        for name, phone in self._setup.phones.items():
            self._phones[name] = await self.daily.network.install(phone, personas=personas)
        await self._stack.enter_async_context(self.customer)
        for name, room in self._setup.all_rooms.items():
            self._rooms[name] = await self.daily.create_room(room.name, privacy=room.privacy, **room.properties())
        for name, spec in self._setup.all_clients.items():
            events = ReceivedEvents(name, self.timeline, self._on_match)
            client = ScenarioClient(
                name, spec, self._rooms[spec.room or DEFAULT_ROOM], events, self.daily.network.audio.speech
            )
            self._clients[name] = client
            self._stack.push_async_callback(client.leave)
            if spec.joins:
                await client.handle.join()
        if self.programs:
            self._stack.callback(self.daily.timeline.listen(self.programs.note))
            self._stack.push_async_callback(self.programs.stop)
            await self.programs.start(self.variables.resolve, self._folder)

    def _own_sessions(self) -> set[str]:
        return self.unattended_sessions.union(*(client.session_ids for client in self._clients.values()))

    def end_tracks(self, names: Iterable[str]) -> None:
        """Give the orders of events of these tracks up, at their end."""
        for name in (*self._clients, *self.programs):
            self.events(name).end_tracks(names)

    def events(self, name: str) -> ReceivedEvents:
        """The events that the client or the program with this name receives."""
        return self.programs[name].events if name in self.programs else self._clients[name].events

    @asynccontextmanager
    async def listening_to(self, program: str) -> AsyncIterator[Client]:
        """A client that hears what a program sends to its room. Raises ExpectationFailed if it is in none."""
        session = await self.programs[program].expect_joined(within=0)
        async with listening_to(session, self.daily, self.unattended_sessions.add) as client:
            yield client

    def client(self, name: str) -> ScenarioClient:
        """The client with this name."""
        return self._clients[name]

    def room_named(self, name: str) -> RoomHandle:
        """A room of the server, such as one that Daily has made for a call. Raises NotFound."""
        store = self.daily.site.rooms
        return RoomHandle(store.get(name), store.settings, store.clock)

    def is_phone(self, name: str) -> bool:
        """Whether `name` is the name of a phone; otherwise it is that of a client."""
        return name in self._phones

    def hearing(self, names: Iterable[str]) -> AbstractAsyncContextManager[None]:
        """Let the phones with these names listen in each of their calls, during the context."""
        return phones_hearing(self._phones, tuple(names), self.daily.timeline)

    def phone(self, name: str) -> Phone:
        """The phone with this name."""
        return self._phones[name]

    def sound_file(self, name: str) -> Path:
        """The path of a sound file that a step names."""
        return self._folder / name

    def session_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Resolve the variables in the options of a request about a session.

        `sessionId` defaults to the newest session; an option with the value `absent` is omitted from the request.
        """
        resolved = {"sessionId": self.newest_session, **self.variables.resolve(options)}
        return {name: value for name, value in resolved.items() if value not in (None, "absent")}

    def _note_dialin_session(self, record: Record) -> None:
        event = record.fields.get("event", {})
        if event.get("action") == "dialin-connected":
            self.newest_session = event["sessionId"]

    async def call_rest_api(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Call Daily's REST API with the domain's API key; return the status code and the JSON of the response."""
        import httpx  # noqa: PLC0415 - most scenarios do not call the REST API

        headers = {"Authorization": f"Bearer {self.daily.api_key}", "User-Agent": STORY_AGENT}
        url = f"{self.daily.api_url}{path}"
        async with httpx.AsyncClient(headers=headers, trust_env=False) as api:
            answer = await api.request(method, url, **({} if body is None else {"json": body}))
        return answer.status_code, answer.json()

    async def finish_webhooks(self) -> None:
        """Wait until the requests that the customer's server has answered are on the timeline.

        Those to a server that answers late on purpose are not waited for.
        """
        if self.customer.posts and not self.customer.delay_s:
            await self.daily.site.webhooks.finish_attempts()

    async def expect_customer_request(self, where: Any, headers: Any, *, within: float) -> dict[str, Any]:
        """Wait for the next request to the customer's server whose body and header fields match; return its body.

        Only requests after the one that the previous call matched count. Raises ExpectationFailed.
        """
        posts = self.customer.posts

        def different(index: int) -> list[Difference]:
            of_headers = differences(headers, posts[index].headers, field="headers", ignore_case=True)
            return [*differences(where, posts[index].body), *of_headers]

        def found() -> int | None:
            return next((each for each in range(self._matched_posts, len(posts)) if not different(each)), None)

        index = await self.customer.wait_until(found, within=within)
        if index is None:
            nearest = nearest_miss(range(self._matched_posts, len(posts)), different)
            raise ExpectationFailed(
                f"the customer's server receives {shown(where)}  within {within:g} s",
                nearest="nothing" if nearest is None else shown(posts[nearest].body),
                because=None if nearest is None else because(different(nearest)),
                happened=self.timeline.latest_lines(),
                compared=()
                if nearest is None
                else compared_fields({**where, "headers": headers}, posts[nearest].body, different(nearest)),
            )
        self._matched_posts = index + 1
        body: dict[str, Any] = posts[index].body
        return body

    def kill_gateway_worker(self, sip_call_id: str) -> None:
        """Kill the gateway worker that has this call (SIGKILL). Raises ExpectationFailed if none has it."""
        for call in self.daily.gateway.calls:
            if call.sip_call_id == sip_call_id:
                self.timeline.append("worker", f"process {call.user_agent.pid} is killed")
                os.kill(call.user_agent.pid, signal.SIGKILL)
                return
        raise ExpectationFailed(
            f"a gateway worker has the call {sip_call_id}", nearest="the call has ended on Daily's side"
        )
