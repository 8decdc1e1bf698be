"""User agents whose RTP comes from another address than their session descriptions name, as from a container."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from simulator.dtmf_senders import digit_packets
from tests.interop.public_cases.raw_calls import RawCall, dialled_in, dialled_out
from tests.interop.public_cases.raw_rtp import RtpSocket
from tests.interop.public_cases.raw_user_agent import audio_sdp, rtp_address

SILENCE = b"\xff" * 160


def send_audio(call: RawCall, packets: int = 1, *, source: RtpSocket | None = None, payload_type: int = 0) -> None:
    for _ in range(packets):
        (source or call.rtp).send(rtp_address(call.peer_sdp), SILENCE, payload_type=payload_type)


def sources(daily: FakeDaily) -> list[dict[str, Any]]:
    records = [record.fields for record in daily.timeline.records(kind="rtp")]
    return [
        {name: fields[name] for name in ("sender", "source", "described", "sent_to")}
        for fields in records
        if fields["action"] == "source"
    ]


def address(rtp: RtpSocket) -> str:
    return f"127.0.0.1:{rtp.port}"


async def test_a_caller_is_heard_and_hears_where_its_rtp_comes_from(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with (
        RtpSocket() as named,
        dialled_in(fake_daily, daily_room, daily_client, sdp=lambda _: audio_sdp(named.port)) as call,
    ):
        await named.receives()
        send_audio(call)
        await call.rtp.receives()
    assert sources(fake_daily) == [
        {"sender": "caller", "source": address(call.rtp), "described": address(named), "sent_to": address(call.rtp)}
    ]


async def test_a_callee_is_heard_and_hears_where_its_rtp_comes_from(
    fake_daily: FakeDaily, daily_client: Client
) -> None:
    async with RtpSocket() as named, dialled_out(daily_client, rtp_port=named.port) as call:
        await named.receives()
        send_audio(call)
        await call.rtp.receives()
    assert [record["sender"] for record in sources(fake_daily)] == ["callee"]


async def test_the_described_host_is_another_one(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    def sdp(port: int) -> str:
        return audio_sdp(port).replace("c=IN IP4 127.0.0.1", "c=IN IP4 127.0.0.2")

    async with dialled_in(fake_daily, daily_room, daily_client, sdp=sdp) as call:
        send_audio(call)
        await call.rtp.receives()
    assert [record["described"] for record in sources(fake_daily)] == [f"127.0.0.2:{call.rtp.port}"]


async def test_digits_alone_show_where_rtp_comes_from(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with (
        RtpSocket() as named,
        dialled_in(fake_daily, daily_room, daily_client, sdp=lambda _: audio_sdp(named.port)) as call,
    ):
        await call.send_train(*digit_packets("5"))
        await daily_client.wait_for("dtmf-event", where={"tone": "5"})
        await call.rtp.receives()


async def test_packets_of_an_undeclared_payload_type_show_nothing(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with dialled_in(fake_daily, daily_room, daily_client) as call, RtpSocket() as other:
        send_audio(call)
        send_audio(call, 20, source=other, payload_type=77)
        await more_audio(call)
        assert other.packets == []
    assert sources(fake_daily) == []


async def test_a_few_packets_from_elsewhere_move_nothing(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    """Such as those of an earlier call on the same port."""
    async with dialled_in(fake_daily, daily_room, daily_client) as call, RtpSocket() as other:
        send_audio(call)
        send_audio(call, 9, source=other)
        await more_audio(call)
        assert other.packets == []
        send_audio(call, source=other)
        await other.receives()
        send_audio(call)
        await more_audio(call)
    assert [record["sent_to"] for record in sources(fake_daily)] == [address(other), address(call.rtp)]


async def test_a_session_description_with_another_address_counts_again(
    fake_daily: FakeDaily, daily_room: RoomHandle, daily_client: Client
) -> None:
    async with (
        RtpSocket() as named,
        RtpSocket() as moved,
        dialled_in(fake_daily, daily_room, daily_client, sdp=lambda _: audio_sdp(named.port)) as call,
    ):
        send_audio(call)
        await call.rtp.receives()
        await call.dialog.request("INVITE", audio_sdp(moved.port).replace("o=- 1 1", "o=- 1 2"))
        call.dialog.established(await call.agent.receive("SIP/2.0 200"))
        await call.dialog.request("ACK")
        await moved.receives()


@asynccontextmanager
async def joined(**settings: Any) -> AsyncIterator[tuple[FakeDaily, RoomHandle, Client]]:
    """A server with these settings, a room and a client in it."""
    sip = {"sip_mode": "dial-in", "display_name": "SIP caller", "codecs": {"audio": ["PCMU"]}}
    async with FakeDaily(Settings(port=0, sip_port=0, **settings)) as daily:
        room = await daily.create_room(sip=sip)
        client = await daily.join(room)
        yield daily, room, client


async def test_with_the_setting_off_the_session_description_counts() -> None:
    async with (
        joined(symmetric_rtp=False) as (daily, room, client),
        RtpSocket() as named,
        dialled_in(daily, room, client, sdp=lambda _: audio_sdp(named.port)) as call,
    ):
        send_audio(call, 20)
        already = len(named.packets)
        await named.receives(after=already + 5)
        assert call.rtp.packets == []
    [record] = sources(daily)
    assert (record["source"], record["sent_to"]) == (address(call.rtp), address(named))


async def test_without_the_relay_the_session_description_counts() -> None:
    async with (
        joined(rtp_relay=False) as (daily, room, client),
        RtpSocket() as named,
        dialled_in(daily, room, client, sdp=lambda _: audio_sdp(named.port)) as call,
    ):
        for _ in range(15):
            send_audio(call)
            await asyncio.sleep(0.02)  # the pace of audio
        await named.receives(after=len(named.packets))
        assert not call.rtp.rtp()


async def more_audio(call: RawCall) -> None:
    """Wait until some more packets have come, which were sent after those that the relay got meanwhile."""
    await call.rtp.receives(after=len(call.rtp.packets) + 5)
