"""What this side offers and answers, made from the description that PJSIP has prepared (RFC 3264 §5, §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator.sdp.audio import AudioChoice
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.formats import Format
from simulator.sdp.telephone_events import answered_event, event_clocks, find_event


def with_codecs(own: Description, codecs: Sequence[str], *, telephone_event: bool) -> Description:
    """The offer with only `codecs` in its audio section, in that order, and telephone-event if wanted.

    Telephone-event is offered at the RTP clocks of the codecs; beside Opus at 8000 Hz too, because many peers have no
    other. The description is returned unchanged when no codec would remain, because PJSIP aborts on an audio section
    without formats.
    """
    index = first_audio(own)
    if index is None:
        return own
    section = own.sections[index]
    kept = [each for codec in codecs for each in section.formats if each.codec == codec]
    if not kept:
        return own
    clocks = event_clocks([each.clock_rate for each in kept]) if telephone_event else ()
    events = [event for clock in clocks if (event := find_event(section.formats, clock)) and event.clock_rate == clock]
    return own.replaced(index, section.with_formats([*kept, *events]))


def answering(own: Description, index: int, chosen: AudioChoice) -> Description:
    """The answer with what was `chosen` from section `index` of the offer; all other audio sections are refused.

    An answer has the payload types of the offer, and lists events that the offer lists (RFC 4733 §2.4.1).
    """
    if index >= len(own.sections):
        return own
    for other, section in enumerate(own.sections):
        if section.kind == "audio" and other != index:
            own = own.replaced(other, section.refused())
    section = own.sections[index]
    return own.replaced(index, section.with_formats(_answered(section, chosen)))


def _answered(section: MediaSection, chosen: AudioChoice) -> list[Format]:
    ours = {each.encoding: each for each in section.formats}
    codec = ours.get(chosen.codec.encoding, chosen.codec)
    formats = [replace(codec, payload_type=chosen.codec.payload_type)]
    if chosen.event is not None:
        event = answered_event(ours.get(chosen.event.encoding, replace(chosen.event, fmtp="")), chosen.event)
        formats += [event] if event is not None else []
    return formats


def moved(own: Description, host: str, port: int) -> Description:
    """The description with its audio received at `port` of a relay; unchanged when it has no audio."""
    index = live_audio(own)
    return own if index is None else own.replaced(index, own.sections[index].at(host, port))


def first_audio(description: Description) -> int | None:
    """Index of the first audio section, refused or not; None without one."""
    return next((index for index, each in enumerate(description.sections) if each.kind == "audio"), None)


def live_audio(description: Description) -> int | None:
    """Index of the first audio section that is not refused; None without one."""
    sections = enumerate(description.sections)
    return next((index for index, each in sections if each.kind == "audio" and each.port), None)
