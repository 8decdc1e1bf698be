"""Dialogs · requests: INVITEs with Replaces (RFC 3891), the end of an attended transfer by the far end."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from tests.event_actions import actions
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp
from tests.interop.public_cases.room_calls import RawCall, called_with, dialled_in, dialled_out, front_door, tag


def replaces(call: RawCall, *, early_only: bool = False) -> dict[str, str | None]:
    """The header field that replaces this call, as the side of the room has its dialog."""
    dialog = call.dialog
    value = f"{dialog.call_id};to-tag={tag(dialog.remote)};from-tag={tag(dialog.local)}"
    return {"Replaces": value + (";early-only" if early_only else "")}


async def test_an_invite_with_replaces_takes_the_place_of_the_call_of_its_endpoint(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with (
        dialled_in(fake_daily, daily_room, daily_client) as old,
        dialled_in(fake_daily, daily_room, daily_client, headers=replaces(old)) as new,
    ):
        bye = await old.agent.request("BYE")
        await old.dialog.answer("200 OK", to=bye)
        stopped = await daily_client.wait_for("dialin-stopped")
        assert stopped["sessionId"] == old.session_id
        assert new.session_id in daily_client.participants
        assert old.session_id not in daily_client.participants
        (call,) = fake_daily.gateway.calls
        assert call.sip_call_id == new.dialog.call_id
        assert "dialin-error" not in actions(daily_client.events)
        await new.rtp.receives()


async def test_the_call_of_a_dialled_peer_can_be_replaced(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with (
        dialled_out(daily_client) as old,
        dialled_in(fake_daily, daily_room, daily_client, headers=replaces(old)) as new,
    ):
        await old.dialog.answer("200 OK", to=await old.agent.request("BYE"))
        await daily_client.wait_for("dialout-stopped", where={"sessionId": old.session_id})
        assert new.session_id in daily_client.participants


async def test_the_call_goes_on_when_the_replacing_invite_cannot_be_answered(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as old, RawUserAgent() as agent:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        await dialog.request("INVITE", audio_sdp(40_000, "18", ""), headers=replaces(old))
        assert (await agent.final_response("1 INVITE")).status[0] == 488
        assert (await old.response_to("OPTIONS")).status[0] == 200
        assert old.session_id in daily_client.participants


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("nobody@raw;to-tag=1;from-tag=2", 481),
        ("{call_id};to-tag=wrong;from-tag={from_tag}", 481),
        ("{call_id};to-tag={from_tag};from-tag={to_tag}", 481),
        ("{call_id};to-tag={to_tag};from-tag={from_tag};early-only", 486),
        ("{call_id};to-tag={to_tag}", 400),
        ("{call_id}", 400),
        ("a;to-tag=1;from-tag=2, b;to-tag=1;from-tag=2", 400),
    ],
)
async def test_replaces_that_cannot_be_met_is_refused_before_anything_happens(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, value: str, status: int
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        dialog = call.dialog
        filled = value.format(call_id=dialog.call_id, to_tag=tag(dialog.remote), from_tag=tag(dialog.local))
        response = await called_with(fake_daily, daily_room.sip_uris[0], {"Replaces": filled})
        assert response.status[0] == status
        recorded = (f"refused={status}", "cannot be parsed: Replaces")
        assert await fake_daily.timeline.wait(lambda record: any(each in str(record) for each in recorded), within=3)
        assert (await call.response_to("OPTIONS")).status[0] == 200


async def test_a_call_that_has_ended_cannot_be_replaced(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        await call.response_to("BYE")
        await daily_client.wait_for("dialin-stopped")
        response = await called_with(fake_daily, daily_room.sip_uris[0], replaces(call))
        assert response.status[0] == 603
