"""A client in a process of its own, as a bot under test is, with the moment at which it had each event.

`FarClient` starts it and tells it what to do; `python -m benchmarks.far_client ROOM_URL TOKEN` is that process. All
moments are `time.monotonic()` seconds, which all processes of a machine share, and are taken over there: when a
waiting `Client.wait_for` returns, so the way through the client is in them.
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

from benchmarks.apart import ROOT, environment
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
class Arrival:
    """An event that the far client has got."""

    at: float
    event: Mapping[str, Any]

    @property
    def action(self) -> str:
        """Its name."""
        return str(self.event["action"])

    @property
    def session_id(self) -> str:
        """Whose call it is about."""
        return str(self.event.get("sessionId") or self.event.get("participant", {}).get("session_id", ""))


class FarClient:
    """`async with FarClient(room.url, room.owner_token) as far:` has joined; leaving ends the process."""

    def __init__(self, room_url: str, token: str) -> None:
        self.arrivals: list[Arrival] = []
        self._command = [sys.executable, "-m", "benchmarks.far_client", room_url, token]
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

    async def ask(self, verb: str, **params: Any) -> tuple[float, Any]:
        """Have the client carry out one of its verbs: when it began with it over there, and the result."""
        assert self._process.stdin is not None
        number = len(self._replies)
        self._process.stdin.write(json.dumps({"verb": verb, "params": params}).encode() + b"\n")
        reply = await self._reply(number, within=10)
        if "error" in reply:
            raise RuntimeError(f"{verb} {params}: {reply['error']}")
        return reply["began"], reply["result"]

    async def got(self, action: str, session_id: str, *, nth: int = 0, within: float = 10) -> Arrival:
        """The `nth` event of that name of a session, from 0; raises TimeoutError."""

        def found() -> Arrival | None:
            same = [one for one in self.arrivals if one.action == action and one.session_id == session_id]
            return same[nth] if len(same) > nth else None

        arrival = await self._changes.until(found, within=within)
        if arrival is None:
            came = [one.action for one in self.arrivals if one.session_id == session_id]
            raise TimeoutError(f"no {action} of session {session_id} within {within:g} s; it got {came}")
        return arrival

    async def nth(self, action: str, nth: int, *, within: float = 10) -> Arrival:
        """The `nth` event of that name, from 0, whatever the session; raises TimeoutError."""

        def found() -> Arrival | None:
            same = [one for one in self.arrivals if one.action == action]
            return same[nth] if len(same) > nth else None

        arrival = await self._changes.until(found, within=within)
        if arrival is None:
            raise TimeoutError(f"no {action} number {nth + 1} within {within:g} s")
        return arrival

    async def _reply(self, number: int, *, within: float) -> dict[str, Any]:
        reply = await self._changes.until(
            lambda: self._replies[number] if len(self._replies) > number else None, within=within
        )
        if reply is None:
            raise TimeoutError(f"the far client gave no answer within {within:g} s")
        return reply

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "event" in told:
                self.arrivals.append(Arrival(told["at"], told["event"]))
            else:
                self._replies.append(told)
            self._changes.notify()


async def _serve(room_url: str, token: str) -> None:
    from fake_daily_server.handles.client import Client  # noqa: PLC0415  # only here, not in the process that drives it

    commands = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with Client(room_url, token=token, user_name="far") as client:
        watching = [asyncio.create_task(_watch(client, action)) for action in _WATCHED]
        _tell({"joined": True})
        while line := await commands.readline():
            command = json.loads(line)
            began = time.monotonic()
            try:
                result = await getattr(client, command["verb"])(**command["params"])
            except Exception as wrong:  # noqa: BLE001  # goes to who asked
                _tell({"error": repr(wrong)})
            else:
                _tell({"began": began, "result": result})
        for task in watching:
            task.cancel()


async def _watch(client: Any, action: str) -> None:
    while True:
        with contextlib.suppress(AssertionError):
            event = await client.wait_for(action, within=3600)
            _tell({"at": time.monotonic(), "event": event})


def _tell(fact: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
