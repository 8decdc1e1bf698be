"""REST requests about the session in a room: presence, eject, session data, app messages, permissions."""

from __future__ import annotations

from typing import Any

import pytest

from fake_daily_server.values.errors import DailyError
from tests.daily_side import DailySide, daily_side
from tests.server.rest.refusals import refused


async def test_presence_shows_one_room_or_all_rooms(side: DailySide) -> None:
    room = side.room()
    side.room("empty")
    assert (await side.api.get("/presence")).json() == {}
    assert (await side.api.get("/rooms/demo/presence")).json() == {"total_count": 0, "data": []}
    known = {"room_name": "demo", "user_id": "u1", "user_name": "Ann"}
    async with side.client(token=known) as ann, side.client(user_name="Bob") as bob:
        hidden = {"room_name": "demo", "permissions": {"hasPresence": False}}
        async with side.client(token=hidden):
            side.clock.ahead = 90
            found = (await side.api.get("/rooms/demo/presence")).json()
            assert room.session is not None
            first, second = found["data"]
            assert found["total_count"] == 2
            assert first == {
                "room": "demo",
                "id": ann.session_id,
                "userId": "u1",
                "userName": "Ann",
                "mtgSessionId": room.session.id,
                "joinTime": ann.participants["local"]["joined_at"],
                "duration": first["duration"],
            }
            assert 90 <= first["duration"] <= 95
            assert (second["id"], second["userId"], second["userName"]) == (bob.session_id, None, "Bob")
            assert (await side.api.get("/presence")).json() == {"demo": found["data"]}


async def test_presence_is_filtered_by_user_id_and_name(side: DailySide) -> None:
    side.room()
    async with side.client(token={"user_id": "u1", "user_name": "Ann"}), side.client(user_name="Bob"):

        async def names(**query: Any) -> tuple[int, list[str]]:
            page = (await side.api.get("/rooms/demo/presence", params=query)).json()
            return page["total_count"], [who["userName"] for who in page["data"]]

        assert await names(userId="u1") == (1, ["Ann"])
        assert await names(userName="Bob") == (1, ["Bob"])
        assert await names(userName="Ann", userId="u2") == (0, [])
        assert await names(limit=1) == (2, ["Ann"])
    assert "did you mean 'userId'?" in await refused(side, "GET", "/rooms/demo/presence?userid=1", 400)
    assert "limit: '0'" in await refused(side, "GET", "/rooms/demo/presence?limit=0", 400)
    assert await refused(side, "GET", "/rooms/zork/presence", 404) == "room zork not found"


