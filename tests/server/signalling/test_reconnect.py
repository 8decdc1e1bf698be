"""Clients whose connection is lost: who stays, what they are told afterwards, and when it is too late."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.domain.client_sessions import MAX_KEPT_EVENTS
from fake_daily_server.handles.client import Client, actions
from fake_daily_server.values.errors import NotFound
from tests.daily_side import DailySide, daily_side
from tests.integration.signalling.raw_client import RawClient, raw_client

LEFT = "participant-left"


async def has_left(onlooker: Client, who: RawClient) -> None:
    await onlooker.wait_for(LEFT, where={"participant.session_id": who.session_id})


async def still_there(onlooker: Client, who: RawClient) -> None:
    assert (await onlooker.participant_counts())["present"] == 2
    assert LEFT not in actions(onlooker.events)
    assert who.session_id in onlooker.participants


async def test_what_was_missed_comes_in_order_and_once(side: DailySide) -> None:
    room = side.room(enable_dialout=True)
    async with side.owner(user_name="Bob") as bob, raw_client(room.url, userName="Ann") as ann:
        await bob.send_app_message("before")
        await ann.hear(until="app-message")
        side.cut_network(ann.session_id)
        for number in range(5):
            await bob.send_app_message(number)
        leg = await bob.start_dialout(phoneNumber="+12065550142")
        assert LEFT not in actions(bob.events)
        answer = await ann.resume()
        assert set(answer["result"]["participants"]) == {"local", bob.session_id, leg}
        assert answer["result"]["participants"]["local"]["session_id"] == ann.session_id
        assert answer["result"]["participantCounts"] == {"present": 3, "hidden": 0}
        await bob.send_app_message("after")
        await ann.hear(until="participant-joined")
        await ann.hear(until="app-message")
        assert ann.messages() == ["before", 0, 1, 2, 3, 4, "after"]
        assert ann.said().count("dialout-connected") == 1
        assert {event["callClientId"] for event in ann.events} == {ann.joined["callClientId"]}
        assert [event["action"] for event in bob.events].count("participant-joined") == 2


async def test_what_the_client_had_not_read_comes_again(side: DailySide) -> None:
    """The server cannot know what was lost on the way; the client says how much has come."""
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        had = len(ann.events)
        for number in range(3):
            await bob.send_app_message(number)
        await ann.hear(until="app-message")
        had_first = len(ann.events)
        await ann.break_off()
        await bob.send_app_message(3)
        assert "result" in await ann.resume(received=had_first)
        for _ in range(3):
            await ann.hear(until="app-message")
        assert ann.messages() == [0, 1, 2, 3]
        assert len(ann.events) == had + 4


async def test_the_new_connection_may_be_first_to_know(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        old = ann.socket
        assert "result" in await ann.resume(received=len(ann.events))
        await bob.send_app_message("hello")
        await ann.hear(until="app-message")
        await old.close()
        await still_there(bob, ann)
        assert (await ann.ask("setUserName", userName="Ann"))["result"] == {"userName": "Ann"}


async def test_two_cuts_in_a_row(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        for number in range(2):
            side.cut_network(ann.session_id)
            await bob.send_app_message(number)
            side.cut_network(ann.session_id)
            await ann.drained()
            assert "result" in await ann.resume()
        await bob.send_app_message(2)
        while len(ann.messages()) < 3:
            await ann.hear(until="app-message")
        assert ann.messages() == [0, 1, 2]


async def test_there_is_no_way_back_before_the_network_is_up(side: DailySide) -> None:
    room = side.room()
    async with side.client(), raw_client(room.url) as ann:
        loop = asyncio.get_running_loop()
        began = loop.time()
        side.cut_network(ann.session_id, seconds=0.2)
        await ann.drained()
        assert "result" in await ann.resume()
        assert loop.time() - began >= 0.19


async def test_too_late(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        assert ann.joined["reconnect"]["withinMs"] == 5000
        side.cut_network(ann.session_id)
        await still_there(bob, ann)
        side.site.clock.advance(5.1)
        await has_left(bob, ann)
        answer = await ann.resume()
        assert (answer["error"]["status"], answer["error"]["error"]) == (403, "gone")
        assert "lost for longer than 5 s" in answer["error"]["info"]


async def test_the_grace_ends_in_real_time_too() -> None:
    async with daily_side(reconnect_within_s=0.2) as side:
        room = side.room()
        async with side.client() as bob, raw_client(room.url) as ann:
            assert ann.joined["reconnect"]["withinMs"] == 200
            await ann.break_off()
            await has_left(bob, ann)
            network = [record.fields["action"] for record in side.timeline.records(kind="network")]
            assert network == ["lost", "gave up"]


@pytest.mark.parametrize("wrong", [{"key": "guessed"}, {"sessionId": "nobody"}])
async def test_a_stay_belongs_to_whoever_has_its_key(side: DailySide, wrong: dict[str, str]) -> None:
    room = side.room()
    async with side.client(), raw_client(room.url) as ann:
        await ann.break_off()
        assert (await ann.resume(**wrong))["error"]["error"] == "gone"
        assert "result" in await ann.resume()


async def test_a_stay_is_resumed_in_its_own_room(side: DailySide) -> None:
    room, other = side.room(), side.room("other")
    async with side.client(), raw_client(room.url) as ann:
        await ann.break_off()
        elsewhere = RawClient(other.url)
        elsewhere.joined = ann.joined
        assert (await elsewhere.resume())["error"]["error"] == "gone"
        await elsewhere.socket.close()
        assert "result" in await ann.resume()


async def test_a_connection_that_has_joined_resumes_nothing(side: DailySide) -> None:
    async with raw_client(side.room().url) as ann:
        answer = await ann.ask("resume", sessionId=ann.session_id, key=ann.joined["reconnect"]["key"])
        assert "this connection has joined" in answer["error"]["info"]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_close_frame_is_a_leave(side: DailySide, code: int) -> None:
    """1001 is what browsers send when their page is left."""
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.socket.close(code)
        await has_left(bob, ann)


async def test_another_close_code_is_a_loss(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.socket.close(1011)
        await still_there(bob, ann)
        assert "result" in await ann.resume()


async def test_leaving_after_a_loss(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.break_off()
        await ann.resume()
        assert (await ann.ask("leave"))["result"] == {}
        await has_left(bob, ann)
        await ann.break_off()
        assert (await ann.resume())["error"]["error"] == "gone"


async def test_ejected_meanwhile(side: DailySide) -> None:
    side.room()
    async with side.owner() as bob, raw_client(side.store.get("demo").url) as ann:
        side.cut_network(ann.session_id)
        await bob.eject(ann.session_id)
        await has_left(bob, ann)
        assert (await ann.resume())["error"]["error"] == "gone"


async def test_the_room_ends_meanwhile_and_who_waits_is_told(side: DailySide) -> None:
    async with raw_client(side.room().url) as ann:
        side.cut_network(ann.session_id, seconds=30)
        answer = asyncio.create_task(ann.resume())
        await side.timeline.wait(lambda record: record.fields.get("method") == "resume", within=5)
        await side.store.delete("demo")
        assert (await answer)["error"]["error"] == "gone"


async def test_a_cut_client_holds_the_session(side: DailySide) -> None:
    room = side.room()
    async with raw_client(room.url) as ann:
        side.cut_network(ann.session_id)
        assert room.session is not None
        side.site.clock.advance(5.1)
        await side.timeline.wait(lambda record: record.fields.get("action") == "gave up", within=5)
        async with side.client() as bob:
            assert bob.meeting_session_id != ann.joined["meetingSession"]["id"]
            assert set(bob.participants) == {"local"}


async def test_who_did_not_ask_leaves_with_the_connection(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob:
        ann = side.client()
        await ann.join()
        side.cut_network(ann.session_id, seconds=1)
        await bob.wait_for(LEFT, where={"participant.session_id": ann.session_id})
        assert set(room.participants) == {bob.session_id}
        await ann.close()


async def test_nobody_is_cut_by_a_wrong_id(side: DailySide) -> None:
    side.room()
    async with side.client() as ann:
        with pytest.raises(
            NotFound, match=f"no client 'nobody' is in a room over a connection; there are: {ann.session_id}"
        ):
            side.cut_network("nobody")


async def test_sound_is_asked_for_anew(side: DailySide) -> None:
    room = side.room()
    async with side.client(), raw_client(room.url) as ann:
        await ann.ask("setAudio", receive="participants", send=True)
        assert set(room.media.legs) == {ann.session_id}
        side.cut_network(ann.session_id)
        assert set(room.media.legs) == set()
        await ann.resume()
        assert room.participants[ann.session_id].audio
        await ann.ask("setAudio", receive="participants", send=True)
        assert set(room.media.legs) == {ann.session_id}


async def test_who_missed_too_much_cannot_go_on(side: DailySide) -> None:
    room = side.room()
    async with raw_client(room.url) as ann:
        side.cut_network(ann.session_id)
        for number in range(MAX_KEPT_EVENTS + 1):
            room.publish({"action": "app-message", "data": number, "fromId": "*"})
        answer = await ann.resume()
        assert answer["error"]["error"] == "gone"
        assert (
            f"{MAX_KEPT_EVENTS + 1} events were missed and only the last {MAX_KEPT_EVENTS} are kept"
            in answer["error"]["info"]
        )
