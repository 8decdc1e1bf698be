"""User data, session data, and the properties of a room, as clients set and receive them."""

from __future__ import annotations

import pytest

from fake_daily_server.values.errors import DailyError
from tests.daily_side import DailySide


async def test_user_data_is_visible_to_all_participants(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob:
        assert await ann.request("setUserData", {"userData": {"seat": 3}}) == {"userData": {"seat": 3}}
        for client in (ann, bob):
            seen = await client.wait_for("participant-updated")
            assert seen["participant"]["userData"] == {"seat": 3}
        with pytest.raises(DailyError, match="userData: has 4099 characters of JSON but may have at most 4096"):
            await ann.request("setUserData", {"userData": "x" * 4097})


async def test_session_data_is_shared_with_the_rest_api(side: DailySide) -> None:
    side.room()
    async with side.client() as ann, side.client() as bob:
        await ann.request("setSessionData", {"data": {"topic": "taxes"}})
        await ann.request("setSessionData", {"data": {"step": 2}, "mergeStrategy": "shallow-merge"})
        where = {"meetingSessionState.data": {"topic": "taxes", "step": 2}}
        await bob.wait_for("meeting-session-state-updated", where=where)
        answer = await side.api.get("/rooms/demo/get-session-data")
        assert answer.json() == {"data": {"topic": "taxes", "step": 2}}


async def test_the_room_request_returns_properties_and_token(side: DailySide) -> None:
    room = side.room(enable_dialout=True)
    async with side.owner(user_name="Ann") as ann, side.client() as bob:
        info = await ann.request("room", {})
        assert (info["id"], info["name"]) == (room.id, "demo")
        assert info["config"]["enable_dialout"] is True
        assert info["config"]["enable_screenshare"] is True, "a default"
        assert info["tokenConfig"] == {"room_name": "demo", "is_owner": True}
        assert "dialInPIN" not in info
        assert (await bob.request("room", {}))["tokenConfig"] == {}


async def test_the_room_request_returns_the_dial_in_code(side: DailySide) -> None:
    room = side.room(dialin={})
    async with side.client() as ann:
        assert (await ann.request("room", {}))["dialInPIN"] == room.dialin.code
