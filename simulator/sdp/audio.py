"""Which audio section of a description can be used, and what both sides have in common in it (RFC 3264 §6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from simulator.sdp.description import Description, MediaSection
from simulator.sdp.formats import CODECS, FRAME_MS, Format
from simulator.sdp.telephone_events import find_event

PROTOCOLS = ("RTP/AVP", "RTP/AVPF")
"""Plain RTP, with and without early feedback (RFC 4585)."""
MOST_SECTIONS = 16
"""PJSIP has room for so many sections, and an answer needs all of the offer's."""
_COMMON = ("OPUS", "G722", "PCMU", "PCMA")


@dataclass(frozen=True, slots=True)
class AudioChoice:
    """The formats that a call uses: the codec, and telephone-event if both sides have it."""

    codec: Format
    event: Format | None

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats in use, the codec first; telephone-event second if both sides have it."""
        return (self.codec,) if self.event is None else (self.codec, self.event)


def audio_index(description: Description, codecs: Collection[str] = tuple(CODECS)) -> int | None:
    """Index of the audio section to use, of those with one of `codecs`; None when there is none.

    The first one with Opus, G722, PCMU or PCMA; without such a one, the first one.
    """
    usable = [
        index for index, section in enumerate(description.sections) if problem_of(section, codecs) is None
    ]  # fmt: skip
    if not usable or len(description.sections) > MOST_SECTIONS:
        return None
    return min(usable, key=lambda index: not _has(description.sections[index], _COMMON))


def problem_of(section: MediaSection, codecs: Collection[str]) -> str | None:
    """Why a section cannot be used for audio with one of these codecs; None when it can."""
    if section.kind != "audio":
        return f"it is {section.kind}"
    if section.port == 0:
        return "its port is 0"
    if section.protocol.upper() not in PROTOCOLS:
        return f"{section.protocol} is not supported"
    if section.address is None:
        return f"its address {section.host or '(none)'} is no IPv4 address"
    if not _has(section, codecs):
        return "it has only " + (", ".join(dict.fromkeys(map(str, _sounds(section)))) or "no codec that is known here")
    return None


def why_unusable(description: Description, codecs: Collection[str]) -> str:
    """Why no section of a description can be used for audio: one reason for each section."""
    sections = description.sections
    if len(sections) > MOST_SECTIONS:
        return f"it has {len(sections)} media sections, at most {MOST_SECTIONS} are supported"
    problems = (f"section {number}: {problem_of(each, codecs)}" for number, each in enumerate(sections, start=1))
    return "; ".join(problems) or "it has no media section"


def offered_codecs(description: Description) -> tuple[str, ...]:
    """Names of the codecs that can be used, in the order of the audio section; empty without a usable section."""
    index = audio_index(description)
    if index is None:
        return ()
    return tuple(dict.fromkeys(each.name for each in description.sections[index].formats if each.codec))


def choose(section: MediaSection, preferred: Sequence[str], *, telephone_event: bool) -> AudioChoice | None:
    """The first of the codecs `preferred` that the section has; None when it has none of them.

    A codec whose frames are longer than the section's `maxptime` comes last.
    """
    usable = [each for name in preferred for each in section.formats if each.codec == name]
    return _with_event(_fitting_first(usable, section), section, telephone_event=telephone_event)


def choose_answered(section: MediaSection, offered: Collection[str], *, telephone_event: bool) -> AudioChoice | None:
    """The first codec of an answer's section that was `offered`; None without one."""
    usable = [each for each in section.formats if each.codec in offered]
    return _with_event(usable, section, telephone_event=telephone_event)


def packet_ms(section: MediaSection, codec: str) -> int | None:
    """Length of a packet with this codec in ms that the section asks for; None when any length will do.

    `maxptime` is obeyed as far as the codec's frames allow (RFC 4566 §6).
    """
    if section.maxptime is None:
        return section.ptime
    frame = FRAME_MS.get(codec, 10)
    wanted = min(section.ptime or max(20, frame), section.maxptime)
    return max(frame, wanted // frame * frame)


def _with_event(codecs: Sequence[Format], section: MediaSection, *, telephone_event: bool) -> AudioChoice | None:
    if not codecs:
        return None
    others = [each for each in section.formats if each.payload_type != codecs[0].payload_type]
    return AudioChoice(codecs[0], find_event(others, codecs[0].clock_rate) if telephone_event else None)


def _fitting_first(formats: Iterable[Format], section: MediaSection) -> list[Format]:
    most = section.maxptime
    return sorted(formats, key=lambda each: most is not None and FRAME_MS[each.name] > most)


def _sounds(section: MediaSection) -> list[Format]:
    return [each for each in section.formats if each.is_audio]


def _has(section: MediaSection, codecs: Collection[str]) -> bool:
    return any(each.codec in codecs for each in section.formats if each.codec)
