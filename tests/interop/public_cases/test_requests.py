"""Dialogs · requests: what peers send within a dialog and around it, and the responses they get."""

from __future__ import annotations

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.sip_methods import ALLOW
from tests.event_actions import actions
from tests.integration.pstn.conftest import NUMBER as PINLESS
from tests.integration.pstn.conftest import pinless_domain
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent, audio_sdp
from tests.interop.public_cases.room_calls import called_with, calling, dialled_in, dialled_out, front_door, tag

# --- requests of a live dialog ---


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("OPTIONS", {}, 200),
        ("SUBSCRIBE", {"Event": "dialog", "Expires": "60"}, 489),
        ("SUBSCRIBE", {"Event": "refer", "Expires": "60"}, 489),
        ("SUBSCRIBE", {}, 489),
        ("NOTIFY", {"Event": "refer", "Subscription-State": "active"}, 481),
        ("NOTIFY", {"Event": "dialog", "Subscription-State": "active"}, 489),
        ("NOTIFY", {"Event": "refer", "Subscription-State": "terminated;reason=reason=noresource"}, 481),
        ("PUBLISH", {"Event": "presence"}, 405),
        ("MESSAGE", {}, 405),
        ("REGISTER", {}, 405),
        ("FOO", {}, 405),
        ("INFO", {}, 200),
    ],
)
async def test_a_request_of_a_live_dialog_gets_its_response_and_the_call_goes_on(
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    daily_client: Client,
    method: str,
    headers: dict[str, str],
    status: int,
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        response = await call.response_to(method, headers=headers)
        assert response.status[0] == status
        if status in (200, 405) and method != "INFO":
            assert response.header("Allow") == ALLOW
        if status == 489:
            assert response.header("Allow-Events") == "refer"
        again = await call.response_to("INVITE", audio_sdp(call.rtp.port))
        assert again.status[0] == 200
        await call.dialog.request("ACK")
        assert call.session_id in daily_client.participants


async def test_the_same_over_a_dialled_call(daily_client: Client) -> None:
    async with dialled_out(daily_client) as call:
        for method, status in (("OPTIONS", 200), ("FOO", 405), ("SUBSCRIBE", 489)):
            assert (await call.response_to(method)).status[0] == status


async def test_the_same_over_tcp(fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client, transport="tcp") as call:
        for method, status in (("OPTIONS", 200), ("FOO", 405), ("SUBSCRIBE", 489)):
            assert (await call.response_to(method)).status[0] == status


async def test_a_wrong_tag_is_an_unknown_dialog(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        right = call.dialog.local
        call.dialog.local = right.replace(tag(right), "another")
        assert (await call.response_to("OPTIONS")).status[0] == 481
        call.dialog.local = right
        assert (await call.response_to("OPTIONS")).status[0] == 200


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "INFO", "UPDATE", "BYE", "NOTIFY", "SUBSCRIBE", "FOO"])
async def test_any_request_after_the_bye_is_unknown(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, method: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        assert (await call.response_to("BYE")).status[0] == 200
        body = audio_sdp(call.rtp.port) if method == "INVITE" else ""
        assert (await call.response_to(method, body)).status[0] == 481


@pytest.mark.parametrize(("method", "status"), [("INVITE", 481), ("INFO", 481), ("OPTIONS", 481), ("BYE", 200)])
async def test_requests_that_cross_our_bye(daily_client: Client, method: str, status: int) -> None:
    async with dialled_out(daily_client) as call:
        await daily_client.stop_dialout(call.session_id)
        bye = await call.agent.request("BYE")
        body = audio_sdp(call.rtp.port) if method == "INVITE" else ""
        assert (await call.response_to(method, body)).status[0] == status
        await call.dialog.answer("200 OK", to=bye)


# --- Require ---


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "OPTIONS"])
async def test_an_unknown_extension_is_refused_and_the_call_goes_on(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, method: str
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        body = audio_sdp(call.rtp.port) if method == "INVITE" else ""
        response = await call.response_to(method, body, headers={"Require": "timer, foo"})
        assert (response.status[0], response.header("Unsupported")) == (420, "foo")
        assert (await call.response_to("OPTIONS", headers={"Require": "Timer"})).status[0] == 200


async def test_a_bye_ends_the_call_whatever_it_requires(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        assert (await call.response_to("BYE", headers={"Require": "foo"})).status[0] == 200
        await daily_client.wait_for("dialin-stopped")


# --- retransmissions ---


async def test_an_invite_that_is_sent_again_is_absorbed(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        invite = dialog.text("INVITE", audio_sdp(rtp.port))
        await agent.send(invite, dialog.peer)
        dialog.established(await agent.final_response("1 INVITE"))
        await agent.send(invite, dialog.peer)  # before the ACK
        await dialog.request("ACK")
        await daily_client.wait_for(["dialin-connected", "participant-joined"])
        await agent.send(invite, dialog.peer)  # after it
        reinvite = dialog.text("INVITE", audio_sdp(rtp.port))
        await agent.send(reinvite, dialog.peer)
        await agent.final_response("2 INVITE")
        await dialog.request("ACK")
        before = len(agent.messages)
        await agent.send(reinvite, dialog.peer)  # a re-INVITE after its ACK
        await dialog.request("BYE")
        await agent.final_response("3 BYE")
        await agent.send(invite, dialog.peer)  # after the end of the call
        await agent.receives_nothing("SIP/2.0 4", "SIP/2.0 1", for_s=0.3)
        assert [message.header("CSeq") for message in agent.messages[before:]] == ["3 BYE"]
        assert actions(daily_client.events).count("dialin-connected") == 1
        assert fake_daily.gateway.calls == []


async def test_an_invite_that_is_sent_again_after_its_refusal_is_absorbed(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client), RawUserAgent() as agent:
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=front_door(fake_daily))
        invite = dialog.text("INVITE", audio_sdp(40_000))
        await agent.send(invite, dialog.peer)
        busy = await agent.final_response("1 INVITE")
        assert busy.status[0] == 486
        via = next(line for line in invite.split("\r\n") if line.startswith("Via: "))
        ack = dialog.text("ACK", headers={"Via": via.partition(": ")[2], "To": busy.header("To")})
        await agent.send(ack, dialog.peer)
        before = len(agent.messages)
        await agent.send(invite, dialog.peer)
        await agent.receives_nothing("SIP/2.0", for_s=0.3)
        assert agent.messages[before:] == []


# --- From and other fields ---


FROM_URIS = {
    "tel:+15550100": "+15550100",
    "tel:+1-555-0100;phone-context=x": "+15550100",
    "sip:a@my_host": "sip:a@my_host",
    "sip:a%zzb@127.0.0.1": "sip:a%zzb@127.0.0.1",
    "sip:+1(555)0100@h;user=phone": "+15550100",
    "sips:a@h": "sips:a@h",
    "sip:anonymous@anonymous.invalid": "sip:anonymous@anonymous.invalid",
    "urn:service:sos": "urn:service:sos",
    "mailto:a@b": "mailto:a@b",
    "sip:[2001:db8::1]": "sip:[2001:db8::1]",
    "sip:h": "sip:h",
}


@pytest.mark.parametrize("uri", FROM_URIS)
async def test_a_held_caller_may_have_any_uri(fake_daily: FakeDaily, uri: str) -> None:
    async with pinless_domain(fake_daily) as pinless:
        target = f"sip:{PINLESS}@{fake_daily.network.address}"
        async with calling(fake_daily, target, {"From": f"<{uri}>;tag=1"}) as response:
            assert response.status[0] == 200
            assert (await pinless.asked()).body["From"] == FROM_URIS[uri]


@pytest.mark.parametrize("uri", ["tel:+15550100", "sip:a%zzb@my_host", "urn:service:sos"])
async def test_a_caller_of_a_room_may_have_any_uri(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, uri: str
) -> None:
    response = await called_with(fake_daily, daily_room.sip_uris[0], {"From": f"<{uri}>;tag=1"})
    assert response.status[0] == 200
    connected = await daily_client.wait_for("dialin-connected")
    assert connected["sipFrom"] == uri


@pytest.mark.parametrize("host", ["my_host", "a..b", "h%41st"])
async def test_the_host_of_the_request_uri_may_be_anything(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, host: str
) -> None:
    user = daily_room.sip_uris[0].partition("@")[0]
    assert (await called_with(fake_daily, f"{user}@{host}", {})).status[0] in (200, 400)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("From", '""unknown"" <sip:x@127.0.0.1>;tag=1'),
        ("From", '"a" "b" <sip:x@127.0.0.1>;tag=1'),
        ("From", '"open <sip:x@127.0.0.1>;tag=1'),
        ("From", "<sip:a b@127.0.0.1>;tag=1"),
        ("From", "<sip:a@127.0.0.1:99999>;tag=1"),
        ("From", "<sip:>;tag=1"),
        ("To", '""x"" <sip:x@127.0.0.1>'),
        ("Session-Expires", "abc"),
        ("Min-SE", "x"),
        ("Expires", "soon"),
        ("Contact", '""x"" <sip:a@127.0.0.1>'),
        ("Content-Type", "application"),
        ("Record-Route", "<sip:"),
        ("Event", ""),
    ],
)
async def test_a_field_that_cannot_be_parsed_is_refused_at_once(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, field: str, value: str
) -> None:
    response = await called_with(fake_daily, daily_room.sip_uris[0], {field: value})
    assert response.status[0] == 400
    assert field in response.start
    assert "dialin-connected" not in actions(daily_client.events)


