"""A room of the server under test, with one participant who receives its events."""

from __future__ import annotations

from typing import Any

from fake_daily_server.load.server_api import ServerApi

_PROPERTIES = {"enable_dialout": True, "sip": {"sip_mode": "dial-in", "display_name": "load"}}


class Room:
    """A room that can be dialled (`sip_uri`) and can dial out."""

    def __init__(self, server: ServerApi, properties: dict[str, Any] | None = None) -> None:
        """Create the room with Daily's `properties`, and let a participant join it. Raises LoadFailure."""
        self.server = server
        self.name: str = server.sim("/rooms", {"properties": {**_PROPERTIES, **(properties or {})}})["name"]
        """Its name, by which the REST API knows it."""
        server.sim(f"/rooms/{self.name}/participants", {"user_name": "load", "owner": True})
        self.sip_uri: str = server.look(f"/rooms/{self.name}")["sip_uris"][0]
        """The SIP URI that a phone dials."""

    def dial_out(self, uri: str) -> str:
        """Let the room call a SIP URI; return the call's session id. Raises LoadFailure."""
        started = self.server.rest(f"/rooms/{self.name}/dialOut/start", {"sipUri": uri})
        return str(started["sessionId"])

    def stop_dial_out(self, session_id: str) -> None:
        """End a call that the room has begun. Raises LoadFailure if it has ended."""
        self.server.rest(f"/rooms/{self.name}/dialOut/stop", {"sessionId": session_id})

    def wait_for_event(self, action: str, where: dict[str, Any], *, after: int = 0, within: float) -> dict[str, Any]:
        """The next event of this name after the record `after`: `seq` and `event`. Raises LoadFailure."""
        wanted = {"events": action, "where": where, "after": after, "within_ms": round(within * 1000)}
        found: dict[str, Any] = self.server.sim(f"/rooms/{self.name}/events/wait", wanted)["events"][0]
        return found
