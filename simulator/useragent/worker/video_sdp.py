"""The video section of an SDP text: parsing, offering and answering it. This build of PJSIP has no video.

A section made here replaces the second `m=audio` of PJSIP's offer, or the `m=video 0` with which its answer refuses
video. The number of sections stays the same, because PJSIP aborts when one is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from simulator.useragent.messages import Direction, VideoCodec, VideoPort

_PAYLOAD_TYPES: Mapping[VideoCodec, int] = {"VP8": 97, "H264": 99}
_FMTP: Mapping[VideoCodec, str] = {"VP8": "", "H264": "profile-level-id=42e01f;packetization-mode=1"}
"""Constrained baseline, level 3.1 (RFC 6184 §8.1)."""
_CLOCK = 90_000


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """One payload type of a video section, with the text of its `a=fmtp`."""

    payload_type: int
    codec: VideoCodec
    fmtp: str = ""

    @property
    def usable(self) -> bool:
        """Whether we can send it: H264 only in packetization-mode 1, because pictures are larger than packets."""
        return self.codec != "H264" or "packetization-mode=1" in self.fmtp.replace(" ", "")


@dataclass(frozen=True, slots=True)
class VideoSection:
    """The first `m=video` section of an SDP text."""

    host: str
    rtp: int
    rtcp: int
    formats: tuple[VideoFormat, ...] = field(default=())
    direction: Direction = "sendrecv"

    @classmethod
    def parse(cls, sdp: str) -> VideoSection | None:
        """Parse the first video section; None when there is none or it is refused (port 0). Skips malformed lines."""
        head, lines = _split(sdp)
        fields = lines[0].split() if lines else []
        port = fields[1].partition("/")[0] if len(fields) > 3 else ""
        if not port.isdecimal() or not 0 < int(port) < 65536:
            return None
        host, rtcp, direction = "", int(port) + 1, "sendrecv"
        maps: dict[int, str] = {}
        fmtps: dict[int, str] = {}
        for line in [*head, *lines]:
            name, _, value = line.partition(":")
            if line.startswith("c="):
                host = line.split()[-1].partition("/")[0]
            elif line[2:] in get_args(Direction):
                direction = line[2:]
            elif line in lines and name == "a=rtcp" and value.split(" ")[0].isdecimal():
                rtcp = int(value.split(" ")[0])
            elif line in lines and name in ("a=rtpmap", "a=fmtp") and value.split(" ")[0].isdecimal():
                number, _, rest = value.partition(" ")
                (maps if name == "a=rtpmap" else fmtps)[int(number)] = rest.strip()
        formats = [
            VideoFormat(int(text), codec, fmtps.get(int(text), ""))
            for text in fields[3:]
            if text.isdecimal() and (codec := _codec(maps.get(int(text), ""))) is not None
        ]
        return cls(host, int(port), rtcp, tuple(formats), direction)  # type: ignore[arg-type]  # one of Direction

    def choose(self, codecs: tuple[VideoCodec, ...]) -> VideoFormat | None:
        """Return the usable format of the first of `codecs` that the section has; None without one."""
        return next((f for codec in codecs for f in self.formats if f.codec == codec and f.usable), None)


def offer_section(port: VideoPort) -> str:
    """Write the video section of an offer."""
    formats = [VideoFormat(_PAYLOAD_TYPES[codec], codec, _FMTP[codec]) for codec in port.codecs]
    return _section_text(port, formats)


def answer_section(port: VideoPort, offer: VideoSection) -> str | None:
    """Write the video section of the answer to `offer`; None when they have no codec in common."""
    chosen = offer.choose(port.codecs)
    return None if chosen is None else _section_text(port, [chosen])


def replace_section(sdp: str, section: str) -> str:
    """Return the SDP with `section` in place of its `m=video`, or else of its second `m=audio`.

    The SDP is returned unchanged when it has neither.
    """
    lines = sdp.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    videos = [number for number in starts if lines[number].startswith("m=video")]
    audios = [number for number in starts if lines[number].startswith("m=audio")]
    place = videos[0] if videos else audios[1] if len(audios) > 1 else None
    if place is None:
        return sdp
    end = next((number for number in starts if number > place), len(lines))
    return "\r\n".join([*lines[:place], *section.split("\r\n"), *lines[end:]]) + "\r\n"


def _section_text(port: VideoPort, formats: list[VideoFormat]) -> str:
    numbers = " ".join(str(f.payload_type) for f in formats)
    lines = [
        f"m=video {port.rtp} RTP/AVP {numbers}",
        f"c=IN IP4 {port.host}",
        f"a=rtcp:{port.rtp + 1} IN IP4 {port.host}",
    ]
    for f in formats:
        lines.append(f"a=rtpmap:{f.payload_type} {f.codec}/{_CLOCK}")
        if f.fmtp:
            lines.append(f"a=fmtp:{f.payload_type} {f.fmtp}")
        lines += [f"a=rtcp-fb:{f.payload_type} nack pli", f"a=rtcp-fb:{f.payload_type} ccm fir"]
    return "\r\n".join([*lines, "a=sendrecv"])


def _split(sdp: str) -> tuple[list[str], list[str]]:
    """Split off the lines of the session and of the first video section."""
    lines = sdp.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    session = lines[: starts[0]] if starts else lines
    for number, start in enumerate(starts):
        if lines[start].startswith("m=video"):
            end = starts[number + 1] if number + 1 < len(starts) else len(lines)
            return session, lines[start:end]
    return session, []


def _codec(rtpmap: str) -> VideoCodec | None:
    name, _, clock = rtpmap.partition("/")
    known: dict[str, VideoCodec] = {codec: codec for codec in get_args(VideoCodec)}
    return known.get(name.upper()) if clock.partition("/")[0] == str(_CLOCK) else None