async def test_participants_are_ejected_by_session_id_and_by_user_id(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner, side.client() as ann, side.client(token={"user_id": "u2"}) as bob:
        body = {"ids": [ann.session_id, "zork"], "user_ids": ["u2", "u3"]}
        ejected = (await side.api.post("/rooms/demo/eject", json=body)).json()
        assert ejected == {"ejectedIds": [ann.session_id, bob.session_id]}
        for client in (ann, bob):
            fatal = await client.wait_for("error")
            assert fatal["error"]["type"] == "ejected"
            await client.wait_for("left-meeting")
        assert (await side.api.post("/rooms/demo/eject")).json() == {"ejectedIds": []}
        assert (await side.api.get("/presence")).json()["demo"][0]["id"] == owner.session_id
        async with side.client(token={"user_id": "u2"}) as again:
            assert again.joined


async def test_a_banned_user_id_cannot_join_again(side: DailySide) -> None:
    side.room()
    async with side.owner(), side.client(user_id="u1") as ann:
        body = {"user_ids": ["u1", "u2"], "ban": True}
        assert (await side.api.post("/rooms/demo/eject", json=body)).json() == {"ejectedIds": [ann.session_id]}
        for banned in (side.client(user_id="u1"), side.client(token={"user_id": "u2"})):
            with pytest.raises(DailyError, match="is banned from room demo") as refusal:
                await banned.join()
            assert refusal.value.error == "not-allowed"
        async with side.client(user_id="u3") as other:
            assert other.joined


async def test_ejecting_a_telephony_participant_hangs_up_its_call(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.owner() as owner:
        session_id = await owner.start_dialout({"phoneNumber": "+12065550142"})
        ejected = await side.api.post("/rooms/demo/eject", json={"ids": [session_id]})
        assert ejected.json() == {"ejectedIds": [session_id]}
        await owner.wait_for(["participant-left", "dialout-stopped"])


async def test_session_data_is_shared_until_the_session_ends(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner:
        await owner.wait_for("meeting-session-state-updated")
        assert (await side.api.get("/rooms/demo/get-session-data")).json() == {"data": {}}

        async def put(**body: Any) -> Any:
            answer = await side.api.post("/rooms/demo/set-session-data", json=body)
            assert (answer.status_code, answer.json()) == (200, {"sent": True})
            updated = await owner.wait_for("meeting-session-state-updated")
            assert updated["meetingSessionState"]["topology"] == "sfu"
            stored = (await side.api.get("/rooms/demo/get-session-data")).json()["data"]
            assert updated["meetingSessionState"]["data"] == stored
            return stored

        assert await put(data={"a": 1, "b": {"c": 2}}) == {"a": 1, "b": {"c": 2}}
        assert await put(data={"d": 3}, mergeStrategy="shallow-merge") == {"a": 1, "b": {"c": 2}, "d": 3}
        assert await put(data={"b": 4}, mergeStrategy="shallow-merge", keysToDelete=["a"]) == {"b": 4, "d": 3}
        async with side.client() as late:
            received = await late.wait_for("meeting-session-state-updated")
            assert received["meetingSessionState"]["data"] == {"b": 4, "d": 3}
        assert await put(data={"e": 5}, mergeStrategy="replace") == {"e": 5}
        assert await put() == {}
        await put(data={"f": 6})
    async with side.owner() as again:
        received = await again.wait_for("meeting-session-state-updated")
        assert received["meetingSessionState"]["data"] is None


async def test_app_messages_reach_all_participants_or_one(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner, side.client() as ann:
        message = {"data": {"hello": "world"}}
        answer = await side.api.post("/rooms/demo/send-app-message", json=message)
        assert answer.json() == {"sent": True}
        for client in (owner, ann):
            assert (await client.wait_for("app-message"))["data"] == {"hello": "world"}
        to_ann = {"data": [1, None, "ü"], "recipient": ann.session_id}
        await side.api.post("/rooms/demo/send-app-message", json=to_ann)
        assert (await ann.wait_for("app-message"))["data"] == [1, None, "ü"]
        await side.api.post("/rooms/demo/send-app-message", json={"data": "last"})
        assert (await owner.wait_for("app-message"))["data"] == "last"


async def test_sent_can_be_the_string_that_the_reference_shows() -> None:
    async with daily_side(sent="true") as side:
        side.room()
        async with side.owner():
            assert (await side.api.post("/rooms/demo/send-app-message", json={"data": 1})).json() == {"sent": "true"}
            assert (await side.api.post("/rooms/demo/set-session-data")).json() == {"sent": "true"}


async def test_permissions_change_for_all_participants_and_for_one(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner, side.client() as ann:
        changes = {
            "*": {"canSend": ["audio"], "canReceive": {"byUserId": {"u1": False}}},
            ann.session_id: {"canAdmin": ["participants"], "canSend": False},
        }
        answer = await side.api.post("/rooms/demo/update-permissions", json={"data": changes})
        assert answer.json() == {"status": "sent"}

        async def permissions(session_id: str) -> Any:
            updated = await owner.wait_for("participant-updated", where={"participant.session_id": session_id})
            return updated["participant"]["permissions"]

        receive = {"base": True, "byUserId": {"u1": False}}
        assert await permissions(owner.session_id) == {
            "hasPresence": True,
            "canSend": ["audio"],
            "canReceive": receive,
            "canAdmin": True,
        }
        assert await permissions(ann.session_id) == {
            "hasPresence": True,
            "canSend": False,
            "canReceive": receive,
            "canAdmin": ["participants"],
        }
        hide = {"data": {ann.session_id: {"hasPresence": False}}}
        await side.api.post("/rooms/demo/update-permissions", json=hide)
        left = await owner.wait_for("participant-left")
        assert (left["participant"]["session_id"], left["reason"]) == (ann.session_id, "hidden")
        assert [who["id"] for who in (await side.api.get("/presence")).json()["demo"]] == [owner.session_id]


VERBS = [
    ("POST", "eject"),
    ("GET", "get-session-data"),
    ("POST", "set-session-data"),
    ("POST", "send-app-message"),
    ("POST", "update-permissions"),
]


@pytest.mark.parametrize(("method", "verb"), VERBS)
async def test_requests_about_a_room_without_a_session_are_404(side: DailySide, method: str, verb: str) -> None:
    body: Any = {"data": {}} if verb in {"send-app-message", "update-permissions"} else None
    assert await refused(side, method, f"/rooms/demo/{verb}", 404, json=body) == "room demo not found"
    side.room()
    assert "room demo has no call" in await refused(side, method, f"/rooms/demo/{verb}", 404, json=body)


@pytest.mark.parametrize(
    ("verb", "body", "status", "expected"),
    [
        ("eject", {"ids": ["x"] * 101}, 400, "ids: "),
        ("eject", {"user_ids": ["x"] * 101}, 400, "user_ids: "),
        ("eject", {"userIds": ["x"]}, 400, "did you mean 'user_ids'?"),
        ("eject", {"ids": "x"}, 400, "ids: 'x'"),
        ("eject", {"ban": "yes"}, 400, "ban: 'yes'"),
        ("set-session-data", {"data": [1]}, 400, "data: [1] is not usable"),
        ("set-session-data", {"mergeStrategy": "deep"}, 400, "'replace' or 'shallow-merge'"),
        ("set-session-data", {"keysToDelete": ["a"]}, 400, "requires mergeStrategy shallow-merge"),
        ("set-session-data", {"data": {"a": "x" * 102_400}}, 400, "may have at most 102400"),
        ("send-app-message", {}, 400, "data is required"),
        ("send-app-message", {"data": 1, "recipient": "zork"}, 404, "recipient: no participant zork"),
        ("send-app-message", {"data": 1, "to": "*"}, 400, "unknown field 'to'"),
        ("update-permissions", {}, 400, "data is required"),
        ("update-permissions", {"data": {"zork": {}}}, 404, "data: no participant zork"),
        ("update-permissions", {"data": {"*": {"canSend": ["smell"]}}}, 400, "data.*.canSend"),
        ("update-permissions", {"data": {"*": {"canRecieve": {}}}}, 400, "did you mean 'canReceive'?"),
        ("update-permissions", {"data": {"*": {"canReceive": {"base": {"video": True}}}}}, 400, "is required"),
    ],
)
async def test_invalid_requests_are_refused(side: DailySide, verb: str, body: Any, status: int, expected: str) -> None:
    side.room()
    async with side.owner() as owner:
        assert expected in await refused(side, "POST", f"/rooms/demo/{verb}", status, json=body)
        assert owner.joined


@pytest.mark.parametrize("value", ["NaN", r'"\ud800"', r'{"\udfff": 1}'])
@pytest.mark.parametrize("verb", ["send-app-message", "set-session-data"])
async def test_data_that_json_cannot_express_is_refused(side: DailySide, verb: str, value: str) -> None:
    side.room()
    async with side.owner():
        await refused(side, "POST", f"/rooms/demo/{verb}", 400, content=f'{{"data": {{"a": {value}}}}}')
        assert (await side.api.get("/rooms/demo/get-session-data")).json() == {"data": {}}
