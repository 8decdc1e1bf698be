"""Call: orders a client's verbs, and keeps or resumes its connection to the room. Runs on the I/O loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from .._media.client_media import ClientMedia
from .._media.media_settings import MediaSettings
from .._native.errors import RequestRefused, VerbError
from .._native.meeting_url import check_host, check_url
from .._settings.client_settings import Change, ClientSettings
from .connection import Connection, ConnectionListener, PendingResult
from .event_callbacks import callback_of_event
from .event_delivery import EventDelivery
from .participant_format import muted_by_others
from .participants import CallParticipants
from .resumption import Resumption, resume

Event = dict[str, Any]

logger = logging.getLogger("daily")


class Call:
    """The call of one client: in one room at a time, or in none.

    Verbs wait for `turn` in the order of their calls: a verb called during a join waits until the join has ended. All
    verbs raise VerbError.
    """

    def __init__(
        self, delivery: EventDelivery, settings: ClientSettings, participants: CallParticipants, media: ClientMedia
    ) -> None:
        self.state = "initialized"
        self.settings = settings
        self.participants = participants
        self.turn = asyncio.Lock()
        self._delivery = delivery
        self._media = media
        self._listener = ConnectionListener(self._event_received, media.receive, self._connection_lost)
        self._connection: Connection | None = None
        self._resumption: Resumption | None = None
        self._held_events: list[Event] | None = None
        """Events that arrived after the answer to a join; delivered after the completion of the join."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._resuming: asyncio.Task[None] | None = None

    @property
    def is_active(self) -> bool:
        """Whether the client is in a room, joining or leaving. May be read on any thread."""
        return self.state in ("joining", "joined", "leaving") or self.turn.locked()

    # --- join and leave ---

    async def join(self, url: str, token: str | None, client_settings: Any) -> dict[str, Any]:
        """Join the room; returns `JoinData`. `deliver_held_events` must follow the completion of the join."""
        check_url(url)
        async with self.turn:
            if self.state == "joined":
                raise VerbError("Call(CallState(AlreadyInCall))")
            self._delivery.emit_changes(self.settings.update_for_join(client_settings), self.participants)
            await self._apply_settings("Call")
            try:
                connection, result = await self._connect(url, token)
            except (ConnectionError, TimeoutError) as error:
                await self._end(f"Failed to fetch room information: GET failed: {error}")
                raise VerbError(f"Connection(Api(RoomLookup(RoomInfoFetchFailed(Get({error})))))") from error
            except RequestRefused as refused:
                await self._end(f"Failed to fetch room information: {refused.info}")
                raise VerbError(
                    f"Connection(Api(RoomLookup(RoomInfoError({refused.error}: {refused.info}))))"
                ) from refused
        self._start_media(connection)
        return {"meetingSession": result["meetingSession"], "participants": {"local": self.participants.local()}}

    async def leave(self) -> None:
        """Leave the room. Outside a call, the states `leaving` and `left` are reported as well, as in daily-python."""
        async with self.turn:
            await self._end()

    async def release(self) -> None:
        """Leave the room if necessary, and wait for all tasks of the call."""
        async with self.turn:
            if self.state == "joined":
                await self._end()
        tasks = self._tasks - {asyncio.current_task()}
        if tasks:
            await asyncio.wait(tasks)

    def deliver_held_events(self) -> None:
        """Report, after the completion of a join, the participants who joined earlier and the events since the join."""
        held, self._held_events = self._held_events, None
        if held is None:
            return
        for participant in self.participants.others:
            self._delivery.emit("on_participant_joined", self.participants.take_change(participant))
        for event in held:
            self._handle(event)

    # --- verbs ---

    async def request(self, method: str, params: dict[str, Any], family: str) -> dict[str, Any]:
        """Send a request; returns its result. `family` is daily-python's name for the errors of this verb.

        The error of a refused request has daily-python's text, followed by the reason.
        """
        (result,) = await self.requests(method, (params,), family)
        return result

    async def requests(self, method: str, each: Iterable[dict[str, Any]], family: str) -> list[dict[str, Any]]:
        """Send a request for each of the params in `each`, without another verb in between; returns the results.

        `each` is iterated only when it is this verb's turn.
        """
        async with self.turn:
            connection = self._connection_in_call(family)
            pending = [await connection.send_request(method, params) for params in each]
        return await _results(pending, family)

    async def update_settings(self, update: Callable[[], list[Change]], family: str) -> None:
        """Change the client's settings, and report the changes."""
        async with self.turn:
            self._delivery.emit_changes(update(), self.participants)
            await self._apply_settings(family)

    async def set_user_name(self, user_name: str) -> None:
        """Set the name of the client, in this call or for the next one."""
        async with self.turn:
            self.participants.user_name = user_name
            self._delivery.emit_changes([], self.participants)
            if self.state != "joined":
                return
            pending = await self._connection_in_call("Presence").send_request("setUserName", {"userName": user_name})
        await _results([pending], "Presence")

    async def fail_as_unavailable(self, family: str, reason: str) -> None:
        """Raise the VerbError of a service that is not enabled for the domain."""
        async with self.turn:
            self._connection_in_call(family)
        raise VerbError(f"{family}(Properties({reason}))")

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run a coroutine as a task of the call, for which `release` waits."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _connection_in_call(self, family: str) -> Connection:
        if self.state != "joined" and family != "AppMessage":
            raise VerbError(f"{family}(CallState(NotInACall))")
        if self.state != "joined" or self._connection is None:
            raise VerbError(f"{family}(Signalling(ChannelNotOpen))")
        return self._connection

    async def _apply_settings(self, family: str) -> None:
        settings = self.settings
        try:
            await self._media.apply(MediaSettings(settings.inputs, settings.publishing, settings.subscriptions.of))
        except (ConnectionError, TimeoutError, RequestRefused) as error:
            raise VerbError(f"{family}(Signalling(ResponseReceiveFailed)): {error}") from error

    # --- the connection ---

    async def _connect(self, url: str, token: str | None) -> tuple[Connection, dict[str, Any]]:
        check_host(url)
        self._connection = connection = await Connection.open(url, self._listener)
        self._resumption = resumption = Resumption(url)
        self._set_state("joining")
        params = {"token": token, "userName": self.participants.user_name, "reconnectable": True}
        given = {name: value for name, value in params.items() if value is not None}

        def joined(result: dict[str, Any]) -> None:
            resumption.joined(self.participants.local_id, result)
            self._held_events = []

        return connection, await connection.request("join", given, joined)

    async def _end(self, error: str | None = None) -> None:
        """End the call. If the call ends with an error, `error` is reported to `on_error`."""
        if error is not None:
            self._delivery.emit("on_error", error)
        was_joined = self.state == "joined"
        self._set_state("leaving")
        connection, self._connection, self._resumption, self._held_events = self._connection, None, None, None
        if self._resuming is not None and self._resuming is not asyncio.current_task():
            self._resuming.cancel()
        self._resuming = None
        if connection is not None:
            if was_joined and error is None:
                await _request_leave(connection)
            await connection.close()
        self._media.leave()
        self.participants.leave()
        self._media.participants_changed(self.participants.everybody)
        self._set_state("left")

    def _start_media(self, connection: Connection) -> None:
        async def enter() -> None:
            try:
                await self._media.enter(connection)
            except (ConnectionError, TimeoutError, RequestRefused) as error:
                logger.warning("the room sends no audio or video: %s", error)

        self.spawn(enter())

    def _set_state(self, state: str) -> None:
        self.state = state
        self._delivery.emit("on_call_state_updated", state)

    def _report_network(self, event: str) -> None:
        self._delivery.emit("on_network_connection_status_updated", {"connection": "signalling", "event": event})

    def _connection_lost(self, connection: Connection, reason: str) -> None:
        resumption = self._resumption
        if connection is not self._connection or self.state != "joined" or resumption is None or not resumption.key:
            return
        self._connection = None
        self._media.interrupted()
        self._report_network("interrupted")
        self._resuming = asyncio.create_task(self._resume(resumption, reason))

    async def _resume(self, resumption: Resumption, reason: str) -> None:
        try:
            await resume(resumption, self._listener, self._resumed)
        except (ConnectionError, TimeoutError, RequestRefused) as error:
            async with self.turn:
                await self._end(f"The connection was lost ({reason}) and could not be restored: {error}")

    def _resumed(self, connection: Connection) -> None:
        self._connection, self._resuming = connection, None
        self._report_network("connected")
        self._start_media(connection)

    # --- events ---

    def _event_received(self, event: Event) -> None:
        if self._resumption is not None:
            self._resumption.received += 1
        if self._held_events is not None:
            self._held_events.append(event)
        else:
            self._handle(event)

    def _handle(self, event: Event) -> None:
        match event:
            case {"action": "joined-meeting", "participants": participants}:
                self.participants.enter(participants)
                self._set_state("joined")
                self._report_network("connected")
            case {"action": "participant-joined" | "participant-updated" as action, "participant": participant}:
                self._participant_changed(action, participant)
            case {"action": "participant-left", "participant": participant}:
                self._delivery.emit(
                    "on_participant_left", self.participants.remote(participant), event.get("reason", "leftCall")
                )
                self.participants.remove(participant["session_id"])
            case {"action": "active-speaker-change", "activeSpeaker": {"peerId": participant}} if (
                participant in self.participants.everybody
            ):
                self._delivery.emit("on_active_speaker_changed", self.participants.one(participant))
            case {"action": "error", "errorMsg": error}:
                self.spawn(self._ended_by_server(error, self._resumption))
            case _ if (callback := callback_of_event(event)) is not None:
                self._delivery.emit(*callback)
        self._media.participants_changed(self.participants.everybody)

    def _participant_changed(self, action: str, participant: Event) -> None:
        if participant["local"]:
            self._disable_muted_inputs(participant)
        self.participants.put(participant)
        change = self.participants.take_change(participant["session_id"])
        if change is not None:
            self._delivery.emit("on_" + action.replace("-", "_"), change)

    async def _ended_by_server(self, error: str, resumption: Resumption | None) -> None:
        async with self.turn:
            if self.state == "joined" and resumption is self._resumption:  # still the call that the event belongs to
                await self._end(error)

    def _disable_muted_inputs(self, local: Event) -> None:
        """Disable the inputs that another participant has just muted; the program may enable them again."""
        before = self.participants.everybody.get(local["session_id"], local)
        muted = dict.fromkeys(muted_by_others(local) - muted_by_others(before), False)
        if muted:
            self.spawn(self.update_settings(lambda: self.settings.update_inputs(muted), "Inputs"))


async def _results(pending: Iterable[PendingResult], family: str) -> list[dict[str, Any]]:
    try:
        return [await result for result in pending]
    except RequestRefused as refused:
        raise VerbError(f"{family}(Properties(UnknownCallClientError)): {refused.info}") from refused
    except (ConnectionError, TimeoutError) as error:
        raise VerbError(f"{family}(Signalling(ResponseReceiveFailed)): {error}") from error


async def _request_leave(connection: Connection) -> None:
    """Ask the room to remove the participant. If that fails, the closing of the connection removes it."""
    try:
        await connection.request("leave", {})
    except (ConnectionError, TimeoutError, RequestRefused):
        return
