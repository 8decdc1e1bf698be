"""A client's call: the order of its verbs, its connection, and the loss of it. All of it is on the I/O loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from .._media.client_media import Media, SoundSettings
from .._native.errors import Refused, VerbError
from .._native.meeting_url import checked, refuse_other_machines
from .._settings.client_settings import Change, ClientSettings
from . import event_callbacks as _events
from .connection import Answer, Connection, Listener
from .event_delivery import Told
from .participant_format import muted_by_others
from .participants import People
from .resumption import Place, resumed

Event = dict[str, Any]

logger = logging.getLogger("daily")


class Call:
    """At most one participant of one room at a time.

    Verbs take their `turn` in the order in which they were called: what is called during a join waits for its end.
    What a verb raises to its caller is VerbError.
    """

    def __init__(self, told: Told, settings: ClientSettings, people: People, media: Media) -> None:
        self.state = "initialized"
        self.settings = settings
        self.people = people
        self._told = told
        self._media = media
        self._turn = asyncio.Lock()
        self._listener = Listener(self._happened, media.hear, self._lost)
        self._connection: Connection | None = None
        self._place: Place | None = None
        self._held: list[Event] | None = None
        """Events that came after the answer to a join, and are told after its completion."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resuming: asyncio.Task[None] | None = None

    @property
    def is_going_on(self) -> bool:
        """Whether the client is in a room, or about to be; from any thread."""
        return self.state in ("joining", "joined", "leaving") or self._turn.locked()

    # --- coming and going ---

    async def join(self, url: str, token: str | None, client_settings: Any) -> dict[str, Any]:
        """Enter the room; `JoinData`. `tell_held` must follow its completion."""
        checked(url)
        async with self._turn:
            if self.state == "joined":
                raise VerbError("Call(CallState(AlreadyInCall))")
            self._told.changes(self.settings.update_for_join(client_settings), self.people)
            await self._arrange("Call")
            try:
                connection, result = await self._enter(url, token)
            except (ConnectionError, TimeoutError) as wrong:
                await self._over(f"Failed to fetch room information: GET failed: {wrong}")
                raise VerbError(f"Connection(Api(RoomLookup(RoomInfoFetchFailed(Get({wrong})))))") from wrong
            except Refused as refused:
                await self._over(f"Failed to fetch room information: {refused.info}")
                raise VerbError(
                    f"Connection(Api(RoomLookup(RoomInfoError({refused.error}: {refused.info}))))"
                ) from refused
        self._sound(connection)
        return {"meetingSession": result["meetingSession"], "participants": {"local": self.people.local()}}

    async def leave(self) -> None:
        """Leave the room. `leaving` and `left` are told even when the client was in none, as measured."""
        async with self._turn:
            await self._over()

    async def release(self) -> None:
        """Leave, when that has not happened, and wait for what is under way."""
        async with self._turn:
            if self.state == "joined":
                await self._over()
        under_way = self._tasks - {asyncio.current_task()}
        if under_way:
            await asyncio.wait(under_way)

    def tell_held(self) -> None:
        """After the completion of a join: who was there before, and what has happened since."""
        held, self._held = self._held, None
        if held is None:
            return
        for person in self.people.others:
            self._told.tell("on_participant_joined", self.people.news(person))
        for event in held:
            self._take(event)

    # --- verbs ---

    async def request(self, method: str, params: dict[str, Any], family: str) -> dict[str, Any]:
        """Ask the server for something. `family` is daily-python's word for the errors of such verbs.

        A refusal is told as daily-python tells those of Daily's server, followed by the reason.
        """
        (result,) = await self.requests(method, (params,), family)
        return result

    async def requests(self, method: str, each: Iterable[dict[str, Any]], family: str) -> list[dict[str, Any]]:
        """Ask for it with each of these params, which are read when it is this verb's turn; nothing comes between."""
        async with self._turn:
            connection = self._in_call(family)
            answers = [await connection.ask(method, params) for params in each]
        return await _results(answers, family)

    async def change(self, update: Callable[[], list[Change]], family: str) -> None:
        """Change the client's settings, and tell what they are now."""
        async with self._turn:
            self._told.changes(update(), self.people)
            await self._arrange(family)

    async def rename(self, user_name: str) -> None:
        """Another name for the client, in this call or the next one."""
        async with self._turn:
            self.people.user_name = user_name
            self._told.changes([], self.people)
            if self.state != "joined":
                return
            answer = await self._in_call("Presence").ask("setUserName", {"userName": user_name})
        await _results([answer], "Presence")

    async def must_be_going_on(self, family: str) -> None:
        """Fail outside a call."""
        async with self._turn:
            self._in_call(family)

    async def refuse(self, family: str, reason: str) -> None:
        """A verb that the domain does not allow."""
        await self.must_be_going_on(family)
        raise VerbError(f"{family}(Properties({reason}))")

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside; `release` waits for its end."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _in_call(self, family: str) -> Connection:
        if self.state != "joined" and family != "AppMessage":
            raise VerbError(f"{family}(CallState(NotInACall))")
        if self.state != "joined" or self._connection is None:
            raise VerbError(f"{family}(Signalling(ChannelNotOpen))")
        return self._connection

    async def _arrange(self, family: str) -> None:
        settings = self.settings
        try:
            await self._media.arrange(SoundSettings(settings.inputs, settings.publishing, settings.subscriptions.of))
        except (ConnectionError, TimeoutError, Refused) as wrong:
            raise VerbError(f"{family}(Signalling(ResponseReceiveFailed)): {wrong}") from wrong

    # --- the connection ---

    async def _enter(self, url: str, token: str | None) -> tuple[Connection, dict[str, Any]]:
        refuse_other_machines(url)
        self._connection = connection = await Connection.open(url, self._listener)
        self._place = place = Place(url)
        self._become("joining")
        params = {"token": token, "userName": self.people.user_name, "reconnectable": True}
        given = {name: value for name, value in params.items() if value is not None}

        def joined(result: dict[str, Any]) -> None:
            place.keep(self.people.local_id, result)
            self._held = []

        return connection, await connection.request("join", given, joined)

    async def _over(self, why: str | None = None) -> None:
        """The call ends: `why` is told when it was not the user who has ended it."""
        if why is not None:
            self._told.tell("on_error", why)
        was_joined = self.state == "joined"
        self._become("leaving")
        connection, self._connection, self._place, self._held = self._connection, None, None, None
        if self._resuming is not None and self._resuming is not asyncio.current_task():
            self._resuming.cancel()
        self._resuming = None
        if connection is not None:
            if was_joined and why is None:
                await _said_goodbye(connection)
            await connection.close()
        self._media.leave()
        self.people.leave()
        self._media.participants_changed(self.people.everybody)
        self._become("left")

    def _sound(self, connection: Connection) -> None:
        async def enter() -> None:
            try:
                await self._media.enter(connection)
            except (ConnectionError, TimeoutError, Refused) as wrong:
                logger.warning("the room gives no sound: %s", wrong)

        self.spawn(enter())

    def _become(self, state: str) -> None:
        self.state = state
        self._told.tell("on_call_state_updated", state)

    def _network(self, event: str) -> None:
        self._told.tell("on_network_connection_status_updated", {"connection": "signalling", "event": event})

    def _lost(self, connection: Connection, reason: str) -> None:
        if connection is not self._connection or self.state != "joined" or self._place is None or not self._place.key:
            return
        self._connection = None
        self._media.interrupted()
        self._network("interrupted")
        self._resuming = asyncio.create_task(self._resume(self._place, reason))

    async def _resume(self, place: Place, reason: str) -> None:
        try:
            await resumed(place, self._listener, self._again)
        except (ConnectionError, TimeoutError, Refused) as wrong:
            async with self._turn:
                await self._over(f"The connection was lost ({reason}) and could not be made again: {wrong}")

    def _again(self, connection: Connection) -> None:
        self._connection, self._resuming = connection, None
        self._network("connected")
        self._sound(connection)

    # --- what comes ---

    def _happened(self, event: Event) -> None:
        if self._place is not None:
            self._place.received += 1
        if self._held is not None:
            self._held.append(event)
        else:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case {"action": "joined-meeting", "participants": people}:
                self.people.enter(people)
                self._become("joined")
                self._network("connected")
            case {"action": "participant-joined" | "participant-updated" as action, "participant": person}:
                if person["local"]:
                    self._be_muted(person)
                self.people.put(person)
                news = self.people.news(person["session_id"])
                if news is not None:
                    self._told.tell("on_" + action.replace("-", "_"), news)
            case {"action": "participant-left", "participant": person}:
                self._told.tell("on_participant_left", self.people.shown(person), event.get("reason", "leftCall"))
                self.people.remove(person["session_id"])
            case {"action": "active-speaker-change", "activeSpeaker": {"peerId": person}} if (
                person in self.people.everybody
            ):
                self._told.tell("on_active_speaker_changed", self.people.one(person))
            case {"action": "error", "errorMsg": why}:
                self.spawn(self._thrown_out(why, self._place))
            case _ if (told := _events.told(event)) is not None:
                self._told.tell(*told)
        self._media.participants_changed(self.people.everybody)

    async def _thrown_out(self, why: str, place: Place | None) -> None:
        async with self._turn:
            if self.state == "joined" and place is self._place:
                await self._over(why)

    def _be_muted(self, me: Event) -> None:
        before = self.people.everybody.get(me["session_id"], me)
        off = dict.fromkeys(muted_by_others(me) - muted_by_others(before), False)
        if off:
            self.spawn(self.change(lambda: self.settings.update_inputs(off), "Inputs"))


async def _results(answers: Iterable[Answer], family: str) -> list[dict[str, Any]]:
    try:
        return [await answer for answer in answers]
    except Refused as refused:
        raise VerbError(f"{family}(Properties(UnknownCallClientError)): {refused.info}") from refused
    except (ConnectionError, TimeoutError) as wrong:
        raise VerbError(f"{family}(Signalling(ResponseReceiveFailed)): {wrong}") from wrong


async def _said_goodbye(connection: Connection) -> None:
    """Ask to leave. That the network fails at this moment does not matter: the room then finds out by itself."""
    try:
        await connection.request("leave", {})
    except (ConnectionError, TimeoutError, Refused):
        return
