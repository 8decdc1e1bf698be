"""A client's place in a scenario: it joins, leaves, asks, and everything it is told goes to its ear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.values.errors import DailyError
from scenarios.ear import Ear
from scenarios.model import ClientSpec
from scenarios.values import differences, shown
from simulator.errors import ExpectationFailed


class Seat:
    """One of a scenario's clients."""

    def __init__(self, name: str, spec: ClientSpec, room: RoomHandle, ear: Ear) -> None:
        self.name = name
        self.ear = ear
        token = room.token(is_owner=spec.owner, user_name=spec.user_name or name)
        self.client = Client(room.url, token=token, on_event=ear.take)

    async def join(self) -> None:
        """Come into the room; DailyError when refused."""
        await self.client.join()

    async def leave(self) -> None:
        """Go; nothing when gone already."""
        await self.client.leave()

    async def refused(self, verb: str, settings: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Ask for something that must be refused as `wanted` says: `status`, `error`, `info`."""
        try:
            if verb == "join":
                await self.client.join()
            else:
                await self.client.request(verb, settings)
        except DailyError as refusal:
            answer = {"status": refusal.status, "error": refusal.error, "info": refusal.info}
            if wrong := differences(wanted, answer):
                raise ExpectationFailed(
                    f"{verb} is refused with {shown(wanted)}",
                    nearest=f"it was refused with {shown(answer)}",
                    because="; ".join(map(str, wrong)),
                ) from refusal
            return
        raise ExpectationFailed(f"{verb} is refused with {shown(wanted)}", nearest="it was accepted")
