"""Reading and writing session descriptions: what is in the field, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.sdp.audio import audio_index, choose, choose_answered, offered_codecs, packet_ms, why_unusable
from simulator.sdp.description import Description, MediaAddress, MediaSection
from simulator.sdp.formats import CODECS, Format, parse_rtpmap

SESSION = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
OFFER = (
    SESSION + "m=audio 4000/1 RTP/AVP 96 9 0 8 120 121\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
    "a=rtpmap:120 telephone-event/8000\r\na=fmtp:120 0-16\r\na=rtpmap:121 telephone-event/48000\r\na=sendrecv\r\n"
    "m=video 0 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
)
ALL = tuple(CODECS)


def described(*sections: str) -> Description:
    description = Description.parse(SESSION + "".join(sections))
    assert description is not None
    return description


def audio(text: str) -> MediaSection:
    return described(text).sections[0]


def test_formats_are_parsed_in_their_order() -> None:
    section = audio(OFFER.removeprefix(SESSION))
    assert section.port == 4000
    assert section.formats[:3] == (
        Format(96, "OPUS", 48_000, 2, "useinbandfec=1"),
        Format(9, "G722", 8000),
        Format(0, "PCMU", 8000),
    )
    assert section.codecs == ("OPUS", "G722", "PCMU", "PCMA")


def test_a_description_is_written_as_it_was_read() -> None:
    description = Description.parse(OFFER)
    again = Description.parse(str(description))
    assert description is not None
    assert again is not None
    assert again.sections[0].formats == description.sections[0].formats
    assert str(again) == str(description)
    assert all(line in str(again) for line in ("v=0\r\n", "o=- 1 1 IN IP4 192.0.2.1\r\n", "a=fmtp:120 0-16\r\n"))


@pytest.mark.parametrize(
    "text",
    [
        OFFER + "\r\n\r\n",
        OFFER.replace("\r\n", "\n"),
        OFFER.replace("\r\n", "\r"),
        OFFER.replace("s=-", "s=a\x0cb\u2028c\x85d"),
        OFFER.replace("c=IN IP4 192.0.2.1\r\n", "c=IN IP4 192.0.2.1  \r\n\r\nunknown line\r\nx=1\r\n"),
        OFFER.replace("a=rtpmap:96 opus", "A=x\r\na=RTPMAP: 96  OPUS"),
        OFFER.replace("m=audio", "m=AUDIO"),
    ],
    ids=["blank lines", "LF", "CR", "form feed, U+2028, U+0085", "blanks inside", "case", "case of the kind"],
)
def test_what_is_in_the_field_is_read(text: str) -> None:
    description = Description.parse(text)
    assert description is not None
    assert [section.kind for section in description.sections] == ["audio", "video"]
    assert description.sections[0].codecs == ("OPUS", "G722", "PCMU", "PCMA")
    assert description.sections[0].address == MediaAddress("192.0.2.1", 4000, 4001)


@pytest.mark.parametrize("text", ["", "hello", "\x00\xff", "a=rtpmap:0 PCMU/8000"])
def test_what_is_no_description_is_none(text: str) -> None:
    assert Description.parse(text) is None


@pytest.mark.parametrize(
    "line", ["m=audio", "m=audio x RTP/AVP y", "m=audio 99999 RTP/AVP 0", "m=", "m=audio -1 RTP/AVP 0", "m=audio 0"]
)
def test_a_malformed_section_is_there_and_refused(line: str) -> None:
    section = audio(line + "\r\n")
    assert (section.port, section.address) == (0, None)


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        ("", MediaAddress("192.0.2.1", 4000, 4001)),
        ("a=rtcp:4010\r\n", MediaAddress("192.0.2.1", 4000, 4010)),
        ("a=rtcp:4010 IN IP4 192.0.2.1\r\n", MediaAddress("192.0.2.1", 4000, 4010)),
        ("a=rtcp:4010 IN IP4 192.0.2.8\r\n", MediaAddress("192.0.2.1", 4000, 4010, "192.0.2.8")),
        ("a=rtcp:99999\r\na=rtcp:x\r\n", MediaAddress("192.0.2.1", 4000, 4001)),
        ("c=IN IP4 192.0.2.7/127\r\n", MediaAddress("192.0.2.7", 4000, 4001)),
        ("c=IN IP4 localhost\r\n", MediaAddress("127.0.0.1", 4000, 4001)),
        ("c=IN IP4 0.0.0.0\r\n", MediaAddress("0.0.0.0", 4000, 4001)),
        ("c=IN IP6 ::1\r\n", None),
        ("c=IN IP4 peer.invalid\r\n", None),
        ("c=\r\n", None),
    ],
)
def test_the_address_of_a_section(lines: str, address: MediaAddress | None) -> None:
    assert audio("m=audio 4000 RTP/AVP 0\r\n" + lines).address == address


def test_rtcp_to_the_last_port_goes_to_the_port_of_rtp() -> None:
    assert audio("m=audio 65535 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n").address == MediaAddress(
        "192.0.2.1", 65_535, 65_535
    )


@pytest.mark.parametrize(
    ("session", "section", "direction"),
    [
        ("", "", "sendrecv"),
        ("a=sendonly\r\n", "", "sendonly"),
        ("a=sendonly\r\n", "a=recvonly\r\n", "recvonly"),
        ("", "a=inactive \r\n", "inactive"),
        ("", "c=IN IP4 0.0.0.0\r\n", "sendonly"),
        ("", "c=IN IP4 0.0.0.0\r\na=recvonly\r\n", "inactive"),
    ],
)
def test_the_direction_of_a_section(session: str, section: str, direction: str) -> None:
    description = Description.parse(SESSION + session + "m=audio 4000 RTP/AVP 0\r\n" + section)
    assert description is not None
    assert description.sections[0].direction == direction


@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        ("96 opus/48000/2", ("OPUS", 48_000, 2)),
        ("101 TELEPHONE-EVENT/8000", ("TELEPHONE-EVENT", 8000, 1)),
        ("0 PCMU/8000/1", ("PCMU", 8000, 1)),
        ("9 G722/16000", ("G722", 8000, 1)),
        ("97 G722/16000", ("G722", 16_000, 1)),
        ("x opus/48000/2", None),
        ("96 opus", None),
        ("96 opus/48000/two", None),
        ("96", None),
        ("", None),
    ],
)
def test_rtpmaps(value: str, encoding: tuple[str, int, int] | None) -> None:
    parsed = parse_rtpmap(value)
    assert (parsed.encoding if parsed else None) == encoding


@pytest.mark.parametrize(
    "rtpmap",
    ["96 opus/48000", "96 opus/48000/1", "96 opus/16000/2", "96 G722/8000/2", "96 PCMU/16000", "96 speex/16000"],
)
def test_codecs_are_compared_by_name_clock_and_channels(rtpmap: str) -> None:
    section = audio(f"m=audio 4000 RTP/AVP 96\r\na=rtpmap:{rtpmap}\r\n")
    assert choose(section, ALL, telephone_event=True) is None
    assert str(section.formats[0]) in why_unusable(described(f"m=audio 1 RTP/AVP 96\r\na=rtpmap:{rtpmap}\r\n"), ALL)


def test_an_rtpmap_takes_precedence_over_a_static_payload_type() -> None:
    assert audio("m=audio 1 RTP/AVP 0\r\na=rtpmap:0 GSM/8000\r\n").codecs == ("GSM",)


@pytest.mark.parametrize(
    "before",
    [
        "m=audio 0 RTP/AVP 0\r\n",
        "m=audio 5000 RTP/SAVP 0\r\n",
        "m=audio 5000 UDP/TLS/RTP/SAVPF 0\r\n",
        "m=audio 5000 RTP/AVP 18\r\n",
        "m=audio 5000 RTP/AVP 0\r\nc=IN IP6 ::1\r\n",
        "m=audio 5000 RTP/AVP 3\r\n",
        "m=video 5000 RTP/AVP 31\r\n",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
    ],
)
def test_each_section_is_judged_by_itself(before: str) -> None:
    description = described(before, "m=audio 4000 RTP/AVP 0\r\n")
    assert audio_index(description) == 1
    assert offered_codecs(description) == ("PCMU",)


def test_the_reasons_name_each_section() -> None:
    reasons = why_unusable(
        described("m=audio 0 RTP/AVP 0\r\n", "m=audio 4 RTP/SAVP 0\r\n", "m=audio 4 RTP/AVP 18\r\n"), ALL
    )
    assert reasons == "section 1: its port is 0; section 2: RTP/SAVP is not supported; section 3: it has only G729/8000"
    assert why_unusable(described(), ALL) == "it has no media section"
    assert "17 media sections" in why_unusable(described(*["m=audio 4 RTP/AVP 0\r\n"] * 17), ALL)
    assert audio_index(described(*["m=audio 4 RTP/AVP 0\r\n"] * 17)) is None


@pytest.mark.parametrize(
    ("formats", "attributes", "preferred", "event"),
    [
        ("0 101", "a=rtpmap:101 telephone-event/8000", ("PCMU",), (101, 8000)),
        ("0 101", "a=rtpmap:101 telephone-event/16000\r\na=rtpmap:101 telephone-event/8000", ("PCMU",), (101, 8000)),
        ("0 101", "a=rtpmap:101 telephone-event/16000", ("PCMU",), None),
        ("0 10", "a=rtpmap:10 telephone-event/8000", ("PCMU",), (10, 8000)),
        ("10 0", "a=rtpmap:10 TELEPHONE-EVENT/8000", ("PCMU",), (10, 8000)),
        ("96 101", "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000", ("OPUS",), (101, 8000)),
        (
            "96 101 102",
            "a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:102 telephone-event/48000",
            ("OPUS",),
            (102, 48_000),
        ),
        ("96 0 101", "a=rtpmap:96 opus/48000\r\na=rtpmap:101 telephone-event/8000", ("OPUS", "PCMU"), (101, 8000)),
    ],
)
def test_telephone_event_is_chosen_at_the_clock_of_the_codec(
    formats: str, attributes: str, preferred: tuple[str, ...], event: tuple[int, int] | None
) -> None:
    chosen = choose(audio(f"m=audio 4000 RTP/AVP {formats}\r\n{attributes}\r\n"), preferred, telephone_event=True)
    assert chosen is not None
    assert (chosen.event and (chosen.event.payload_type, chosen.event.clock_rate)) == event
    without = choose(audio(f"m=audio 4 RTP/AVP {formats}\r\n{attributes}\r\n"), preferred, telephone_event=False)
    assert without is not None
    assert without.event is None


def test_the_offerer_of_several_codecs_takes_the_first_of_the_answer() -> None:
    section = audio("m=audio 4000 RTP/AVP 18 8 0\r\n")
    chosen = choose_answered(section, ("PCMU", "PCMA"), telephone_event=True)
    assert chosen is not None
    assert chosen.codec.name == "PCMA"
    assert choose_answered(section, ("OPUS",), telephone_event=True) is None


@pytest.mark.parametrize(
    ("lines", "codec", "ms"),
    [
        ("", "PCMU", None),
        ("a=ptime:30\r\n", "PCMU", 30),
        ("a=maxptime:10\r\n", "PCMU", 10),
        ("a=maxptime:15\r\n", "PCMU", 10),
        ("a=ptime:30\r\na=maxptime:20\r\n", "PCMA", 20),
        ("a=ptime:20\r\na=maxptime:240\r\n", "PCMU", 20),
        ("a=maxptime:240\r\n", "PCMU", 20),
        ("a=maxptime:5\r\n", "PCMU", 10),
        ("a=maxptime:40\r\n", "GSM", 20),
        ("a=ptime:x\r\na=maxptime:-1\r\n", "PCMU", None),
    ],
)
def test_maxptime_is_obeyed(lines: str, codec: str, ms: int | None) -> None:
    assert packet_ms(audio("m=audio 4000 RTP/AVP 0\r\n" + lines), codec) == ms


def test_a_codec_whose_frames_are_too_long_for_maxptime_comes_last() -> None:
    section = audio("m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=maxptime:10\r\n")
    chosen = choose(section, ("OPUS", "PCMU"), telephone_event=True)
    assert chosen is not None
    assert chosen.codec.name == "PCMU"


@given(st.text(alphabet=st.sampled_from(list("vm=audio 0189/RTPAVP:\r\n-rtpmaptelephone-event8000cIN.x\x0c\u2028"))))
def test_nothing_raises(text: str) -> None:
    for whole in (text, "m=audio 1 RTP/AVP 0\r\n" + text, SESSION + text):
        description = Description.parse(whole)
        if description is not None:
            why_unusable(description, ALL)
            audio_index(description)
            assert len(Description.parse(str(description)).sections) == len(description.sections)  # type: ignore[union-attr]
