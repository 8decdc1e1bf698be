"""Direction and address in session descriptions: hold in the old way, inactive calls, addresses that cannot be used."""

from __future__ import annotations

import asyncio

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.public_cases.descriptions import (
    EVENTS,
    PORT,
    RawCall,
    audio,
    dialled,
    dialling_in,
    sdp,
    talks,
)
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import RawDialog, RawUserAgent

PLAIN = sdp(audio(PORT))
ZERO = "c=IN IP4 0.0.0.0"
HOLDS = {
    "in the session": sdp(audio(PORT), session=ZERO),
    "in the section": sdp(audio(PORT, "0 101", ZERO, EVENTS)),
    "with sendonly": sdp(audio(PORT, "0 101", EVENTS, "a=sendonly"), session=ZERO),
    "with inactive": sdp(audio(PORT, "0 101", EVENTS, "a=inactive"), session=ZERO),
    "with recvonly": sdp(audio(PORT, "0 101", EVENTS, "a=recvonly"), session=ZERO),
    "with an own a=rtcp": sdp(audio(PORT, "0 101", EVENTS, "a=rtcp:40001 IN IP4 127.0.0.1"), session=ZERO),
    "written as 0": sdp(audio(PORT), session="c=IN IP4 0"),
}


def tracebacks(daily: FakeDaily) -> list[str]:
    records = (record.fields.get("text", "") for record in daily.timeline.records(kind="worker"))
    return [text for text in records if "Traceback" in text or " error:" in text]


async def one_way(daily: FakeDaily) -> None:
    """Wait until the room knows that it does not send."""
    await daily.timeline.wait(
        lambda record: record.kind == "media" and record.fields["direction"] in ("recvonly", "inactive"), within=4
    )


