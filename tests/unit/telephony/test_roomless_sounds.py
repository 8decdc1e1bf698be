"""A sound whose file is made while its caller hangs up is not played, and leaves no record after the call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fake_daily_server.settings import Settings
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.pin_caller import PinCallerRules
from fake_daily_server.telephony.roomless.pin_caller import PinCaller
from simulator.timeline import Timeline

MEDIA = inputs.MediaUp("PCMU", telephone_event=True)
OVER = inputs.Ended(200, "Normal call clearing", "remote")


@dataclass
class SlowSounds:
    """Makes a file only once `released` is set."""

    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def file(self, sound: str, text: str | None) -> Path:
        await self.released.wait()
        return Path("sound.wav")


@dataclass
class CallWithoutSip:
    """Takes the commands of a caller, and lists the files to play."""

    sip_call_id: str = "call1@host"
    on_notice: Any = None
    played: list[Path] = field(default_factory=list)

    async def answer(self, codecs: object) -> None: ...

    async def hang_up(self) -> None: ...

    async def play(self, file: Path, *, loop: bool) -> None:
        self.played.append(file)


async def made_after(*happens: Any) -> tuple[list[Path], list[str]]:
    """What is played and recorded when the greeting's file is made after these inputs."""
    sounds, call, timeline = SlowSounds(), CallWithoutSip(), Timeline()
    context: Any = SimpleNamespace(
        settings=Settings(), timeline=timeline, codecs=tuple, sounds=sounds, released=lambda caller: None
    )
    caller = PinCaller(context, call, SimpleNamespace(headers=()), PinCallerRules())  # type: ignore[arg-type]
    for given in (inputs.InviteReceived(), MEDIA, *happens):
        caller.feed(given)
    sounds.released.set()
    running = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*running)
    return call.played, [str(record.fields["action"]) for record in timeline.records(kind="roomless")]


async def test_the_greeting_is_played_and_recorded_once_its_file_has_been_made() -> None:
    assert await made_after() == ([Path("sound.wav")], ["plays greeting"])


@pytest.mark.parametrize("end", [OVER, inputs.WorkerLost("killed"), inputs.StopRequested()])
async def test_a_greeting_that_is_ready_after_the_call_is_neither_played_nor_recorded(end: Any) -> None:
    assert await made_after(end) == ([], [])
