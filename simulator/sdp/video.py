"""The video section of a description: choosing, offering and answering it. PJSIP is built without video.

A section made here replaces the second `m=audio` of PJSIP's offer, or the section with which its answer refuses video.
The number of sections stays the same, because PJSIP aborts when one is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulator.sdp.audio import PROTOCOLS
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.formats import Format

_PAYLOAD_TYPES: Mapping[str, int] = {"VP8": 97, "H264": 99}
_FMTP: Mapping[str, str] = {"VP8": "", "H264": "profile-level-id=42e01f;packetization-mode=1"}
"""Constrained baseline, level 3.1 (RFC 6184 §8.1)."""
_CLOCK = 90_000


def video_index(description: Description) -> int | None:
    """Index of the first video section with a codec that can be sent; None when there is none."""
    for index, section in enumerate(description.sections):
        is_plain_video = section.kind == "video" and section.protocol.upper() in PROTOCOLS
        if is_plain_video and section.address and choose_video(section, tuple(_PAYLOAD_TYPES)):
            return index
    return None


def choose_video(section: MediaSection, codecs: Sequence[str]) -> Format | None:
    """The format of the first of `codecs` that the section has and that can be sent; None without one."""
    return next((each for codec in codecs for each in section.formats if each.name == codec and _usable(each)), None)


def in_offered_order(section: MediaSection, codecs: Sequence[str]) -> tuple[str, ...]:
    """Those of `codecs` that the section has and that can be sent, in the order of the section."""
    usable = (each.name for each in section.formats if each.name in codecs and _usable(each))
    return tuple(dict.fromkeys(usable))


def offer_section(host: str, port: int, codecs: Sequence[str]) -> MediaSection:
    """The video section of an offer that is received at `port`, and RTCP at the next port."""
    formats = [Format(_PAYLOAD_TYPES[codec], codec, _CLOCK, fmtp=_FMTP[codec]) for codec in codecs]
    return _section(formats, "RTP/AVP").at(host, port)


def answer_section(host: str, port: int, codecs: Sequence[str], offered: MediaSection) -> MediaSection | None:
    """The video section that answers `offered`; None when they have no codec in common."""
    chosen = choose_video(offered, codecs)
    return None if chosen is None else _section([chosen], offered.protocol).at(host, port)


def with_offered_video(own: Description, video: MediaSection) -> Description:
    """The offer with `video` in place of its video section, or else of its second audio section.

    Unchanged when it has neither. PJSIP's bandwidth of the session, which is for audio alone, is left out.
    """
    kinds = [section.kind for section in own.sections]
    if "video" in kinds:
        return with_video(own, kinds.index("video"), video)
    audios = [index for index, kind in enumerate(kinds) if kind == "audio"]
    return with_video(own, audios[1], video) if len(audios) > 1 else own


def with_video(own: Description, index: int, video: MediaSection) -> Description:
    """The description with `video` at `index`, and without a `b=` line of the session, which would limit the sum.

    See RFC 4566 §5.8.
    """
    session = tuple(line for line in own.session if not line.startswith("b="))
    return replace(own, session=session).replaced(index, video)


def _usable(each: Format) -> bool:
    """Whether it can be sent: H264 only in packetization-mode 1, because pictures are larger than packets."""
    if each.clock_rate != _CLOCK:
        return False
    return each.name == "VP8" or "packetization-mode=1" in each.fmtp.replace(" ", "")


def _section(formats: Sequence[Format], protocol: str) -> MediaSection:
    feedback = [f"a=rtcp-fb:{each.payload_type} {what}" for each in formats for what in ("nack pli", "ccm fir")]
    return MediaSection("video", 0, protocol, (), others=tuple(feedback)).with_formats(formats)
