"""A room of a running server, with the methods of `RoomHandle`."""

from __future__ import annotations

import time
from typing import Any

from pydantic import ValidationError

from fake_daily_server.clients.remote.server_http import ServerHttp
from fake_daily_server.domain.tokens import TokenProperties, create_token
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import explain


class RemoteRoom:
    """A room, as returned by `RemoteDaily.create_room`. Its properties show the current state of the room."""

    def __init__(self, http: ServerHttp, name: str, url: str, settings: Settings) -> None:
        self._http = http
        self._settings = settings
        self.name = name
        self.url = url

    def __repr__(self) -> str:
        return f"<room {self.url}>"

    @property
    def config(self) -> dict[str, Any]:
        """`config` of the room object: properties that differ from their defaults, and read-only fields."""
        return dict(self._http.now("GET", f"/v1/rooms/{self.name}")["config"])

    @property
    def sip_uris(self) -> list[str]:
        """The SIP URIs of the room's dial-in endpoints, in order; empty without the property `sip`."""
        return list(self._http.now("GET", f"/_sim/rooms/{self.name}")["sip_uris"])

    @property
    def participants(self) -> dict[str, dict[str, Any]]:
        """The participant objects of daily-js by session id, including those of calls and hidden participants."""
        found = self._http.now("GET", f"/_sim/rooms/{self.name}")["participants"]
        return {who["session_id"]: who for who in found}

    @property
    def owner_token(self) -> str:
        """A meeting token that makes its participant an owner."""
        return self.token(is_owner=True)

    def token(self, **claims: Any) -> str:
        """Create a meeting token for this room with Daily's token properties. Raises InvalidRequest."""
        try:
            properties = TokenProperties(room_name=self.name, **claims)
        except ValidationError as wrong:
            raise InvalidRequest(explain(wrong.errors())) from None
        return create_token(properties, self._settings, now=time.time())
