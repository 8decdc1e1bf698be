"""A client of a scenario: its handle, and the events it has received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.values.errors import DailyError
from scenarios.context.received_events import ReceivedEvents
from scenarios.language.comparison import differences
from scenarios.scenario_setup import ClientSpec
from simulator.differences import compared_fields, shown
from simulator.errors import ExpectationFailed
from simulator.speech.speech import Speech


class ScenarioClient:
    """A client of a scenario's room. Its handle passes all received events to `events`."""

    def __init__(self, name: str, spec: ClientSpec, room: RoomHandle, events: ReceivedEvents, speech: Speech) -> None:
        self.events = events
        self.session_ids: set[str] = set()
        """The session ids of all its joins."""
        self._name, self._spec, self._speech = name, spec, speech
        self.handle = self._client_of(room)

    async def join(self, room: RoomHandle | None = None) -> None:
        """Join its room, or leave it and join another one, with which the client stays."""
        if room is not None:
            await self.handle.leave()
            self.handle = self._client_of(room)
        await self.handle.join()

    async def leave(self) -> None:
        """Leave its room."""
        await self.handle.leave()

    def _client_of(self, room: RoomHandle) -> Client:
        token = room.token(is_owner=self._spec.owner, user_name=self._spec.user_name or self._name)
        return Client(room.url, token=token, on_event=self._receive, speech=self._speech)

    def _receive(self, event: Mapping[str, Any]) -> None:
        if event.get("action") == "joined-meeting":
            self.session_ids.add(event["participants"]["local"]["session_id"])
        self.events.receive(event)

    async def expect_refusal(self, verb: str, options: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
        """Make a request that must be refused. Raises ExpectationFailed if it is accepted, or refused differently.

        Keys of `expected`: `status`, `error`, `info`.
        """
        try:
            if verb == "join":
                await self.handle.join()
            else:
                await self.handle.request(verb, options)
        except DailyError as refusal:
            answer = {"status": refusal.status, "error": refusal.error, "info": refusal.info}
            if wrong := differences(expected, answer):
                raise ExpectationFailed(
                    f"{verb} is refused with {shown(expected)}",
                    nearest=f"it was refused with {shown(answer)}",
                    because="; ".join(map(str, wrong)),
                    compared=compared_fields(expected, answer, wrong),
                ) from refusal
            return
        raise ExpectationFailed(f"{verb} is refused with {shown(expected)}", nearest="it was accepted")
