"""When a room opens the PCM channels of its calls, and what it records on the timeline."""

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
from tests.unit.media.fakes import FakeLeg, ManualClock, constant


class FakeCall:
    """A call with nothing but a PCM channel: a socket pair, like the real one."""

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
    """The media of a room, and what it has recorded on the timeline."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.participants: dict[str, Participant] = {}
        self.recorded: list[dict[str, Any]] = []
        self.calls: list[FakeCall] = []
        self.media = RoomMedia(
            self.clock, lambda: self.participants, lambda kind, **fields: self.recorded.append(fields)
        )

    def call(self, **options: bool) -> FakeCall:
        self.calls.append(FakeCall(**options))
        return self.calls[-1]

    async def until(self, *session_ids: str) -> None:
        async with asyncio.timeout(3):
            while set(self.media.legs) != set(session_ids):  # noqa: ASYNC110  # legs open in tasks of the media
                await asyncio.sleep(0.005)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    yield room
    room.media.close()
    for call in room.calls:
        if call.worker is not None:
            call.worker.close()


async def test_a_single_call_is_not_opened(room: Room) -> None:
    call = room.call()
    room.media.attach_call("phone", call.as_call)
    await asyncio.sleep(0)
    assert call.opened == 0
    assert room.media.legs == {}
    assert room.clock.on == []


async def test_a_second_call_opens_both(room: Room) -> None:
    one, other = room.call(), room.call()
    room.media.attach_call("one", one.as_call)
    room.media.attach_call("other", other.as_call)
    await room.until("one", "other")
    assert (one.opened, other.opened) == (1, 1)


async def test_a_client_with_audio_opens_the_call(room: Room) -> None:
    call = room.call()
    room.media.attach_call("phone", call.as_call)
    room.media.attach("client", FakeLeg())
    await room.until("phone", "client")


async def test_a_call_that_joins_later_is_opened_for_the_client(room: Room) -> None:
    room.media.attach("client", FakeLeg())
    room.media.attach_call("phone", room.call().as_call)
    await room.until("phone", "client")


async def test_playing_to_a_call_opens_it(room: Room) -> None:
    call = room.call()
    playing = room.media.play("phone", constant(1), loop=True)
    room.media.attach_call("phone", call.as_call)
    await room.until("phone")
    room.media.stop_playing("phone")
    assert playing.ended


async def test_playing_to_a_participant_ends_when_it_leaves(room: Room) -> None:
    room.media.attach("a", FakeLeg())
    room.media.attach("b", FakeLeg())
    for_a = room.media.play("a", constant(1), loop=True)
    for_all = room.media.play(None, constant(1), loop=True)
    room.media.detach("a")
    assert for_a.ended
    assert not for_all.ended


async def test_a_call_that_leaves_while_it_is_opened_is_not_added(room: Room) -> None:
    room.media.attach("client", FakeLeg())
    room.media.attach_call("phone", room.call().as_call)
    room.media.detach("phone")
    room.media.attach_call("later", room.call().as_call)
    await room.until("client", "later")
    assert room.recorded == []


async def test_a_call_that_ended_before_it_was_opened_is_recorded(room: Room) -> None:
    call = room.call(ended=True)
    room.media.attach("client", FakeLeg())
    room.media.attach_call("phone", call.as_call)
    async with asyncio.timeout(2):
        while not room.recorded:  # noqa: ASYNC110  # recorded by a task of the media
            await asyncio.sleep(0.005)
    assert room.recorded[0]["action"] == "no audio"
    assert room.recorded[0]["session_id"] == "phone"
    assert set(room.media.legs) == {"client"}


async def test_lost_audio_is_recorded_when_the_leg_is_removed(room: Room) -> None:
    fine, poor = FakeLeg(), FakeLeg()
    room.media.attach("fine", fine)
    room.media.attach("poor", poor)
    poor.counts.underruns = 3
    assert room.media.statistics()["poor"].underruns == 3
    room.media.detach("fine")
    assert room.recorded == []
    room.media.detach("poor")
    assert room.recorded == [{"action": "sound was lost", "session_id": "poor", "underruns": 3, "overruns": 0}]


async def test_permissions_decide_who_is_heard_and_may_change(room: Room) -> None:
    ann, bob = FakeLeg(1), FakeLeg(20)
    for name, leg in (("ann", ann), ("bob", bob)):
        room.participants[name] = Participant(session_id=name, user_id=f"{name}'s id")
        room.media.attach(name, leg)
    room.clock.tick()
    deaf = Permissions.model_validate({"canReceive": {"base": True, "byUserId": {"bob's id": False}}})
    room.participants["ann"] = replace(room.participants["ann"], permissions=deaf.over(DEFAULT_PERMISSIONS))
    room.media.permissions_changed()
    room.clock.tick()
    room.media.play("ann", constant(300))
    room.clock.tick()
    assert ann.heard == [20, 0, 300], "what is played to a participant needs no permission"
    assert bob.heard == [1, 1, 1]


async def test_closing_removes_all_legs(room: Room) -> None:
    leg = FakeLeg()
    room.media.attach("a", leg)
    room.media.attach_call("b", room.call().as_call)
    room.media.close()
    room.media.close()
    assert leg.closed == 1
    assert room.media.legs == {}
    assert room.clock.on == []
