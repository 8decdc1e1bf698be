"""A worker and peers that are not PJSIP: SIP written by the test, over UDP."""

from __future__ import annotations

import asyncio

import pytest

from simulator.errors import CallEnded, CallRefused
from simulator.useragent import (
    Answered,
    Call,
    DigitEnd,
    EarlyMedia,
    Ended,
    Held,
    InfoReceived,
    Media,
    Pool,
    Resumed,
    Ringing,
    TransferProgress,
    TransferRequested,
    WorkerSettings,
)
from tests.integration.useragent.party import Notices, Party
from tests.integration.useragent.raw_peer import SDP, RawPeer


async def answer_peer(peer: RawPeer, bob: Party) -> tuple[Call, Notices]:
    peer.request("INVITE", SDP)
    call, _, notices = await bob.next_call()
    await call.answer()
    await peer.receive("SIP/2.0 200")
    peer.request("ACK")
    await notices.wait(Media)
    return call, notices


async def test_telephone_event_has_the_payload_type_of_the_peer(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        _, notices = await answer_peer(peer, bob)
        assert (await notices.wait(Media)).telephone_event == 101


async def test_a_call_without_ack_is_hung_up_and_its_slot_freed(bob: Party) -> None:
    peers = [RawPeer(bob.agent.address) for _ in range(4)]
    all_notices = []
    for peer in peers:
        peer.request("INVITE", SDP)
        call, _, notices = await bob.next_call()
        await call.answer()
        all_notices.append(notices)
    for notices in all_notices:
        ended = await notices.wait(Ended, within=6)
        assert ended.by == "local"
        assert not notices.of(Answered)
    async with asyncio.timeout(4):  # PJSIP gives the slot free when its BYE has timed out too
        while True:
            with RawPeer(bob.agent.address) as late:
                late.request("INVITE", SDP)
                if (await late.receive("SIP/2.0 100", "SIP/2.0 486")).status[0] == 100:
                    break
                await asyncio.sleep(0.1)
    for peer in peers:
        peer.sock.close()


@pytest.mark.parametrize("verdict", ["answer", "reject", "hang_up"])
async def test_an_invite_without_sdp_can_be_answered_and_refused(bob: Party, verdict: str) -> None:
    with RawPeer(bob.agent.address) as peer:
        peer.request("INVITE")
        call, incoming, notices = await bob.next_call()
        assert (incoming.sdp, incoming.codecs, incoming.telephone_event) == (None, (), False)
        if verdict != "answer":
            await getattr(call, verdict)()
            await peer.receive("SIP/2.0 486", "SIP/2.0 603")
            peer.request("ACK")
            await notices.wait(Ended)
            return
        await call.answer(codecs=("G722", "PCMU"))
        offer = await peer.receive("SIP/2.0 200")
        assert "RTP/AVP 9 0 120" in offer.body
        peer.request("ACK", SDP)
        media = await notices.wait(Media)
        assert (media.codec, media.telephone_event) == ("PCMU", 101)


async def test_an_invite_without_sdp_can_be_rejected_in_on_incoming(bob: Party) -> None:
    tasks = []
    bob.agent.on_incoming = lambda call, _: tasks.append(asyncio.ensure_future(call.reject(486)))
    for _ in range(5):
        with RawPeer(bob.agent.address) as peer:
            peer.request("INVITE")
            await peer.receive("SIP/2.0 486")
            peer.request("ACK")
    await asyncio.gather(*tasks)
    assert bob.agent.alive


async def test_refers_inside_and_outside_a_dialog_are_refused(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        _, notices = await answer_peer(peer, bob)
        peer.request("REFER", extra="Refer-To: <sip:carol@127.0.0.1:5099>")
        await peer.receive("SIP/2.0 603")
        assert (await notices.wait(TransferRequested)).to == "sip:carol@127.0.0.1:5099"
    with RawPeer(bob.agent.address) as stranger:
        stranger.request("REFER", extra="Refer-To: <sip:carol@127.0.0.1:5099>")
        await stranger.receive("SIP/2.0 4", "SIP/2.0 5", "SIP/2.0 6")
    assert bob.agent.alive


@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        ("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n", ("7", 160)),
        ("application/dtmf-relay", "Signal=10\r\nDuration=160\r\n", ("*", 160)),
        ("application/dtmf", "11", ("#", 250)),
        ("application/dtmf; charset=utf-8", "4", ("4", 250)),
        ("application/dtmf-relay", "rubbish", None),
    ],
)
async def test_dtmf_info_of_other_stacks_is_understood(
    bob: Party, content_type: str, body: str, digit: tuple[str, int] | None
) -> None:
    with RawPeer(bob.agent.address) as peer:
        _, notices = await answer_peer(peer, bob)
        peer.request("INFO", body, content_type=content_type)
        if digit is None:
            await peer.receive("SIP/2.0 400")
            return
        await peer.receive("SIP/2.0 200")
        end = await notices.wait(DigitEnd)
        assert (end.digit, end.duration_ms, end.method) == (*digit, "sip-info")
        peer.request("INFO", "x", content_type="text/plain")
        await notices.wait(InfoReceived)
        assert len(notices.of(DigitEnd)) == 1


