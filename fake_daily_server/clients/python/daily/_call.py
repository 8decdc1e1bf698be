"""A client's call: its connection, who is in the room, and what its handler is told. All of it is on the I/O loop."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from . import _events
from ._connection import Connection
from ._dispatch import Dispatcher
from ._errors import Refused, VerbError
from ._loop import io_loop
from ._participants import participant


class Call:
    """What a `CallClient` stands on.

    `state` is daily-python's call state; `participants` is as the signalling shows them, by session id.
    """

    def __init__(self, tell: Callable[..., None]) -> None:
        self.loop = io_loop()
        self.dispatcher = Dispatcher()
        self.state = "initialized"
        self.session_id = str(uuid.uuid4())
        self.participants: dict[str, dict[str, Any]] = {}
        self.connection: Connection | None = None
        self._user_name: str | None = None
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()

    # --- verbs, from any thread ---

    def start(
        self,
        name: str,
        verb: Callable[[], Awaitable[Any]],
        completion: Callable[..., object] | None,
        *,
        with_result: bool = False,
    ) -> None:
        """Carry out a verb on the loop, and then call its completion: with the result and the error, or the error.

        `name` is what `on_error` calls it, which hears of every failure too.
        """

        def begin() -> None:
            task = asyncio.create_task(self._carry_out(name, verb, completion, with_result), name=name)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.loop.call_soon_threadsafe(begin)

    async def _carry_out(
        self,
        name: str,
        verb: Callable[[], Awaitable[Any]],
        completion: Callable[..., object] | None,
        with_result: bool,  # noqa: FBT001
    ) -> None:
        result, error = None, None
        try:
            result = await verb()
        except VerbError as wrong:
            error = str(wrong)
        if completion is not None:
            self.dispatcher.post(completion, *((result, error) if with_result else (error,)))
        if error is not None:
            self.tell("on_error", f"Error handling {name}: {error}")

    def tell(self, callback: str, *args: Any) -> None:
        """Have a method of the event handler called."""
        self.dispatcher.post(self._tell, callback, *args)

    # --- coming and going ---

    async def join(self, url: str, token: str | None) -> dict[str, Any]:
        """Enter the room; the `JoinData` of daily-python."""
        self._become("joining")
        try:
            self.connection = await Connection.open(url, self._happened, self._heard, self._lost)
            params: dict[str, Any] = {"token": token, "userName": self._user_name}
            result = await self.connection.request(
                "join", {name: value for name, value in params.items() if value is not None}
            )
        except (ConnectionError, TimeoutError, Refused) as wrong:
            if self.connection is not None:
                await self.connection.close()
                self.connection = None
            self._become("left")
            raise VerbError(str(wrong)) from wrong
        return {
            "participants": {"local": participant(self.participants[self.session_id])},
            "meetingSession": result["meetingSession"],
        }

    async def leave(self) -> None:
        """Leave the room, if in one."""
        self._become("leaving")
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()
        self.participants = {}
        self._become("left")

    async def request(self, method: str, params: dict[str, Any], kind: str) -> dict[str, Any]:
        """A request to the server; `kind` is the family of Daily's errors that its failures belong to."""
        if self.state != "joined" or self.connection is None:
            raise VerbError(f"{kind}(CallState(NotInACall))")
        try:
            return await self.connection.request(method, params)
        except (Refused, ConnectionError, TimeoutError) as wrong:
            raise VerbError(f"{kind}(Properties(UnknownCallClientError)): {wrong}") from wrong

    def _become(self, state: str) -> None:
        self.state = state
        self.tell("on_call_state_updated", state)

    def _happened(self, event: dict[str, Any]) -> None:
        match event["action"]:
            case "joined-meeting":
                people = event["participants"]
                self.session_id = people["local"]["session_id"]
                self.participants = {person["session_id"]: person for person in people.values()}
                self._become("joined")
            case "participant-joined" | "participant-updated":
                self.participants[event["participant"]["session_id"]] = event["participant"]
            case "participant-left":
                self.participants.pop(event["participant"]["session_id"], None)
        told = _events.told(event)
        if told is not None:
            self.tell(*told)

    def _heard(self, message: bytes) -> None: ...

    def _lost(self, reason: str) -> None:
        self.connection = None
        self._become("left")
