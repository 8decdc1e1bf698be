"""Past and ongoing meetings over REST."""

from __future__ import annotations

from typing import Any

import pytest

from tests.daily_side import DailySide
from tests.server.rest.refusals import refused


async def meetings(side: DailySide, **query: Any) -> list[dict[str, Any]]:
    page = (await side.api.get("/meetings", params=query)).json()
    assert page["total_count"] >= len(page["data"])
    data: list[dict[str, Any]] = page["data"]
    return data


async def test_a_meeting_is_listed_while_it_goes_on_and_afterwards(side: DailySide) -> None:
    room = side.room(enable_dialout=True)
    assert await meetings(side) == []
    started = int(side.clock())
    async with side.owner(user_name="Ann", user_id="u1") as ann:
        assert room.session is not None
        session = room.session.id
        call = await ann.start_dialout({"phoneNumber": "+12065550142", "displayName": "Desk"})
        await ann.wait_for("participant-joined")
        await ann.stop_dialout(call)
        await ann.wait_for("participant-left")
        async with side.client() as bob:
            side.clock.ahead = 100
            (ongoing,) = await meetings(side)
            assert ongoing["ongoing"] is True
            assert 100 <= ongoing["duration"] <= 110
        await ann.wait_for("participant-left")
    side.clock.ahead = 500
    (ended,) = await meetings(side)
    participants = ended.pop("participants")
    duration = ended.pop("duration")
    assert 100 <= duration <= 110
    assert started <= ended.pop("start_time") <= started + 10
    assert ended == {"id": session, "room": "demo", "ongoing": False, "max_participants": 2}
    shown = [(who["participant_id"], who["user_id"], who["user_name"]) for who in participants]
    assert shown == [(ann.session_id, "u1", "Ann"), (call, None, "Desk"), (bob.session_id, None, None)]
    assert participants[1]["duration"] <= 10
    assert 100 <= participants[0]["duration"] <= 110
    assert started <= participants[0]["join_time"] <= started + 10

    one = (await side.api.get(f"/meetings/{session}")).json()
    assert one == {**ended, "start_time": one["start_time"], "duration": duration}
    assert (await side.api.get(f"/meetings/{session}/participants")).json() == {"data": participants[::-1]}


async def test_meetings_are_filtered_and_paged(side: DailySide) -> None:
    ids = []
    for number, name in enumerate(("a", "b", "a")):
        side.clock.ahead = number * 1000
        room = side.room(name) if name not in side.store.rooms else side.store.get(name)
        async with side.client(name):
            assert room.session is not None
            ids.append(room.session.id)
    side.clock.ahead = 3000
    async with side.client("b"):
        live = side.store.get("b").session
        assert live is not None
        ids.append(live.id)

        async def found(**query: Any) -> list[int]:
            return [ids.index(meeting["id"]) for meeting in await meetings(side, **query)]

        now = int(side.clock()) - 3000
        assert await found() == [3, 2, 1, 0]
        assert await found(room="a") == [2, 0]
        assert await found(ongoing="true") == [3]
        assert await found(ongoing="false") == [2, 1, 0]
        assert await found(timeframe_start=now + 500) == [3, 2, 1]
        assert await found(timeframe_end=now + 1500) == [1, 0]
        assert await found(timeframe_start=now + 500, timeframe_end=now + 1500) == [1]
        assert await found(limit=2) == [3, 2]
        assert await found(starting_after=ids[2]) == [1, 0]
        assert await found(ending_before=ids[2]) == [3]
        assert "participants" not in (await meetings(side, no_participants="true"))[0]


async def test_participants_are_paged_by_their_ids(side: DailySide) -> None:
    room = side.room()
    async with side.client() as one, side.client() as two, side.client() as three:
        assert room.session is not None
        path = f"/meetings/{room.session.id}/participants"

        async def found(**query: Any) -> list[str]:
            page = (await side.api.get(path, params=query)).json()
            return [who["participant_id"] for who in page["data"]]

        assert await found() == [three.session_id, two.session_id, one.session_id]
        assert await found(limit=1) == [three.session_id]
        assert await found(joined_after=one.session_id) == [three.session_id, two.session_id]
        assert await found(joined_before=three.session_id) == [two.session_id, one.session_id]
        assert "joined_after was 'zork'" in await refused(side, "GET", f"{path}?joined_after=zork", 400)


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [
        ("/meetings/zork", 404, "no meeting zork"),
        ("/meetings/zork/participants", 404, "no meeting zork"),
        ("/meetings?ongoing=perhaps", 400, "ongoing: 'perhaps'"),
        ("/meetings?timeframe_start=soon", 400, "timeframe_start: 'soon'"),
        ("/meetings?limit=101", 400, "limit: '101'"),
        ("/meetings?rooms=a", 400, "did you mean 'room'?"),
        ("/meetings?starting_after=zork", 400, "starting_after was 'zork'"),
    ],
)
async def test_invalid_queries_are_refused(side: DailySide, path: str, status: int, expected: str) -> None:
    assert expected in await refused(side, "GET", path, status)
