"""When a room's calls are opened at all, and what its timeline gets to know."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Participant, Permissions
from simulator.errors import CallEnded
from simulator.useragent.handle import Call
from tests.unit.media.parties import HandClock, Party, level


class Line:
    """Stands in for a call as far as its PCM channel goes: a socket pair, as the real one is."""

    def __init__(self, *, ended: bool = False) -> None:
        self.ended: object = None
        self.opened = 0
        self.worker: socket.socket | None = None
        self._refuse = ended

    async def open_pcm(self, rate: int) -> socket.socket:
        assert rate == 16000
        if self._refuse:
            raise CallEnded("open_pcm", 487, "Request Terminated")
        self.opened += 1
        mine, self.worker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        mine.setblocking(False)
        return mine

    @property
    def as_call(self) -> Call:
        return cast("Call", self)


class Room:
    """A room's media with what it writes to the timeline."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.people: dict[str, Participant] = {}
        self.told: list[dict[str, Any]] = []
        self.lines: list[Line] = []
        self.media = RoomMedia(self.clock, lambda: self.people, lambda kind, **fields: self.told.append(fields))

    def line(self, **options: bool) -> Line:
        self.lines.append(Line(**options))
        return self.lines[-1]

    async def until(self, *session_ids: str) -> None:
        async with asyncio.timeout(3):
            while set(self.media.legs) != set(session_ids):  # noqa: ASYNC110  # legs open in tasks of the media
                await asyncio.sleep(0.005)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    yield room
    room.media.close()
    for line in room.lines:
        if line.worker is not None:
            line.worker.close()


async def test_one_call_alone_opens_nothing(room: Room) -> None:
    line = room.line()
    room.media.attach_call("phone", line.as_call)
    await asyncio.sleep(0)
    assert line.opened == 0
    assert room.media.legs == {}
    assert room.clock.on == []


async def test_a_second_call_opens_both(room: Room) -> None:
    one, other = room.line(), room.line()
    room.media.attach_call("one", one.as_call)
    room.media.attach_call("other", other.as_call)
    await room.until("one", "other")
    assert (one.opened, other.opened) == (1, 1)


async def test_a_client_with_sound_opens_the_call(room: Room) -> None:
    line = room.line()
    room.media.attach_call("phone", line.as_call)
    room.media.attach("client", Party())
    await room.until("phone", "client")


async def test_a_call_that_comes_later_finds_the_client(room: Room) -> None:
    room.media.attach("client", Party())
    room.media.attach_call("phone", room.line().as_call)
    await room.until("phone", "client")


async def test_something_to_play_opens_the_call(room: Room) -> None:
    line = room.line()
    playing = room.media.play("phone", level(1), loop=True)
    room.media.attach_call("phone", line.as_call)
    await room.until("phone")
    room.media.stop_playing("phone")
    assert playing.ended


async def test_what_is_played_to_somebody_ends_when_it_leaves(room: Room) -> None:
    room.media.attach("a", Party())
    room.media.attach("b", Party())
    for_a = room.media.play("a", level(1), loop=True)
    for_all = room.media.play(None, level(1), loop=True)
    room.media.detach("a")
    assert for_a.ended
    assert not for_all.ended


async def test_a_call_that_leaves_while_it_is_opened(room: Room) -> None:
    room.media.attach("client", Party())
    room.media.attach_call("phone", room.line().as_call)
    room.media.detach("phone")
    room.media.attach_call("later", room.line().as_call)
    await room.until("client", "later")
    assert room.told == []


async def test_a_call_that_ended_before_it_was_opened(room: Room) -> None:
    line = room.line(ended=True)
    room.media.attach("client", Party())
    room.media.attach_call("phone", line.as_call)
    async with asyncio.timeout(2):
        while not room.told:  # noqa: ASYNC110  # told by a task of the media
            await asyncio.sleep(0.005)
    assert room.told[0]["action"] == "no audio"
    assert room.told[0]["session_id"] == "phone"
    assert set(room.media.legs) == {"client"}


async def test_lost_sound_is_told_at_the_end_and_only_then(room: Room) -> None:
    fine, poor = Party(), Party()
    room.media.attach("fine", fine)
    room.media.attach("poor", poor)
    poor.counts.underruns = 3
    assert room.media.statistics()["poor"].underruns == 3
    room.media.detach("fine")
    assert room.told == []
    room.media.detach("poor")
    assert room.told == [{"action": "sound was lost", "session_id": "poor", "underruns": 3, "overruns": 0}]


async def test_permissions_decide_and_may_change(room: Room) -> None:
    ann, bob = Party(1), Party(20)
    for name, party in (("ann", ann), ("bob", bob)):
        room.people[name] = Participant(session_id=name, user_id=f"{name}'s id")
        room.media.attach(name, party)
    room.clock.tick()
    deaf = Permissions.model_validate({"canReceive": {"base": True, "byUserId": {"bob's id": False}}})
    room.people["ann"] = replace(room.people["ann"], permissions=deaf.over(DEFAULT_PERMISSIONS))
    room.media.permissions_changed()
    room.clock.tick()
    room.media.play("ann", level(300))
    room.clock.tick()
    assert ann.heard == [20, 0, 300], "what is played to somebody needs no permission"
    assert bob.heard == [1, 1, 1]


async def test_closing_ends_everything(room: Room) -> None:
    party = Party()
    room.media.attach("a", party)
    room.media.attach_call("b", room.line().as_call)
    room.media.close()
    room.media.close()
    assert party.closed == 1
    assert room.media.legs == {}
    assert room.clock.on == []
