"""The handle of a room for tests: its URL, meeting tokens, and SIP endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.tokens import TokenProperties, create_token
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import explain


class RoomHandle:
    """A room, as returned by `FakeDaily.create_room`. Its properties show the current state of the room."""

    def __init__(self, room: Room, settings: Settings, now: Callable[[], float]) -> None:
        """`now` returns the server's time in unix seconds."""
        self._room = room
        self._now = now
        self._settings = settings

    def __repr__(self) -> str:
        return f"<room {self.url}>"

    @property
    def name(self) -> str:
        """The name of the room, the last part of its URL."""
        return self._room.name

    @property
    def url(self) -> str:
        """The URL that clients join, `http://host:port/name`."""
        return self._room.url

    @property
    def config(self) -> dict[str, Any]:
        """`config` of the room object: properties that differ from their defaults, and read-only fields."""
        config: dict[str, Any] = self._room.as_dict()["config"]
        return config

    @property
    def sip_uris(self) -> list[str]:
        """The SIP URIs of the room's dial-in endpoints, in order; empty without the property `sip`."""
        return list(self._room.dialin.sip_uris)

    @property
    def participants(self) -> dict[str, dict[str, Any]]:
        """The participant objects of daily-js by session id, including those of calls and hidden participants."""
        return {session_id: who.as_seen_by(None) for session_id, who in self._room.participants.items()}

    @property
    def owner_token(self) -> str:
        """A meeting token that makes its participant an owner."""
        return self.token(is_owner=True)

    def token(self, **claims: Any) -> str:
        """Create a meeting token for this room with Daily's token properties: `is_owner`, `user_name`, `exp`, …

        Raises InvalidRequest for an invalid property.
        """
        try:
            properties = TokenProperties(room_name=self.name, **claims)
        except ValidationError as wrong:
            raise InvalidRequest(explain(wrong.errors())) from None
        return create_token(properties, self._settings, now=self._now())
