"""A received description as PJSIP gets it.

PJSIP is stricter than RFC 4566 in places and laxer in others, so it never reads what a peer wrote. It gets a
description with the same sections, in which

- one audio section is open, with codecs and telephone-event formats that it knows, each payload type once;
- a video section is open that the parent can decode;
- all other sections have port 0, which is what the answer says of them too;
- every address is an IPv4 literal: that of the relay, if there is one, and the discard service (RFC 863) when the peer
  wants no packets. The peer's own address stands in an attribute, from which `as_received` restores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from simulator.sdp.audio import packet_ms
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.formats import TELEPHONE_EVENT, Format
from simulator.sdp.video import video_index

_SESSION = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0")
_OWN_ADDRESS = "a=x-address:"
"""Host and port of RTP, and of RTCP, as the peer described them."""
_DISCARD = "127.0.0.1", 9
"""The address given to PJSIP when the peer wants no packets: the discard service (RFC 863)."""

STAND_IN_OFFER = "\r\n".join([*_SESSION, "m=audio 9 RTP/AVP 0", "a=inactive", ""])
"""An offer that PJSIP accepts in place of one that it would refuse without asking anybody."""


def for_pjsip(
    description: Description, audio: int, formats: Iterable[Format], *, relay: tuple[str, int] | None = None
) -> str:
    """Write `description` with `formats` in its audio section, which is the one with the index `audio`.

    With a `relay`, host and port, PJSIP sends there instead of to the peer.
    """
    video = video_index(description)
    sections = [
        _audio(section, _each_once(formats), relay)
        if index == audio
        else _video(section)
        if index == video
        else section.refused()
        for index, section in enumerate(description.sections)
    ]
    return str(Description(_SESSION, tuple(sections)))


def as_received(text: str) -> Description | None:
    """Read a description that PJSIP was given, with the peer's own addresses; None when it cannot be read."""
    description = Description.parse(text)
    if description is None:
        return None
    return replace(description, sections=tuple(map(_with_own_address, description.sections)))


def codecs_then_events(section: MediaSection, codecs: Sequence[str]) -> list[Format]:
    """All formats of a section that PJSIP may choose from: those of `codecs`, then the telephone-events.

    The order matters to PJSIP: it takes a payload type below 96 for a codec, whatever its rtpmap says.
    """
    return [
        *(each for each in section.formats if each.codec in codecs),
        *(each for each in section.formats if each.name == TELEPHONE_EVENT),
    ]


def _audio(section: MediaSection, formats: Sequence[Format], relay: tuple[str, int] | None) -> MediaSection:
    address = section.address
    assert address is not None  # noqa: S101  # only a section with one is used
    own = f"{address.host} {address.rtp} {address.rtcp_host or address.host} {address.rtcp}"
    written = MediaSection(
        "audio",
        address.rtp,
        section.protocol,
        (),
        host=address.host,
        rtcp=(address.rtcp_host or address.host, address.rtcp),
        direction=section.direction,
        ptime=packet_ms(section, formats[0].name),
        others=(_OWN_ADDRESS + own,),
    ).with_formats(formats)
    if relay is not None:
        return written.at(*relay)
    return written.at(*_DISCARD) if address.wants_nothing else written


def _video(section: MediaSection) -> MediaSection:
    """The section without what PJSIP does not need; its rtpmaps say which formats match."""
    kept = tuple(each for each in section.formats if each.name in ("VP8", "H264"))
    address = section.address
    host = "127.0.0.1" if address is None or address.wants_nothing else address.host
    own = "" if address is None else f"{address.host} {address.rtp} {address.rtcp_host or address.host} {address.rtcp}"
    written = replace(section, host=host, is_ip4=True, ptime=None, maxptime=None, others=(_OWN_ADDRESS + own,))
    return written.with_formats(_each_once(kept))


def _with_own_address(section: MediaSection) -> MediaSection:
    line = next((each for each in section.others if each.startswith(_OWN_ADDRESS)), None)
    words = line.removeprefix(_OWN_ADDRESS).split() if line else []
    if len(words) != 4:
        return section
    return replace(
        section,
        host=words[0],
        port=int(words[1]) if section.port else 0,
        rtcp=(words[2], int(words[3])),
        others=tuple(each for each in section.others if each != line),
    )


def _each_once(formats: Iterable[Format]) -> list[Format]:
    """The formats, of each payload type the first only."""
    found: dict[int, Format] = {}
    for each in formats:
        found.setdefault(each.payload_type, each)
    return list(found.values())
