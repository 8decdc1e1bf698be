"""The relay without calls: which packets it keeps, and what it records of calls that bypass it."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import CallError
from simulator.relay import Relay, RtpPacket
from simulator.timeline import Timeline
from simulator.useragent import messages as m
from simulator.useragent.outgoing_digit import OutgoingDigit
from tests.integration.relay.rtp_socket import RtpSocket

MEDIA = m.Media(
    at=0,
    call="o1",
    codec="PCMU",
    clock_rate=8000,
    payload_type=0,
    telephone_event=101,
    direction="sendrecv",
    local_rtp="127.0.0.1:4000",
    remote_rtp="127.0.0.1:4002",
)
ENDED = m.Ended(at=0, call="o1", status=200, reason="OK", by="local")


async def test_a_user_agent_that_does_not_use_its_path_is_recorded() -> None:
    timeline = Timeline()
    path = Relay(timeline).open()
    assert path is not None
    path.set_call_id("some-call")
    path.handle_notice(MEDIA)
    path.handle_notice(MEDIA)
    path.handle_notice(ENDED)
    records = [record.fields for record in timeline.records(kind="rtp")]
    assert [fields["action"] for fields in records] == ["fails", "sums up", "sums up"]
    assert records[0]["error"] == "the user agent did not lead its media through the relay"
    assert {fields["sip_call_id"] for fields in records} == {"some-call"}
    assert {fields["packets"] for fields in records[1:]} == {0}


async def test_no_digit_is_sent_to_a_party_that_has_named_no_address() -> None:
    path = Relay(Timeline()).open()
    assert path is not None
    sending = asyncio.create_task(path.send_digit("caller", OutgoingDigit("5", 100, 101, 8000)))
    await asyncio.sleep(0)
    without_audio = PCMU_SDP.format(0)
    path.handle_notice(m.MediaAgreed(at=0, call="o1", local=without_audio, remote=without_audio, section=0))
    with pytest.raises(CallError, match="the callee has named no address for RTP"):
        await sending
    path.close()


PCMU_SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n"


async def test_rtcp_is_sent_to_where_that_of_the_peer_comes_from() -> None:
    path = Relay(Timeline()).open()
    assert path is not None
    with RtpSocket() as own, RtpSocket() as named, RtpSocket() as peer:
        local, remote = PCMU_SDP.format(own.port - 1), PCMU_SDP.format(named.port - 1)
        path.handle_notice(m.MediaAgreed(at=0, call="o1", local=local, remote=remote, section=0))
        own.send(path.ports.inside + 1)
        await named.receive()
        peer.send(path.ports.outside + 1)
        await own.receive()
        own.send(path.ports.inside + 1)
        await peer.receive()
    path.close()


async def test_only_the_32_newest_closed_paths_keep_their_packets() -> None:
    relay = Relay(Timeline())
    paths = []
    for number in range(40):
        path = relay.open()
        assert path is not None
        path.set_call_id(f"call-{number}")
        path.taps["caller"].observe(RtpPacket(0, 1, 2, 3, b""), 0.0, (0.0,))
        path.close()
        paths.append(path)
    assert relay.paths == []
    assert [len(path.taps["caller"].packets) for path in paths] == [0] * 8 + [1] * 32
    assert {path.taps["caller"].summary().packets for path in paths} == {1}
