"""Calls whose media pass the relay: between phones, with foreign peers, on hold, after re-INVITEs, when workers die."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator

import pytest

from fake_daily_server.handles.client import Client
from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall
from simulator.relay import RelayPath, TapSummary
from simulator.relay.ports import PortPair
from simulator.timeline import Record
from simulator.useragent.messages import AudioCodec
from simulator.useragent.sdp import AudioSection, MediaAddress
from tests.integration.relay.rtp_socket import RtpSocket
from tests.integration.relay.soon import soon
from tests.integration.useragent.raw_peer import RawPeer

ANN, BOB = "+12065550142", "+12065550143"


@pytest.fixture
async def ann(phone_network: Network) -> Phone:
    return await phone_network.phone(ANN, name="ann")


@pytest.fixture
async def bob(phone_network: Network) -> Phone:
    return await phone_network.phone(BOB, name="bob")


@pytest.fixture(autouse=True)
async def no_path_remains(phone_network: Network) -> AsyncIterator[None]:
    """Check that ports, readers and timers of calls are closed with the calls."""
    yield
    await phone_network.reset()
    assert phone_network.relay is not None
    assert phone_network.relay.paths == []


async def talk(caller: Phone, called: Phone) -> tuple[PhoneCall, PhoneCall]:
    calling = await caller.dial(called.number or called.uri)
    await calling.wait_answered()
    answered = await called.wait_for_call()
    await answered.wait_answered()
    return calling, answered


def path_of(call: PhoneCall) -> RelayPath:
    assert call.tap is not None
    return call.tap


async def packets(network: Network, call: PhoneCall, sender: str, more: int = 5) -> TapSummary:
    """Wait for more packets of one direction. Returns its totals."""
    tap = path_of(call).taps[sender]  # type: ignore[index]  # "caller" or "callee"
    wanted = tap.summary().packets + more
    await soon(lambda: tap.summary().packets >= wanted, f"{wanted} packets of the {sender}")
    return tap.summary()


def rtp_records(network: Network, action: str) -> list[Record]:
    return [record for record in network.timeline.records(kind="rtp") if record.fields["action"] == action]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
async def test_a_call_between_phones_has_one_path(phone_network: Network, codec: AudioCodec) -> None:
    ann = await phone_network.phone(ANN, codecs=[codec])
    bob = await phone_network.phone(BOB, codecs=[codec])
    calling, answered = await talk(ann, bob)
    path = path_of(calling)
    assert path_of(answered) is path
    assert answered.media is not None
    assert answered.media.remote_rtp == f"127.0.0.1:{path.ports.outside}"
    assert calling.media is not None
    assert calling.media.remote_rtp == f"127.0.0.1:{path.ports.inside}"
    for sender in ("caller", "callee"):
        total = await packets(phone_network, calling, sender)
        assert (total.codec, total.lost_before, total.dropped) == (codec, 0, 0)
    assert calling.codec_on_the_wire == answered.codec_on_the_wire == codec
    assert (await answered.statistics()).lost_packets == 0


async def test_neither_user_agent_knows_the_media_address_of_the_other(
    phone_network: Network, ann: Phone, bob: Phone
) -> None:
    calling, answered = await talk(ann, bob)
    assert calling.media is not None
    assert answered.media is not None
    assert calling.media.remote_rtp != answered.media.local_rtp
    assert answered.media.remote_rtp != calling.media.local_rtp


async def test_digits_in_both_directions_are_recorded_with_their_packets(
    phone_network: Network, ann: Phone, bob: Phone
) -> None:
    calling, answered = await talk(ann, bob)
    await calling.press("1#", method="telephone-event", duration_ms=80)
    await answered.wait_for_digits("1#", method="telephone-event")
    await answered.press("*", method="telephone-event", duration_ms=120)
    await calling.wait_for_digits("*", method="telephone-event")
    assert [key.duration_ms for key in (*answered.heard, *calling.heard)] == [80, 80, 120]
    await soon(lambda: len(rtp_records(phone_network, "digit")) == 3, "three digits on the timeline")
    seen = {record.fields["digit"]: record.fields for record in rtp_records(phone_network, "digit")}
    assert {digit: fields["sender"] for digit, fields in seen.items()} == {"1": "caller", "#": "caller", "*": "callee"}
    assert {digit: fields["units"] for digit, fields in seen.items()} == {"1": 640, "#": 640, "*": 960}
    assert {fields["end_packets"] for fields in seen.values()} == {3}
    assert {fields["marker"] for fields in seen.values()} == {True}


async def test_the_path_stays_during_hold_and_resume(phone_network: Network, ann: Phone, bob: Phone) -> None:
    calling, answered = await talk(ann, bob)
    before = path_of(calling).ports
    for holder in (calling, answered):
        await holder.hold()
        await holder.resume()
    for sender in ("caller", "callee"):
        await packets(phone_network, calling, sender)
    await calling.press("5")
    await answered.wait_for_digits("5")
    assert path_of(calling).ports == before
    assert rtp_records(phone_network, "fails") == []


async def test_early_media_passes_the_relay(phone_network: Network, ann: Phone) -> None:
    bob = await phone_network.phone(BOB, calls=[{"early_media": True, "ring_ms": 400}])
    calling = await ann.dial(BOB)
    await bob.wait_for_call()
    await packets(phone_network, calling, "callee")
    assert calling.state == "early"
    await calling.wait_answered()
    await packets(phone_network, calling, "caller")


async def test_four_calls_of_one_user_agent_have_a_path_each(phone_network: Network, ann: Phone) -> None:
    others = [await phone_network.phone(f"+1206555015{n}", name=f"p{n}") for n in range(4)]
    calls = [await talk(ann, other) for other in others]
    for number, (calling, answered) in enumerate(calls):
        await calling.press(str(number))
        await answered.wait_for_digits(str(number))
    assert len({path_of(calling).ports.outside for calling, _ in calls}) == 4


async def test_rtcp_passes_the_relay(phone_network: Network, ann: Phone, bob: Phone) -> None:
    """Only RTCP measures round trips (RFC 3550 §6.4.1): each side has received a report about its own."""
    calling, _ = await talk(ann, bob)

    async def is_measured() -> bool:
        return (await calling.statistics()).round_trip_ms > 0

    await soon(is_measured, "a round trip that RTCP has measured", within=15)


@pytest.mark.parametrize("plan", ["busy", "decline", {"status": 404}, {"then": "wait"}])
async def test_an_unanswered_call_frees_its_ports_and_records_no_totals(
    phone_network: Network, ann: Phone, plan: object
) -> None:
    await phone_network.phone(BOB, calls=[plan])  # type: ignore[list-item]  # a call plan
    calling = await ann.dial(BOB)
    ports = path_of(calling).ports
    if plan == {"then": "wait"}:
        await calling.hang_up()
    await calling.wait_for_end()
    assert path_of(calling).closed
    assert rtp_records(phone_network, "sums up") == []
    for port in (ports.outside, ports.inside):
        PortPair("127.0.0.1", port).close()


async def test_the_end_of_a_call_frees_its_ports_and_records_totals(
    phone_network: Network, ann: Phone, bob: Phone
) -> None:
    calling, answered = await talk(ann, bob)
    for sender in ("caller", "callee"):
        await packets(phone_network, calling, sender)
    await answered.hang_up()
    await calling.wait_for_end()
    ports = path_of(calling).ports
    for port in (ports.outside, ports.inside):
        PortPair("127.0.0.1", port).close()
    totals = {record.fields["sender"]: record.fields for record in rtp_records(phone_network, "sums up")}
    assert set(totals) == {"caller", "callee"}
    for fields in totals.values():
        assert (fields["codec"], fields["lost"], fields["dropped"]) == ("PCMU", 0, 0)
        assert fields["packets"] >= 5
        assert fields["sip_call_id"] == calling.sip_call_id


@pytest.mark.parametrize("victim", ["caller", "callee"])
async def test_the_death_of_a_worker_closes_its_paths(
    phone_network: Network, ann: Phone, bob: Phone, victim: str
) -> None:
    calling, answered = await talk(ann, bob)
    pid = (ann if victim == "caller" else bob).worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await calling.wait_for_end()
    await answered.wait_for_end()
    assert path_of(calling).closed
    await (ann if victim == "caller" else bob).wait_plugged_in()


async def test_the_media_of_a_foreign_caller_are_relayed_from_the_answer_on(phone_network: Network) -> None:
    bob = await phone_network.phone(uri=f"sip:x@{phone_network.address}", name="bob", calls=["wait"])
    with RawPeer(phone_network.address) as peer, RtpSocket() as end:
        peer.request("INVITE", end.sdp)
        call = await bob.wait_for_call()
        assert call.tap is None
        await call.answer()
        answer = await peer.receive("SIP/2.0 200")
        advertised = MediaAddress.parse(answer.sdp or "")
        peer.request("ACK")
        path = path_of(call)
        assert advertised == MediaAddress("127.0.0.1", path.ports.outside, path.ports.outside + 1)
        assert path.role == "callee"
        received = await end.receive()
        assert received.payload_type == 0
        assert end.sources == {path.ports.outside}
        for _ in range(8):
            end.send(path.ports.outside)

        async def were_received() -> bool:
            return (await call.statistics()).received_packets >= 8

        await soon(were_received, "eight packets at the phone")
        assert path.taps["caller"].summary().codec == "PCMU"
        peer.request("BYE")
        await peer.receive("SIP/2.0 200")
        await call.wait_for_end()


async def test_the_media_of_a_foreign_callee_are_relayed(phone_network: Network, ann: Phone) -> None:
    with RawPeer(phone_network.address) as peer, RtpSocket() as end:
        calling = await ann.dial(f"sip:raw@{peer.address}")
        invite = await peer.receive("INVITE")
        contact = (invite.header("Contact") or "").partition("@")[2].partition(";")[0].strip("<>")
        peer.target = (contact.partition(":")[0], int(contact.partition(":")[2]))
        advertised = MediaAddress.parse(invite.sdp or "")
        path = path_of(calling)
        assert advertised == MediaAddress("127.0.0.1", path.ports.outside, path.ports.outside + 1)
        peer.reply(invite, "200 OK", end.sdp)
        await calling.wait_answered()
        assert calling.media is not None
        assert calling.media.remote_rtp == f"127.0.0.1:{path.ports.inside}"
        await end.receive()
        assert end.sources == {path.ports.outside}
        offered = AudioSection.parse(invite.sdp or "")
        assert offered is not None
        event = offered.telephone_event()
        assert event is not None
        assert event.payload_type != 101, "otherwise the next lines prove nothing"
        end.send(
            path.ports.outside, b"\x08\x80\x00\xa0", payload_type=101
        )  # with its own number, which the offer does not have
        for number in range(3):  # a digit of 60 ms in three packets
            payload = bytes((5, 0x80 if number == 2 else 0)) + (160 * (number + 1)).to_bytes(2, "big")
            end.send(path.ports.outside, payload, payload_type=event.payload_type, timestamp=4711)
        await calling.wait_for_digits("5", method="telephone-event")
        assert [(key.digit, key.duration_ms) for key in calling.heard] == [("5", 60)]
        await calling.hang_up()
        await peer.receive("BYE")


async def test_the_media_of_a_call_with_a_late_offer_are_relayed(phone_network: Network) -> None:
    """The INVITE has no SDP: the offer is in the 200 and the answer in the ACK (RFC 3261 §13.2.1)."""
    bob = await phone_network.phone(uri=f"sip:x@{phone_network.address}", calls=["answer"])
    with RawPeer(phone_network.address) as peer, RtpSocket() as end:
        peer.request("INVITE")
        call = await bob.wait_for_call()
        offer = await peer.receive("SIP/2.0 200")
        peer.request("ACK", end.sdp)
        path = path_of(call)
        advertised = MediaAddress.parse(offer.sdp or "")
        assert advertised is not None
        assert advertised.rtp == path.ports.outside
        await call.wait_answered()
        await end.receive()
        assert end.sources == {path.ports.outside}
        await call.hang_up()
        await peer.receive("BYE")


async def test_media_follow_a_peer_to_a_new_address(phone_network: Network) -> None:
    """The peer sends a re-INVITE with another media address; the path stays."""
    bob = await phone_network.phone(uri=f"sip:x@{phone_network.address}", calls=["answer"])
    with RawPeer(phone_network.address) as peer, RtpSocket() as first, RtpSocket() as second:
        peer.request("INVITE", first.sdp)
        call = await bob.wait_for_call()
        await peer.receive("SIP/2.0 200")
        peer.request("ACK")
        await first.receive()
        peer.request("INVITE", second.sdp.replace("o=- 1 1", "o=- 1 2"))
        answer = await peer.receive("SIP/2.0 200")
        peer.request("ACK")
        advertised = MediaAddress.parse(answer.sdp or "")
        assert advertised is not None
        assert advertised.rtp == path_of(call).ports.outside
        await second.receive()
        await call.hang_up()
        await peer.receive("BYE")


async def test_a_room_gets_the_digits_that_the_relay_delivers(
    phone_network: Network, bob: Phone, daily_client: Client
) -> None:
    await daily_client.start_dialout({"phoneNumber": BOB})
    await daily_client.wait_for("dialout-answered")
    call = await bob.wait_for_call()
    await call.wait_answered()
    assert path_of(call).role == "caller"
    await call.press("42", method="telephone-event", duration_ms=60)
    first, second = await daily_client.wait_for(["dtmf-event", "dtmf-event"])
    assert first["tone"] + second["tone"] == "42"


async def test_without_a_relay_media_are_sent_directly() -> None:
    async with Network(rtp_relay=False) as network:
        ann, bob = await network.phone(ANN), await network.phone(BOB)
        calling, answered = await talk(ann, bob)
        assert calling.tap is None
        assert calling.media is not None
        assert answered.media is not None
        assert calling.media.remote_rtp == answered.media.local_rtp
        await calling.press("7")
        await answered.wait_for_digits("7")
        assert list(network.timeline.records(kind="rtp")) == []


async def test_a_relay_without_free_ports_is_recorded_and_the_call_has_no_path(
    phone_network: Network, ann: Phone, bob: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_port(host: str, port: int) -> socket.socket:
        raise OSError

    monkeypatch.setattr("simulator.relay.ports._bound_socket", no_port)
    calling, answered = await talk(ann, bob)
    assert calling.tap is None
    await calling.press("7")
    await answered.wait_for_digits("7")
    [failure, *_] = rtp_records(phone_network, "fails")
    assert "no pair of UDP ports" in failure.fields["error"]


async def test_a_socket_error_of_a_path_is_recorded_once(phone_network: Network, ann: Phone, bob: Phone) -> None:
    """The socket is closed without the relay's knowledge."""
    calling, _ = await talk(ann, bob)
    path = path_of(calling)

    async def close_socket() -> None:
        path._rtp["caller"]._exit.close()  # there is no public way to cause an error

    await phone_network.owner_loop.run(close_socket())
    await soon(lambda: bool(rtp_records(phone_network, "fails")), "a failure on the timeline")
    await asyncio.sleep(0.1)
    assert len(rtp_records(phone_network, "fails")) == 1
    assert rtp_records(phone_network, "fails")[0].fields["sip_call_id"] == calling.sip_call_id