async def test_credentials_that_nobody_asked_for_are_ignored(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    response = await called_with(fake_daily, daily_room.sip_uris[0], {"Authorization": "Basic abc"})
    assert response.status[0] == 200


async def test_a_field_that_cannot_be_parsed_within_a_dialog(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call:
        response = await call.response_to("UPDATE", headers={"Session-Expires": "abc"})
        assert response.status[0] == 400
        assert (await call.response_to("OPTIONS")).status[0] == 200


# --- TCP ---


async def stream_of(daily: FakeDaily, room: RoomHandle, change: tuple[str, str]) -> tuple[list[str], bool]:
    """INVITE, ACK and OPTIONS on one connection, the INVITE changed; the responses, and whether the door closed it."""
    async with RawUserAgent("tcp") as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, room.sip_uris[0], through=front_door(daily))
        invite = dialog.text("INVITE", audio_sdp(rtp.port))
        assert change[0] in invite
        await agent.send(invite.replace(*change), dialog.peer)
        response = await agent.final_response("1 INVITE")
        if response.status[0] == 200:
            dialog.established(response)
            await dialog.request("ACK")
            await dialog.request("OPTIONS")
            await agent.final_response("2 OPTIONS")
            await dialog.request("BYE")
            await agent.final_response("3 BYE")
        closed = await agent.is_closed(within=0.3)
        return [message.start for message in agent.messages if message.status[0] >= 200], closed


@pytest.mark.parametrize(
    "change",
    [
        ("Content-Length: ", "Content-Length:\r\n "),
        ("Content-Length: ", "Content-Length:\r\n\t "),
        ("Content-Length: ", "l: "),
        ("Content-Length: ", "CONTENT-LENGTH : "),
        ("Content-Length: ", "Content-Length: 0"),
    ],
)
async def test_a_content_length_on_tcp_may_be_written_in_many_ways(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, change: tuple[str, str]
) -> None:
    starts, closed = await stream_of(fake_daily, daily_room, change)
    assert [start.split()[1] for start in starts] == ["200", "200", "200"]
    assert not closed


@pytest.mark.parametrize("change", [("Content-Length: ", "X-Length: "), ("Content-Length: ", "Content-Length: x")])
async def test_a_message_on_tcp_without_a_length_is_refused_and_the_connection_closed(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, change: tuple[str, str]
) -> None:
    starts, closed = await stream_of(fake_daily, daily_room, change)
    assert len(starts) == 1
    assert starts[0].startswith("SIP/2.0 400 Bad Request")
    assert closed
