"""A client in a process of its own, like a bot under test, which records the time of each received event.

`ClientProcess` starts and controls the process, which is `python -m benchmarks.client_process ROOM_URL TOKEN`. Times
are `time.monotonic()` seconds, which all processes of a machine share. They are taken in the client's process when
`Client.wait_for` returns, so the delay within the client is included.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from benchmarks.fresh_process import ROOT, environment
from simulator.waiting import Changes

_WATCHED = (
    "dialout-connected",
    "dialout-answered",
    "dialout-stopped",
    "dialout-error",
    "dialin-connected",
    "dialin-stopped",
    "dialin-error",
    "participant-joined",
    "participant-left",
    "dtmf-event",
)


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event that the client has received."""

    at: float
    event: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The name of the event."""
        return str(self.event["action"])

    @property
    def session_id(self) -> str:
        """Session id of the call that the event is about."""
        return str(self.event.get("sessionId") or self.event.get("participant", {}).get("session_id", ""))


class ClientProcess:
    """A client in a process of its own: `async with ClientProcess(room.url, room.owner_token) as client:`.

    Within the block the client has joined the room; the end of the block ends the process.
    """

    def __init__(self, room_url: str, token: str) -> None:
        self.events: list[ReceivedEvent] = []
        self._command = [sys.executable, "-m", "benchmarks.client_process", room_url, token]
        self._replies: list[dict[str, Any]] = []
        self._changes = Changes()

    async def __aenter__(self) -> Self:
        self._process: Process = await asyncio.create_subprocess_exec(
            *self._command, cwd=ROOT, env=environment(), stdin=PIPE, stdout=PIPE
        )
        self._reader = asyncio.create_task(self._read())
        await self._reply(0, within=20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._reader
        await self._process.wait()

    async def ask(self, method: str, /, **params: Any) -> tuple[float, Any]:
        """Have the client call one of its methods; return the start time of the call, and its result."""
        assert self._process.stdin is not None
        number = len(self._replies)
        self._process.stdin.write(json.dumps({"method": method, "params": params}).encode() + b"\n")
        reply = await self._reply(number, within=10)
        if "error" in reply:
            raise RuntimeError(f"{method} {params}: {reply['error']}")
        return reply["began"], reply["result"]

    async def wait_for(self, action: str, session_id: str, *, nth: int = 0, within: float = 10) -> ReceivedEvent:
        """Wait for event number `nth` (from 0) with this name in a session. Raises TimeoutError."""

        def found() -> ReceivedEvent | None:
            same = [one for one in self.events if one.action == action and one.session_id == session_id]
            return same[nth] if len(same) > nth else None

        event = await self._changes.until(found, within=within)
        if event is None:
            received = [one.action for one in self.events if one.session_id == session_id]
            raise TimeoutError(f"no {action} of session {session_id} within {within:g} s; it received {received}")
        return event

    async def wait_for_nth(self, action: str, nth: int, *, within: float = 10) -> ReceivedEvent:
        """Wait for event number `nth` (from 0) with this name in any session. Raises TimeoutError."""

        def found() -> ReceivedEvent | None:
            same = [one for one in self.events if one.action == action]
            return same[nth] if len(same) > nth else None

        event = await self._changes.until(found, within=within)
        if event is None:
            raise TimeoutError(f"no {action} number {nth + 1} within {within:g} s")
        return event

    async def _reply(self, number: int, *, within: float) -> dict[str, Any]:
        reply = await self._changes.until(
            lambda: self._replies[number] if len(self._replies) > number else None, within=within
        )
        if reply is None:
            raise TimeoutError(f"the client process did not respond within {within:g} s")
        return reply

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            message = json.loads(line)
            if "event" in message:
                self.events.append(ReceivedEvent(message["at"], message["event"]))
            else:
                self._replies.append(message)
            self._changes.notify()


async def _serve(room_url: str, token: str) -> None:
    from fake_daily_server.handles.client import Client  # noqa: PLC0415  # only in the client's process

    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with Client(room_url, token=token, user_name="client") as client:
        watching = [asyncio.create_task(_watch(client, action)) for action in _WATCHED]
        _emit({"joined": True})
        while line := await commands.readline():
            command = json.loads(line)
            began = time.monotonic()
            try:
                result = await getattr(client, command["method"])(**command["params"])
            except Exception as error:  # noqa: BLE001  # reported to the controlling process
                _emit({"error": repr(error)})
            else:
                _emit({"began": began, "result": result})
        for task in watching:
            task.cancel()


async def _watch(client: Any, action: str) -> None:
    while True:
        with contextlib.suppress(AssertionError):
            event = await client.wait_for(action, within=3600)
            _emit({"at": time.monotonic(), "event": event})


def _emit(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