async def test_every_method_gets_a_response(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        _, notices = await answer_peer(peer, bob)
        for method in ("INFO", "OPTIONS", "MESSAGE", "UPDATE", "NOTIFY", "FOO", "SUBSCRIBE", "PRACK"):
            peer.request(method)
            await peer.receive("SIP/2.0 ")
        peer.request("BYE")
        assert (await notices.wait(Ended)).by == "remote"
        assert bob.agent.alive


async def test_reinvites_hold_resume_and_are_refused_without_a_common_codec(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        call, notices = await answer_peer(peer, bob)
        for direction in ("sendonly", "inactive"):
            peer.request("INVITE", SDP + f"a={direction}\r\n")
            await peer.receive("SIP/2.0 200")
            peer.request("ACK")
            await notices.wait(Held)
        assert notices.of(Held)[0].by == "remote"
        peer.request("INVITE", SDP.replace("AVP 0 101", "AVP 8"))
        await peer.receive("SIP/2.0 488")
        peer.request("ACK")
        peer.request("INVITE", SDP)
        await peer.receive("SIP/2.0 200")
        peer.request("ACK")
        await notices.wait(Resumed)
        assert call.media is not None
        assert call.media.direction == "sendrecv"


async def test_provisional_responses_are_reported_and_an_answer_that_was_not_offered_ends_the_call(
    alice: Party,
) -> None:
    with RawPeer(alice.agent.address) as peer:
        call, notices = await alice.dial(f"sip:raw@{peer.address}", codecs=("PCMU",))
        invite = await peer.receive("INVITE")
        peer.reply(invite, "100 Trying")
        peer.reply(invite, "180 Ringing", extra="X-Place: kitchen")
        peer.reply(invite, "181 Call Is Being Forwarded")
        await notices.wait(Ringing, nth=2)
        peer.reply(invite, "183 Session Progress", SDP)
        early = await notices.wait(EarlyMedia)
        assert early.status == 183
        await notices.wait(Media)
        peer.reply(invite, "200 Fine", SDP, extra="X-Answer: yes")
        answered = await notices.wait(Answered)
        assert (answered.reason, ("X-Answer", "yes") in answered.headers) == ("Fine", True)
        assert ("X-Place", "kitchen") in notices.of(Ringing)[0].headers
        assert notices.kinds == ["dialling", "ringing", "ringing", "early_media", "media", "answered"]
        await call.hang_up()
    with RawPeer(alice.agent.address) as peer:
        call, notices = await alice.dial(f"sip:raw@{peer.address}", codecs=("PCMU",))
        invite = await peer.receive("INVITE")
        peer.reply(invite, "200 OK", SDP.replace("AVP 0 101", "AVP 8"))
        await peer.receive("ACK")
        ended = await notices.wait(Ended)
        assert ended.status in (415, 488)
        assert ended.by == "local"


async def test_the_progress_of_a_transfer_is_reported(alice: Party) -> None:
    with RawPeer(alice.agent.address) as peer:
        call, notices = await alice.dial(f"sip:raw@{peer.address}")
        invite = await peer.receive("INVITE")
        peer.reply(invite, "200 OK", SDP)
        await peer.receive("ACK")
        await notices.wait(Media)
        await call.transfer("sip:carol@127.0.0.1:5099")
        refer = await peer.receive("REFER")
        assert refer.header("Refer-To") == "<sip:carol@127.0.0.1:5099>"
        peer.reply(refer, "202 Accepted")
        peer.call_id, peer.to_tag = invite.header("Call-ID") or "", (invite.header("From") or "").split("tag=")[1]
        for state, line in (("active", "SIP/2.0 180 Ringing"), ("terminated;reason=noresource", "SIP/2.0 200 OK")):
            peer.request(
                "NOTIFY",
                line + "\r\n",
                content_type="message/sipfrag",
                extra=f"Event: refer\r\nSubscription-State: {state}",
            )
            await peer.receive("SIP/2.0 200")
        progress = await notices.until(lambda: [n for n in notices.of(TransferProgress) if n.final], "final progress")
        assert (progress.status, progress.reason) == (200, "OK")
        assert [n.status for n in notices.of(TransferProgress)][-2:] == [180, 200]


async def test_an_invite_with_replaces_is_left_to_the_parent(bob: Party) -> None:
    """RFC 3891. PJSIP itself would answer it, with media that do not pass the relay."""
    with RawPeer(bob.agent.address) as peer, RawPeer(bob.agent.address) as other:
        _, notices = await answer_peer(peer, bob)
        other.request(
            "INVITE",
            SDP,
            extra=f"Replaces: {peer.call_id};to-tag={peer.to_tag};from-tag={peer.tag}\r\nRequire: replaces",
        )
        new, incoming, new_notices = await bob.next_call()
        assert "Replaces" in dict(incoming.headers)
        assert not new_notices.of(Answered)
        await new.reject(603)
        await other.receive("SIP/2.0 603")
        assert not notices.of(Ended)


async def test_malformed_messages_do_not_harm_the_worker(bob: Party) -> None:
    with RawPeer(bob.agent.address) as peer:
        for junk in ("", "\r\n\r\n", "\x00" * 50, "INVITE\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "A" * 3900):
            peer.send(junk)
        for bad in ("m=audio 40000 RTP/AVP\r\n", SDP.replace("AVP 0 101", "AVP"), "v=0\r\n", "x" * 3000):
            with RawPeer(bob.agent.address) as other:
                other.request("INVITE", bad)
                call, incoming, _ = await bob.next_call()
                assert incoming.refusal
                with pytest.raises(CallRefused):
                    await call.answer()
                await other.receive("SIP/2.0 488", "SIP/2.0 400")
        with RawPeer(bob.agent.address) as good:
            good.request("INVITE", SDP)
            call, incoming, notices = await bob.next_call()
            assert incoming.sip_call_id == good.call_id
            await call.answer()
            await good.receive("SIP/2.0 200")
            good.request("ACK")
            await notices.wait(Media)
    assert bob.agent.alive


async def test_a_call_through_a_proxy_keeps_its_request_uri() -> None:
    """The INVITE goes to the proxy, and later requests of the dialog to the Contact of its 200."""
    with RawPeer("127.0.0.1:9") as proxy, RawPeer("127.0.0.1:9") as far:
        async with Pool(WorkerSettings(proxy=proxy.address), warm=1, limit=1) as pool:
            alice = Party(await pool.lease())
            call, notices = await alice.dial("sip:bob@example.com", via_proxy=True)
            invite = await proxy.receive("INVITE")
            assert invite.request_uri == "sip:bob@example.com"
            assert invite.header("Route") == f"<sip:{proxy.address};lr>"
            host, _, port = alice.agent.address.partition(":")
            proxy.target = (host, int(port))
            answer_contact = proxy.address
            proxy.address = far.address
            proxy.reply(invite, "200 OK", SDP)
            proxy.address = answer_contact
            ack = await far.receive("ACK")
            assert ack.request_uri == f"sip:raw@{far.address}"
            assert ack.header("Route") is None
            await notices.wait(Media)
            await call.hang_up()
            await far.receive("BYE")


async def test_pending_requests_fail_when_the_call_ends(bob: Party) -> None:
    for verb in ("hold", "send_info"):
        with RawPeer(bob.agent.address) as peer:
            call, notices = await answer_peer(peer, bob)
            waiting = asyncio.ensure_future(call.hold() if verb == "hold" else call.send_info("text/plain", "?"))
            await peer.receive("INVITE" if verb == "hold" else "INFO")
            peer.request("BYE")
            with pytest.raises(CallEnded):
                await asyncio.wait_for(waiting, 3)
            await notices.wait(Ended)
