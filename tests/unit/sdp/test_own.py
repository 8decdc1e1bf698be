"""What this side offers and answers, and what PJSIP gets of what a peer wrote."""

from __future__ import annotations

import pytest

from simulator.sdp import own
from simulator.sdp.audio import AudioChoice, audio_index, choose
from simulator.sdp.description import Description, MediaAddress
from simulator.sdp.for_pjsip import STAND_IN_OFFER, as_received, codecs_then_events, for_pjsip
from simulator.sdp.formats import Format
from simulator.sdp.telephone_events import events_text, parse_events
from tests.unit.sdp.test_description import OFFER, SESSION, described


def parsed(text: str) -> Description:
    description = Description.parse(text)
    assert description is not None
    return description


def test_codecs_are_offered_in_the_wanted_order_with_the_telephone_event_of_their_clock() -> None:
    text = str(own.with_codecs(parsed(OFFER), ("PCMU", "G722"), telephone_event=True))
    assert "m=audio 4000 RTP/AVP 0 9 120\r\n" in text
    assert not any(gone in text for gone in ("opus", "useinbandfec", "121", "PCMA"))
    assert "m=video 0 RTP/AVP 31\r\n" in text
    assert "RTP/AVP 96 121 120\r\n" in str(own.with_codecs(parsed(OFFER), ("OPUS",), telephone_event=True))
    assert "telephone-event" not in str(own.with_codecs(parsed(OFFER), ("PCMU",), telephone_event=False))


@pytest.mark.parametrize("codecs", [("GSM",), ()])
def test_an_offer_without_a_wanted_codec_is_unchanged(codecs: tuple[str, ...]) -> None:
    assert own.with_codecs(parsed(OFFER), codecs, telephone_event=True) == parsed(OFFER)


def answer(offer: str, *, codecs: tuple[str, ...] = ("OPUS", "PCMU"), ours: str = OFFER) -> str:
    offered = described(offer)
    index = audio_index(offered)
    assert index is not None
    chosen = choose(offered.sections[index], codecs, telephone_event=True)
    assert chosen is not None
    return str(own.answering(parsed(ours), index, chosen))


def test_an_answer_has_the_payload_types_of_the_offer() -> None:
    of_baresip = "m=audio 1 RTP/AVP 97 101\r\na=rtpmap:97 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
    text = answer(of_baresip)
    assert "RTP/AVP 97 101\r\n" in text
    assert "a=rtpmap:97 opus/48000/2\r\na=fmtp:97 useinbandfec=1\r\n" in text
    assert "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n" in text
    assert "RTP/AVP 0 10\r\n" in answer("m=audio 1 RTP/AVP 0 10\r\na=rtpmap:10 telephone-event/8000\r\n")


@pytest.mark.parametrize(
    ("fmtp", "answered"),
    [("0-11", "0-11"), ("0-15,66,70", "0-15"), ("0-16", "0-16"), ("16", "16"), ("", "0-15"), ("events=1,3-4", "1,3-4")],
)
def test_an_answer_lists_events_of_the_offer(fmtp: str, answered: str) -> None:
    text = answer(f"m=audio 1 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 {fmtp}\r\n")
    assert f"a=fmtp:101 {answered}\r\n" in text


def test_an_answer_without_a_common_event_has_no_telephone_event() -> None:
    text = answer("m=audio 1 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 192-195\r\n")
    assert "telephone-event" not in text
    assert "RTP/AVP 0\r\n" in text


def test_events_are_written_as_ranges() -> None:
    assert events_text(parse_events("0-9,10,11,16,x,3-,99999,-")) == "0-11,16"
    assert events_text(parse_events("")) == "0-15"


def test_other_audio_sections_are_refused() -> None:
    ours = SESSION + "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\n"
    text = str(own.answering(parsed(ours), 1, AudioChoice(Format(0, "PCMU", 8000), None)))
    assert "m=audio 0 RTP/AVP 0\r\n" in text
    assert "m=audio 4002 RTP/AVP 0\r\n" in text


def test_only_the_audio_that_is_not_refused_is_moved() -> None:
    ours = parsed(SESSION + "m=audio 0 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\ni=title\r\na=rtcp:4010\r\n")
    changed = own.moved(ours, "127.0.0.1", 62_000)
    assert changed.sections[0] == ours.sections[0]
    assert changed.sections[1].address == MediaAddress("127.0.0.1", 62_000, 62_001)
    assert "m=audio 62000 RTP/AVP 0\r\ni=title\r\nc=IN IP4 127.0.0.1\r\n" in str(changed)
    refused = parsed(SESSION + "m=audio 0 RTP/AVP 0\r\n")
    assert own.moved(refused, "127.0.0.1", 62_000) == refused


# --- what PJSIP gets --------------------------------------------------------------------------------------------


def view(offer: str, *, codecs: tuple[str, ...] = ("OPUS", "PCMU"), relay: tuple[str, int] | None = None) -> str:
    offered = described(offer)
    index = audio_index(offered)
    assert index is not None
    return for_pjsip(offered, index, codecs_then_events(offered.sections[index], codecs), relay=relay)


def test_pjsip_gets_one_audio_section_with_known_formats() -> None:
    text = view(
        "m=audio 0 RTP/AVP 255\r\nm=application 9 DTLS/SCTP 5000 abc\r\nm=video 7 RTP/AVP 99\r\n"
        "m=audio 4000 RTP/AVP 10 101 0 8 18 101 101 200\r\na=crypto:1\r\na=rtpmap:101 TELEPHONE-EVENT/16000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=rtpmap:10 telephone-event/8000\r\na=maxptime:10\r\n"
    )
    assert "m=audio 0 RTP/AVP 0\r\n" in text
    assert "m=application 0 DTLS/SCTP abc\r\n" in text
    assert "m=video 0 RTP/AVP 99\r\n" in text
    assert "m=audio 4000 RTP/AVP 0 10 101\r\n" in text
    assert text.count("a=rtpmap:101") == 1
    assert "a=ptime:10\r\n" in text
    assert "crypto" not in text
    assert "TELEPHONE" not in text


def test_the_own_address_of_the_peer_is_restored() -> None:
    text = view("m=audio 4000 RTP/AVP 0\r\na=rtcp:4010 IN IP4 192.0.2.8\r\n", relay=("127.0.0.1", 62_000))
    assert "m=audio 62000 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n" in text
    restored = as_received(text)
    assert restored is not None
    assert restored.sections[0].address == MediaAddress("192.0.2.1", 4000, 4010, "192.0.2.8")
    assert as_received("nothing") is None


@pytest.mark.parametrize("relay", [None, ("127.0.0.1", 62_000)])
def test_pjsip_never_gets_the_address_of_a_side_that_wants_nothing(relay: tuple[str, int] | None) -> None:
    text = view("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n", relay=relay)
    assert "0.0.0.0" not in text.replace("a=x-address:0.0.0.0 4000 0.0.0.0 4001", "")
    assert "a=sendonly\r\n" in text
    restored = as_received(text)
    assert restored is not None
    address = restored.sections[0].address
    assert address is not None
    assert address.wants_nothing


def test_video_that_can_be_sent_stays_open() -> None:
    offer = (
        "m=audio 4000 RTP/AVP 0\r\nm=video 5000 RTP/AVP 34 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 VP8/90000\r\n"
    )
    assert "m=video 5000 RTP/AVP 96 97\r\n" in view(offer)


def test_the_stand_in_is_a_description() -> None:
    stand_in = Description.parse(STAND_IN_OFFER)
    assert stand_in is not None
    assert audio_index(stand_in) == 0