# --- hold in the old way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", HOLDS.values(), ids=HOLDS)
async def test_a_side_with_the_address_zero_gets_neither_rtp_nor_rtcp(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, held: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        response = await call.dialog.reinvite(held.replace(PORT, str(call.rtp.port)))
        assert response.status[0] == 200
        assert "0.0.0.0" not in (response.sdp or "")
        assert ("a=recvonly" in (response.sdp or "")) or ("a=inactive" in (response.sdp or ""))
        await one_way(fake_daily)
        await call.rtp.receives_nothing()
        await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
        await talks(call, daily_client)
    assert tracebacks(fake_daily) == []


async def test_a_call_that_begins_on_hold_in_the_old_way(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, HOLDS["in the session"]) as call:
        await call.rtp.receives_nothing()
        await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
        await talks(call, daily_client)


async def test_an_answer_with_the_address_zero(fake_daily: FakeDaily, daily_client: Client) -> None:
    async with dialled(daily_client, HOLDS["in the session"]) as call:
        await call.rtp.receives_nothing()
        await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
        await call.rtp.receives()
    assert tracebacks(fake_daily) == []


async def test_a_phone_knows_that_it_is_held_in_the_old_way(phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142")
    host, _, port = phone_network.address.partition(":")
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        dialog = RawDialog.calling(agent, phone.uri, through=(host, int(port)))
        await dialog.call(sdp(audio(rtp.port)))
        call = await phone.wait_for_call()
        await call.wait_answered()
        await dialog.reinvite(HOLDS["in the session"].replace(PORT, str(rtp.port)))
        assert await phone_network.timeline.until(lambda: call.held_by, within=3) == "remote"
        await rtp.receives_nothing()
        await dialog.reinvite(sdp(audio(rtp.port)))
        await rtp.receives()
        assert await phone_network.timeline.until(lambda: call.held_by is None or None, within=3)
        await dialog.request("BYE")
        await call.wait_for_end()


async def test_music_of_a_side_that_holds_in_the_old_way_is_passed(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    """The address zero says what the side receives, not what it sends."""
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await call.rtp.receives()
        await call.dialog.reinvite(HOLDS["in the session"].replace(PORT, str(call.rtp.port)))
        await one_way(fake_daily)
        await call.rtp.receives_nothing()
        before = len(list(fake_daily.timeline.records()))
        call.rtp.send(call.media, bytes(range(160)), timestamp=1)
        found = await fake_daily.timeline.wait(
            lambda record: record.kind == "rtp" and record.fields.get("action") == "begins", after=before - 1, within=4
        )
        assert found is not None


@pytest.mark.parametrize("hold", ["a=sendonly", "a=sendrecv"], ids=["sendonly", "address zero"])
async def test_music_of_a_side_that_holds_is_heard_in_the_room(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, hold: str
) -> None:
    """RFC 3264 §8.4: `sendonly` says that the side goes on sending, music for example."""
    address = "c=IN IP4 127.0.0.1" if hold == "a=sendonly" else ZERO
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await daily_client.listen()
        await call.rtp.receives()
        offer = sdp(audio(PORT, "0 101", EVENTS, hold), session=address)
        await call.dialog.reinvite(offer.replace(PORT, str(call.rtp.port)))
        await one_way(fake_daily)
        playing = asyncio.create_task(call.rtp.play(call.media, 490))
        try:
            await daily_client.expect_tone(490)
        finally:
            playing.cancel()


async def test_a_side_that_says_inactive_is_not_heard(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        await daily_client.listen()
        playing = asyncio.create_task(call.rtp.play(call.media, 490))
        try:
            await daily_client.expect_tone(490)
            offer = sdp(audio(PORT, "0 101", EVENTS, "a=inactive"))
            await call.dialog.reinvite(offer.replace(PORT, str(call.rtp.port)))
            await one_way(fake_daily)
            await daily_client.expect_silence(0.5)
            await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
            await daily_client.expect_tone(490)
        finally:
            playing.cancel()


# --- directions from the start --------------------------------------------------------------------------------------


def directed(direction: str) -> str:
    return sdp(audio(PORT, "0 101", EVENTS, f"a={direction}"))


@pytest.mark.parametrize(
    ("direction", "answered", "sends"),
    [("inactive", "inactive", False), ("sendonly", "recvonly", False), ("recvonly", "sendonly", True)],
)
@pytest.mark.parametrize("of_session", [False, True], ids=["section", "session"])
async def test_an_offer_with_another_direction_from_the_start(
    fake_daily: FakeDaily,
    daily_room: RoomHandle,
    daily_client: Client,
    direction: str,
    answered: str,
    sends: bool,
    of_session: bool,
) -> None:
    offer = PLAIN.replace("t=0 0", f"t=0 0\r\na={direction}") if of_session else directed(direction)
    async with dialling_in(fake_daily, daily_room, daily_client, offer) as call:
        assert f"a={answered}" in (call.response.sdp or "")
        if sends:
            await call.rtp.receives()
        else:
            await call.rtp.receives_nothing()
        await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
        await talks(call, daily_client)
    assert tracebacks(fake_daily) == []
    media = [record.fields["direction"] for record in fake_daily.timeline.records(kind="media")]
    assert media == [answered, "sendrecv"]


@pytest.mark.parametrize(
    ("direction", "ours", "sends"),
    [("inactive", "inactive", False), ("sendonly", "recvonly", False), ("recvonly", "sendonly", True)],
)
async def test_an_answer_with_another_direction_from_the_start(
    fake_daily: FakeDaily, daily_client: Client, direction: str, ours: str, sends: bool
) -> None:
    async with dialled(daily_client, directed(direction)) as call:
        if sends:
            await call.rtp.receives()
        else:
            await call.rtp.receives_nothing()
        await call.dialog.reinvite(PLAIN.replace(PORT, str(call.rtp.port)))
        await call.rtp.receives(after=len(call.rtp.packets))
    assert tracebacks(fake_daily) == []
    media = [record.fields["direction"] for record in fake_daily.timeline.records(kind="media")]
    assert media == [ours, "sendrecv"]


async def test_a_late_answer_that_is_inactive(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        host, _, port = fake_daily.network.address.partition(":")
        dialog = RawDialog.calling(agent, daily_room.sip_uris[0], through=(host, int(port)))
        await dialog.request("INVITE")
        response = await dialog.final_response()
        dialog.established(response)
        await dialog.request("ACK", directed("inactive").replace(PORT, str(rtp.port)))
        await daily_client.wait_for(["dialin-connected", "participant-joined"])
        await rtp.receives_nothing()
        await RawCall(agent, dialog, rtp, response).hang_up()
    assert tracebacks(fake_daily) == []


# --- addresses ------------------------------------------------------------------------------------------------------

ADDRESSES = {
    "localhost": sdp(audio(PORT), session="c=IN IP4 localhost"),
    "a name in o=": PLAIN.replace("o=- 1 1 IN IP4 127.0.0.1", "o=- 1 1 IN IP4 peer.invalid"),
    "IPv6 in o=": PLAIN.replace("o=- 1 1 IN IP4 127.0.0.1", "o=- 1 1 IN IP6 ::1"),
    "IPv6 in the session, IPv4 in the section": sdp(
        audio(PORT, "0 101", "c=IN IP4 127.0.0.1", EVENTS), session="c=IN IP6 ::1"
    ),
    "a name in a=rtcp": sdp(audio(PORT, "0 101", EVENTS, "a=rtcp:40001 IN IP4 peer.invalid")),
    "IPv6 in a=rtcp": sdp(audio(PORT, "0 101", EVENTS, "a=rtcp:40001 IN IP6 ::1")),
    "a time to live": sdp(audio(PORT), session="c=IN IP4 127.0.0.1/127"),
    "a number of ports": PLAIN.replace(f"audio {PORT}", f"audio {PORT}/2"),
}


@pytest.mark.parametrize("text", ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_that_can_be_used(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, text: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client, text) as call:
        await talks(call, daily_client)


@pytest.mark.parametrize("session", ["c=IN IP6 ::1", "c=IN IP4 peer.invalid", "c=IN IP4 1.2.3", "c=IN IP4"])
async def test_a_reinvite_to_an_address_that_cannot_be_used_is_refused(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client, session: str
) -> None:
    async with dialling_in(fake_daily, daily_room, daily_client) as call:
        response = await call.dialog.reinvite(sdp(audio(call.rtp.port), session=session))
        assert response.status[0] == 488
        await talks(call, daily_client)


@pytest.mark.parametrize("session", ["c=IN IP6 ::1", "c=IN IP4 peer.invalid"])
async def test_an_answer_with_an_address_that_cannot_be_used_ends_the_call(daily_client: Client, session: str) -> None:
    async with RawUserAgent() as agent, RtpSocket() as rtp:
        await daily_client.start_dialout({"sipUri": agent.uri})
        dialog = await RawDialog.called(agent)
        await dialog.answer("200 OK", sdp(audio(rtp.port), session=session))
        await agent.receive("ACK ")
        await dialog.answer("200 OK", to=await agent.receive("BYE "))
        await daily_client.wait_for("dialout-error")
