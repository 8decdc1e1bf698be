"""Joining, leaving, permissions and time limits, and the events that the clients of a room receive."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.values.errors import DailyError
from tests.daily_side import DailySide
from tests.event_actions import actions

MEETING = ["meeting-session-updated", "meeting-session-summary-updated", "meeting-session-state-updated"]


async def test_the_first_client_receives_its_events_in_order(side: DailySide) -> None:
    side.room(sip={"num_endpoints": 2})
    async with side.client(user_name="Ann") as ann:
        ready = await ann.wait_for(["dialin-ready", "dialin-ready"])
        assert actions(ann.events) == [
            "joined-meeting",
            *MEETING,
            "participant-counts-updated",
            "dialin-ready",
            "dialin-ready",
        ]
        assert [event["sipEndpoint"] for event in ready] == list(side.store.get("demo").dialin.sip_uris)
        assert {event["callClientId"] for event in ann.events} == {ann.call_client_id}
        assert ann.events[4]["participantCounts"] == {"present": 1, "hidden": 0}
        assert ann.events[1]["meetingSession"] == {"id": ann.meeting_session_id}


async def test_a_participant_has_the_fields_that_daily_js_shows(side: DailySide) -> None:
    side.room()
    token = {"is_owner": True, "user_id": "u-1", "user_name": "Ann"}
    async with side.client(token=token, user_data={"seat": 3}) as ann:
        me = ann.participants["local"]
        assert me["session_id"] == ann.session_id
        assert (me["user_id"], me["user_name"], me["owner"], me["local"]) == ("u-1", "Ann", True, True)
        assert me["userData"] == {"seat": 3}
        assert "participantType" not in me
        assert datetime.fromisoformat(me["joined_at"]).tzinfo is not None
        assert me["permissions"] == {
            "hasPresence": True,
            "canSend": True,
            "canReceive": {"base": True},
            "canAdmin": True,
        }
        assert me["tracks"]["audio"] == {"subscribed": False, "state": "off", "off": {"byUser": True}}
        assert set(me["tracks"]) == {"audio", "video", "screenAudio", "screenVideo"}


async def test_others_see_a_participant_join_change_and_leave(side: DailySide) -> None:
    side.room()
    async with side.client(user_name="Ann") as ann:
        bob = side.client(user_name="Bob", user_id="b")
        await bob.join()
        came = await ann.wait_for("participant-joined", where={"participant.user_name": "Bob"})
        assert came["participant"]["session_id"] == bob.session_id
        assert came["participant"]["local"] is False
        await ann.wait_for("participant-counts-updated", where={"participantCounts.present": 2})
        assert bob.participants[ann.session_id]["user_name"] == "Ann"
        assert bob.meeting_session_id == ann.meeting_session_id
        await bob.set_user_name("Robert")
        changed = await ann.wait_for("participant-updated")
        assert changed["participant"]["user_name"] == "Robert"
        mine = await bob.wait_for("participant-updated")
        assert mine["participant"]["local"] is True
        await bob.leave()
        left = await ann.wait_for("participant-left", where={"participant.session_id": bob.session_id})
        assert "reason" not in left
        assert list(ann.participants) == ["local"]
        assert "participant-joined" not in actions(bob.events)
        assert actions(bob.events)[-1] == "left-meeting"


async def test_a_dropped_socket_is_a_leave(side: DailySide) -> None:
    side.room()
    async with side.client() as ann:
        bob = side.client()
        await bob.join()
        await bob.close()
        await ann.wait_for("participant-left", where={"participant.session_id": bob.session_id})


async def test_a_session_lasts_until_the_last_client_leaves(side: DailySide) -> None:
    room = side.room(enable_dialout=True)
    ann, bob = side.owner(), side.client()
    await ann.join()
    first = ann.meeting_session_id
    await bob.join()
    assert bob.meeting_session_id == first
    leg = await ann.start_dialout(phoneNumber="+12065550142")
    await ann.leave()
    assert set(room.participants) == {bob.session_id, leg}
    await bob.leave()
    async with side.client() as carl:
        assert carl.meeting_session_id != first
        assert set(carl.participants) == {"local"}
    verbs = [verb for verb, _ in side.telephony.requests]
    assert verbs == ["started", "start", "ended", "stop", "started", "ended"]


async def test_the_same_connection_can_join_again(side: DailySide) -> None:
    side.room()
    client = side.client()
    await client.join()
    first = client.session_id
    await client.request("leave", {})
    await client.wait_for("left-meeting")
    await client.join()
    assert client.session_id != first
    await client.leave()


async def test_joining_twice_is_refused(side: DailySide) -> None:
    side.room()
    async with side.client() as client:
        with pytest.raises(DailyError, match="already joined"):
            await client.request("join", {})


@pytest.mark.parametrize(
    ("properties", "token", "ahead", "error", "said"),
    [
        ({"private": True}, None, 0, "not-allowed", "is private; joining requires a meeting token"),
        ({}, {"room_name": "other"}, 0, "not-allowed", "is for room 'other', not 'demo'"),
        ({}, {"exp": 10}, 60, "exp-token", "the meeting token expired"),
        ({}, {"nbf": 100}, 0, "nbf-token", "the meeting token is valid from"),
        ({"exp": 10}, {"is_owner": True}, 60, "exp-room", "room demo expired"),
        ({"nbf": 100}, {"is_owner": True}, 0, "nbf-room", "room demo opens at"),
    ],
)
async def test_a_join_is_refused_by_room_and_token_rules(
    side: DailySide,
    properties: dict[str, Any],
    token: dict[str, Any] | None,
    ahead: float,
    error: str,
    said: str,
) -> None:
    """Times are seconds from now."""

    def soon(given: dict[str, Any]) -> dict[str, Any]:
        return {k: int(side.clock()) + v if k in ("exp", "nbf") else v for k, v in given.items()}

    side.room(**soon(properties))
    client = side.client(token=None if token is None else soon(token))
    side.clock.ahead = ahead
    with pytest.raises(DailyError) as refusal:
        await client.join()
    assert (refusal.value.status, refusal.value.error) == (403, error)
    assert said in refusal.value.info
    assert side.store.rooms["demo"].participants == {}


async def test_an_unknown_room_and_a_forged_token_are_refused(side: DailySide) -> None:
    with pytest.raises(DailyError) as no_room:
        await side.client("nowhere").join()
    assert no_room.value.error == "no-room"
    side.room()
    forged = Client(f"{side.url}/demo", token=side.token() + "x")
    with pytest.raises(DailyError) as refusal:
        await forged.join()
    assert refusal.value.error == "not-allowed"


async def test_a_full_room_refuses_another_client(side: DailySide) -> None:
    side.room(max_participants=1)
    async with side.client():
        with pytest.raises(DailyError) as refusal:
            await side.client().join()
        assert refusal.value.error == "meeting-full"
    async with side.client():
        pass


async def test_a_token_opens_a_private_room(side: DailySide) -> None:
    side.room(private=True)
    async with side.client(token={"room_name": "demo"}), side.client(token={}):
        pass


async def test_hidden_participants_are_only_counted(side: DailySide) -> None:
    side.room(enable_hidden_participants=True)
    async with side.owner() as owner, side.client(user_name="Shy") as shy:
        await owner.wait_for("participant-counts-updated", where={"participantCounts": {"present": 1, "hidden": 1}})
        assert "participant-joined" not in actions(owner.events)
        assert owner.session_id in shy.participants
        assert await shy.participant_counts() == {"present": 1, "hidden": 1}
        await owner.update_participant(shy.session_id, permissions={"hasPresence": True})
        await owner.wait_for(["participant-joined", "participant-counts-updated"])
        await owner.update_participant(shy.session_id, permissions={"hasPresence": False})
        await owner.wait_for("participant-left", where={"reason": "hidden"})
        assert shy.joined


async def test_permissions_of_the_token_override_those_of_the_room(side: DailySide) -> None:
    side.room(permissions={"canSend": ["audio"], "canAdmin": ["participants"]})
    async with side.client() as plain, side.client(token={"permissions": {"canSend": False}}) as muted:
        assert plain.participants["local"]["permissions"]["canSend"] == ["audio"]
        assert muted.participants["local"]["permissions"]["canSend"] is False
        assert muted.participants["local"]["permissions"]["canAdmin"] == ["participants"]


async def test_changing_permissions_keeps_those_that_are_not_named(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner, side.client() as guest:
        by_user = {"byUserId": {"u": False}}
        await owner.update_participant(guest.session_id, permissions={"canReceive": by_user})
        changed = await guest.wait_for("participant-updated")
        assert changed["participant"]["permissions"]["canReceive"] == {"base": True, **by_user}
        assert changed["participant"]["permissions"]["canSend"] is True


async def test_an_owner_ejects_a_participant(side: DailySide) -> None:
    side.room()
    async with side.owner() as owner, side.client(user_name="Guest") as guest:
        with pytest.raises(DailyError) as refusal:
            await guest.eject(owner.session_id)
        assert (refusal.value.status, refusal.value.error) == (403, "forbidden-error")
        await owner.eject(guest.session_id)
        fatal, _ = await guest.wait_for(["error", "left-meeting"])
        assert fatal["error"]["type"] == "ejected"
        await owner.wait_for("participant-left")
        assert not guest.joined
        with pytest.raises(DailyError, match="not in a call"):
            await guest.set_user_name("Ghost")
        with pytest.raises(DailyError) as unknown:
            await owner.eject("zork")
        assert unknown.value.status == 404


async def test_ejecting_a_call_hangs_it_up(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.owner() as owner:
        leg = await owner.start_dialout({"phoneNumber": "+12065550142"})
        await owner.wait_for("participant-joined")
        assert owner.participants[leg]["participantType"] == "pstn-dial-out"
        assert owner.participants[leg]["tracks"]["audio"]["state"] == "playable"
        await owner.eject(leg)
        await owner.wait_for(["participant-left", "dialout-stopped"])


async def test_the_time_limit_is_fixed_at_the_join(side: DailySide) -> None:
    """The limit in the token takes precedence over that of the room."""
    now = side.clock()
    room = side.room(exp=now + 3600, eject_at_room_exp=True)
    side.clock.ahead = 3599.8
    exp = int(side.clock()) + 3600
    token = {"exp": exp, "eject_at_token_exp": True}
    async with side.client(token=token) as long, side.client() as short:
        assert short.participants["local"]["will_eject_at"] is not None
        side.store.update(room, changes={"eject_at_room_exp": False})
        side.clock.ahead += 1
        fatal, _ = await short.wait_for(["error", "left-meeting"])
        assert fatal["error"]["type"] == "exp-room"
        end = datetime.fromisoformat(long.participants["local"]["will_eject_at"])
        assert end.timestamp() == exp
        assert long.joined


@pytest.mark.parametrize(
    ("token", "error"),
    [({"eject_at_token_exp": True}, "exp-token"), ({"eject_after_elapsed": 1}, "ejected")],
)
async def test_a_token_limits_the_time_of_its_participant(side: DailySide, token: dict[str, Any], error: str) -> None:
    side.room()
    exp = int(side.clock()) + 3
    client = side.client(token={"exp": exp, **token})
    side.clock.ahead = exp - 0.1 - time.time() if error == "exp-token" else 0
    async with client:
        fatal, _ = await client.wait_for(["error", "left-meeting"])
        assert fatal["error"]["type"] == error


async def test_unique_user_ids_eject_the_earlier_participant(side: DailySide) -> None:
    side.room(enforce_unique_user_ids=True)
    async with side.client(user_id="u") as first, side.client(user_id="u") as second:
        fatal = await first.wait_for("error")
        assert "'u'" in fatal["errorMsg"]
        assert set(second.participants) == {"local"}


async def test_deleting_a_room_ejects_all_participants(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.owner() as owner, side.client() as guest:
        await owner.start_dialout(sipUri="sip:bob@127.0.0.1")
        await side.api.delete("/rooms/demo")
        for client in (owner, guest):
            fatal = await client.wait_for("error")
            assert "room demo was deleted" in fatal["errorMsg"]
        assert side.telephony.requests[-2:] == [("ended", "demo"), ("stop", side.telephony.requests[-1][1])]


async def test_many_clients_join_and_leave_at_once(side: DailySide) -> None:
    room = side.room()
    clients = [side.client(user_name=f"c{number}") for number in range(20)]
    await asyncio.gather(*(client.join() for client in clients))
    assert len({client.meeting_session_id for client in clients}) == 1
    await asyncio.gather(*(client.leave() for client in clients))
    assert room.participants == {}
    assert room.session is None
    assert [verb for verb, _ in side.telephony.requests] == ["started", "ended"]


async def test_an_event_for_several_clients_is_recorded_once(side: DailySide) -> None:
    side.room(enable_dialout=True)
    async with side.owner(user_name="Ann") as ann, side.client(user_name="Bob"):
        leg = await ann.start_dialout(phoneNumber="+12065550142")
        await ann.wait_for("participant-joined", where={"participant.session_id": leg})
    published = [r.fields for r in side.timeline.records(kind="event") if "to" not in r.fields]
    connected = [fields for fields in published if fields["event"]["action"] == "dialout-connected"]
    assert [(f["room"], f["session_id"]) for f in connected] == [("demo", leg)]
    assert "callClientId" not in connected[0]["event"]
    asked = [r.fields for r in side.timeline.records(kind="client")]
    assert [(f["client"], f["method"]) for f in asked[2:3]] == [("Ann", "startDialOut")]
    assert asked[2]["params"] == {"phoneNumber": "+12065550142"}
    assert asked[0]["params"]["token"] == "…"
