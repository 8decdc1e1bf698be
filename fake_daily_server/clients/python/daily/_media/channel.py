"""MediaChannel: the part of the connection to the room that media use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class MediaChannel(Protocol):
    """The requests and binary messages of the signalling connection."""

    async def request(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a request and return its result. Raises RequestRefused, ConnectionError and TimeoutError."""

    async def send_binary(self, message: bytes) -> None:
        """Send a binary message: an audio or video frame. Raises ConnectionError."""
