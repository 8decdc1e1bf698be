"""A phone of the server process beside a Locust worker."""

from __future__ import annotations

from typing import Any

from fake_daily_server.load.server_api import ServerApi


class Phone:
    """A phone without a number, which answers each call at once unless `calls` says otherwise."""

    def __init__(self, server: ServerApi, fields: dict[str, Any]) -> None:
        """Add the phone with the fields of `POST /_sim/phones`. Raises LoadFailure."""
        self.server = server
        made = server.sim("/phones", fields)
        self.id: str = made["id"]
        """Its id in `/_sim`."""
        self.uri: str = made["uri"]
        """The SIP URI at which it can be called."""

    def remove(self) -> None:
        """Hang up its calls and remove it. Raises LoadFailure."""
        self.server.remove(f"/phones/{self.id}")
