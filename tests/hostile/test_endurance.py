"""What a server that is never reset keeps of ended calls."""

from __future__ import annotations

import gc
import weakref

import pytest

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator import phone
from simulator.audio import kept_sounds
from simulator.errors import ExpectationFailed
from simulator.network import Network


async def test_the_sound_of_the_latest_ended_calls_is_kept(
    phone_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_sounds, "MOST_ENDED", 4)  # two calls with two phones each
    caller = await phone_network.phone("+12065550142")
    callee = await phone_network.phone("+12065550143")
    calls = []
    for _ in range(4):
        call = await caller.dial(callee.uri)
        await call.wait_answered()
        line = await call.audio_line()
        taken = await callee.wait_for_call()
        await taken.hum(440)
        await call.expect_tones([440])
        await call.hang_up()
        await call.wait_for_end()
        await taken.wait_for_end()
        calls.append((call, line))
    assert [len(line.received.between(0)) > 0 for _, line in calls] == [False, False, True, True]
    with pytest.raises(ExpectationFailed, match="its sound was dropped after 4 more calls had ended"):
        await calls[0][0].expect_tones([440], within=0.1)


async def test_a_phone_keeps_its_latest_calls(phone_network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone, "MOST_ENDED_CALLS", 2)
    caller = await phone_network.phone("+12065550142")
    callee = await phone_network.phone("+12065550143", calls=["busy", "busy", "busy", "answer"])
    lasting = await caller.dial("sip:nobody@127.0.0.1:9")
    for _ in range(3):
        await (await caller.dial(callee.uri)).wait_for_end()
    answered = await caller.dial(callee.uri)
    await answered.wait_answered()
    for call in callee.calls[:-1]:
        await call.wait_for_end()
    await callee.calls[-1].wait_answered()
    assert [call.state for call in callee.calls] == ["ended", "ended", "answered"]
    assert lasting in caller.calls
    assert await callee.wait_for_call() is callee.calls[0]
    assert await callee.wait_for_call() is callee.calls[1]
    assert await callee.wait_for_call() is callee.calls[2]


async def test_a_client_that_has_left_is_let_go_unless_somebody_holds_it(
    fake_daily: FakeDaily, daily_room: RoomHandle
) -> None:
    kept, dropped = await fake_daily.join(daily_room), await fake_daily.join(daily_room)
    sound = weakref.ref(await dropped.audio_line())
    for client in (kept, dropped):
        await client.leave()
    del client, dropped
    await fake_daily.join(daily_room)
    gc.collect()
    assert sound() is None
    await kept.join()
    assert kept in fake_daily.clients
    await fake_daily.reset()
    assert not kept.joined
