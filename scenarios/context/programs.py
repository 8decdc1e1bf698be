"""All programs under test of a scenario, and the environment that they get."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fake_daily_server.clients.environment import program_environment
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.context.program_sessions import ProgramSessions
from scenarios.context.program_under_test import ProgramUnderTest
from scenarios.context.received_events import ReceivedEvents
from scenarios.context.scenario_timeline import ScenarioTimeline
from scenarios.context.uninterrupted import uninterrupted
from scenarios.program_spec import ProgramSpec, Ready
from scenarios.scenario_setup import DEFAULT_CLIENT, DEFAULT_ROOM
from simulator.timeline import Record


class Programs(Mapping[str, ProgramUnderTest]):
    """The programs of a scenario by name, in the order in which they are started. `rooms` are those of the scenario.

    `own_sessions` returns the session ids of the scenario's own clients.
    """

    def __init__(
        self,
        specs: Mapping[str, ProgramSpec],
        daily: FakeDaily,
        timeline: ScenarioTimeline,
        rooms: Mapping[str, RoomHandle],
        *,
        own_sessions: Callable[[], set[str]],
        on_match: Callable[[Record], None],
    ) -> None:
        self._daily = daily
        self._rooms = rooms
        user_ids = {name: f"program-{name}" for name in specs} if len(specs) > 1 else {}
        self._user_ids = user_ids
        self.sessions = ProgramSessions(timeline, own_sessions, user_ids)
        self._programs = {
            name: ProgramUnderTest(
                name,
                spec,
                ready=spec.ready or (Ready(joins=True) if name == DEFAULT_CLIENT else Ready(started=True)),
                timeline=timeline,
                sessions=self.sessions,
                events=ReceivedEvents(name, timeline, on_match),
                owner_loop=daily.owner_loop,
            )
            for name, spec in specs.items()
        }

    def __getitem__(self, name: str) -> ProgramUnderTest:
        return self._programs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)

    async def start(self, resolve: Callable[[Any], Any], folder: Path) -> None:
        """Start each program in `folder` and wait until it is ready. Raises ProgramNotUsable, and ProgramFailed."""
        for program in self._programs.values():
            program.start(resolve, self._environment(program), folder)
            await program.wait_until_ready(resolve)

    async def judge_ends(self) -> None:
        """Wait for the programs that must end by themselves. Raises ProgramNotUsable."""
        for program in self._programs.values():
            await program.judge_end()

    async def stop(self) -> None:
        """End all programs, the last one first, also when the caller is cancelled meanwhile."""
        await uninterrupted(self._stop_all())

    def note(self, record: Record) -> None:
        """Give a record about a room's event to the programs that may be in the room."""
        if record.kind == "event":
            for program in self._programs.values():
                room = program.spec.room
                if room is None or self._rooms[room].name == record.fields["room"]:
                    program.events.receive_record(record)

    def last_lines(self, *, but: str) -> list[str]:
        """The last lines that each program has printed, for the report of a failed scenario; not those in `but`."""
        lines: list[str] = []
        for name, program in self._programs.items():
            printed = program.last_lines
            if any(line not in but for line in printed):
                lines += [f"Output of {name} ({program.process.command})", *(f"   {line}" for line in printed)]
        return lines

    async def _stop_all(self) -> None:
        for program in reversed(self._programs.values()):
            await program.stop()

    def _environment(self, program: ProgramUnderTest) -> dict[str, str]:
        room = self._rooms.get(program.spec.room or DEFAULT_ROOM)
        spec = program.spec
        claims = {"user_name": spec.user_name, "user_id": self._user_ids.get(program.name)}
        given = {name: value for name, value in claims.items() if value is not None}
        return program_environment(
            api_url=self._daily.api_url,
            api_key=self._daily.api_key,
            room_url=None if room is None else room.url,
            room_token=None if room is None else room.token(is_owner=spec.owner, **given),
        )
