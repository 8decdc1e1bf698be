"""Clients whose connection is lost: who stays in the room, which events arrive later, and who may resume."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from fake_daily_server.domain.client_sessions import MAX_KEPT_EVENTS
from fake_daily_server.handles.client import Client
from fake_daily_server.values.errors import NotFound
from tests.daily_side import DailySide, daily_side
from tests.event_actions import actions
from tests.integration.signalling.raw_client import RawClient, raw_client

LEFT = "participant-left"


async def wait_until_left(observer: Client, who: RawClient) -> None:
    await observer.wait_for(LEFT, where={"participant.session_id": who.session_id})


async def expect_present(observer: Client, who: RawClient) -> None:
    assert (await observer.participant_counts())["present"] == 2
    assert LEFT not in actions(observer.events)
    assert who.session_id in observer.participants


async def test_missed_events_arrive_once_and_in_order(side: DailySide) -> None:
    room = side.room(enable_dialout=True)
    async with side.owner(user_name="Bob") as bob, raw_client(room.url, userName="Ann") as ann:
        await bob.send_app_message("before")
        await ann.receive(until="app-message")
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
        await ann.receive(until="participant-joined")
        await ann.receive(until="app-message")
        assert ann.messages() == ["before", 0, 1, 2, 3, 4, "after"]
        assert ann.actions().count("dialout-connected") == 1
        assert {event["callClientId"] for event in ann.events} == {ann.joined["callClientId"]}
        assert [event["action"] for event in bob.events].count("participant-joined") == 2


async def test_events_that_the_client_had_not_read_are_sent_again(side: DailySide) -> None:
    """The server cannot know what was lost on the way, so the client says how much it has received."""
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        had = len(ann.events)
        for number in range(3):
            await bob.send_app_message(number)
        await ann.receive(until="app-message")
        had_first = len(ann.events)
        await ann.abort()
        await bob.send_app_message(3)
        assert "result" in await ann.resume(received=had_first)
        for _ in range(3):
            await ann.receive(until="app-message")
        assert ann.messages() == [0, 1, 2, 3]
        assert len(ann.events) == had + 4


async def test_a_client_may_resume_before_the_loss_is_noticed(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        old = ann.socket
        assert "result" in await ann.resume(received=len(ann.events))
        await bob.send_app_message("hello")
        await ann.receive(until="app-message")
        await old.close()
        await expect_present(bob, ann)
        assert (await ann.ask("setUserName", userName="Ann"))["result"] == {"userName": "Ann"}


async def test_a_client_resumes_after_two_losses_in_a_row(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        for number in range(2):
            side.cut_network(ann.session_id)
            await bob.send_app_message(number)
            side.cut_network(ann.session_id)
            await ann.receive_until_lost()
            assert "result" in await ann.resume()
        await bob.send_app_message(2)
        while len(ann.messages()) < 3:
            await ann.receive(until="app-message")
        assert ann.messages() == [0, 1, 2]


async def test_resuming_waits_until_the_network_is_back(side: DailySide) -> None:
    room = side.room()
    async with side.client(), raw_client(room.url) as ann:
        loop = asyncio.get_running_loop()
        began = loop.time()
        side.cut_network(ann.session_id, seconds=0.2)
        await ann.receive_until_lost()
        assert "result" in await ann.resume()
        assert loop.time() - began >= 0.19


async def test_resuming_too_late_is_refused(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        assert ann.joined["reconnect"]["withinMs"] == 5000
        side.cut_network(ann.session_id)
        await expect_present(bob, ann)
        side.site.clock.advance(5.1)
        await wait_until_left(bob, ann)
        answer = await ann.resume()
        assert (answer["error"]["status"], answer["error"]["error"]) == (403, "gone")
        assert "lost for longer than 5 s" in answer["error"]["info"]


async def test_the_time_to_resume_ends_in_real_time_too() -> None:
    async with daily_side(reconnect_within_s=0.2) as side:
        room = side.room()
        async with side.client() as bob, raw_client(room.url) as ann:
            assert ann.joined["reconnect"]["withinMs"] == 200
            await ann.abort()
            await wait_until_left(bob, ann)
            network = [record.fields["action"] for record in side.timeline.records(kind="network")]
            assert network == ["lost", "gave up"]


@pytest.mark.parametrize("wrong", [{"key": "guessed"}, {"sessionId": "nobody"}])
async def test_resuming_needs_the_session_id_and_its_key(side: DailySide, wrong: dict[str, str]) -> None:
    room = side.room()
    async with side.client(), raw_client(room.url) as ann:
        await ann.abort()
        assert (await ann.resume(**wrong))["error"]["error"] == "gone"
        assert "result" in await ann.resume()


async def test_resuming_in_another_room_is_refused(side: DailySide) -> None:
    room, other = side.room(), side.room("other")
    async with side.client(), raw_client(room.url) as ann:
        await ann.abort()
        elsewhere = RawClient(other.url)
        elsewhere.joined = ann.joined
        assert (await elsewhere.resume())["error"]["error"] == "gone"
        await elsewhere.socket.close()
        assert "result" in await ann.resume()


async def test_a_connection_that_has_joined_cannot_resume(side: DailySide) -> None:
    async with raw_client(side.room().url) as ann:
        answer = await ann.ask("resume", sessionId=ann.session_id, key=ann.joined["reconnect"]["key"])
        assert "this connection has already joined" in answer["error"]["info"]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_closes_the_connection_leaves(side: DailySide, code: int) -> None:
    """Browsers send 1001 when their page is closed."""
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.socket.close(code)
        await wait_until_left(bob, ann)


async def test_another_close_code_counts_as_a_lost_connection(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.socket.close(1011)
        await expect_present(bob, ann)
        assert "result" in await ann.resume()


async def test_a_client_can_leave_after_resuming(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        await ann.abort()
        await ann.resume()
        assert (await ann.ask("leave"))["result"] == {}
        await wait_until_left(bob, ann)
        await ann.abort()
        assert (await ann.resume())["error"]["error"] == "gone"


async def test_an_ejected_client_cannot_resume(side: DailySide) -> None:
    side.room()
    async with side.owner() as bob, raw_client(side.store.get("demo").url) as ann:
        side.cut_network(ann.session_id)
        await bob.eject(ann.session_id)
        await wait_until_left(bob, ann)
        assert (await ann.resume())["error"]["error"] == "gone"


async def test_resuming_is_refused_when_the_room_is_deleted_meanwhile(side: DailySide) -> None:
    async with raw_client(side.room().url) as ann:
        side.cut_network(ann.session_id, seconds=30)
        answer = asyncio.create_task(ann.resume())
        await side.timeline.wait(lambda record: record.fields.get("method") == "resume", within=5)
        await side.store.delete("demo")
        assert (await answer)["error"]["error"] == "gone"


async def test_a_client_without_a_connection_keeps_the_session_alive(side: DailySide) -> None:
    room = side.room()
    async with raw_client(room.url) as ann:
        side.cut_network(ann.session_id)
        assert room.session is not None
        side.site.clock.advance(5.1)
        await side.timeline.wait(lambda record: record.fields.get("action") == "gave up", within=5)
        async with side.client() as bob:
            assert bob.meeting_session_id != ann.joined["meetingSession"]["id"]
            assert set(bob.participants) == {"local"}


async def test_a_client_that_is_not_reconnectable_leaves_with_its_connection(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob:
        ann = side.client()
        await ann.join()
        side.cut_network(ann.session_id, seconds=1)
        await bob.wait_for(LEFT, where={"participant.session_id": ann.session_id})
        assert set(room.participants) == {bob.session_id}
        await ann.close()


async def test_cutting_an_unknown_client_is_refused(side: DailySide) -> None:
    side.room()
    async with side.client() as ann:
        with pytest.raises(NotFound, match=f"no client in a room has the session id 'nobody'; known: {ann.session_id}"):
            side.cut_network("nobody")


async def test_audio_is_off_after_resuming(side: DailySide) -> None:
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


async def test_a_client_that_missed_too_many_events_cannot_resume(side: DailySide) -> None:
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


async def leave(room_url: str, body: object) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.post(f"{room_url}/leave", content=json.dumps(body), headers={"content-type": "text/plain"})


@pytest.mark.parametrize("cut_first", [False, True])
async def test_a_closed_page_leaves_by_its_session_key(side: DailySide, cut_first: bool) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        key = ann.joined["reconnect"]["key"]
        if cut_first:
            await ann.abort()
        assert (await leave(room.url, {"sessionId": ann.session_id, "key": key})).status_code == 204
        await wait_until_left(bob, ann)
        gone = await leave(room.url, {"sessionId": ann.session_id, "key": key})
        assert (gone.status_code, gone.json()["error"]) == (403, "gone")


@pytest.mark.parametrize("body", [{}, [], {"sessionId": 1, "key": "x"}, {"sessionId": "x", "key": None}, "leave"])
async def test_leaving_without_a_session_key_is_refused(side: DailySide, body: object) -> None:
    room = side.room()
    refused = await leave(room.url, body)
    assert refused.status_code == 400
    assert '"sessionId"' in refused.json()["info"]


async def test_leaving_with_a_wrong_key_is_refused(side: DailySide) -> None:
    room = side.room()
    async with side.client() as bob, raw_client(room.url) as ann:
        assert (await leave(room.url, {"sessionId": ann.session_id, "key": "wrong"})).status_code == 403
        await expect_present(bob, ann)
