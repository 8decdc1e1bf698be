"""CallClient: a participant of a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._event_handler import EventHandler

Completion = Callable[[str | None], object]


class CallClient:
    """A participant of a room, as daily-python has it, in a room of the fake Daily.

    Every verb returns at once and calls its `completion`, if given, when it is carried out.
    """

    def __init__(self, event_handler: EventHandler | None = None) -> None:
        from ._call import Call  # noqa: PLC0415 - asyncio and websockets load with the first client, not on import

        self._event_handler = event_handler
        self._released = False
        self._call = Call(self._tell)

    def release(self) -> None:
        """Leave, if in a call, and end; nothing else can be called afterwards."""
        self._check_released()
        self._released = True
        self._call.start("release", self._call.leave, None)

    def join(
        self,
        meeting_url: str,
        meeting_token: str | None = None,
        client_settings: Mapping[str, Any] | None = None,
        completion: Callable[[Mapping[str, Any] | None, str | None], object] | None = None,
    ) -> None:
        """Join the room at this URL."""
        self._check_released()
        self._call.start("join", lambda: self._call.join(meeting_url, meeting_token), completion, with_result=True)

    def leave(self, completion: Completion | None = None) -> None:
        """Leave the room."""
        self._check_released()
        self._call.start("leave", self._call.leave, completion)

    def start_dialout(
        self, settings: Mapping[str, Any], completion: Callable[[str | None, str | None], object] | None = None
    ) -> None:
        """Call a phone number or SIP URI; the completion gets the session id."""
        self._check_released()

        async def dial() -> str:
            result = await self._call.request("startDialOut", dict(settings), "Dialout")
            session_id: str = result["session"]["sessionId"]
            return session_id

        self._call.start("startDialout", dial, completion, with_result=True)

    def _check_released(self) -> None:
        if self._released:
            raise RuntimeError("this object has already been released")

    def _tell(self, callback: str, *args: Any) -> None:
        if self._event_handler is not None and (method := getattr(self._event_handler, callback, None)) is not None:
            method(*args)
