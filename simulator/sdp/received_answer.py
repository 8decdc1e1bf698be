"""The answer that a peer has given to our offer, and whether it can be used (RFC 3264 §6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from simulator.sdp.audio import audio_index
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.own import live_audio


def usable_answer(offer: Description, answer: Description, codecs: Collection[str]) -> tuple[Description, int] | None:
    """The answer with one section for each of our offer, and the index of its audio; None when none can be used.

    An answer has the sections of the offer (RFC 3264 §6), and PJSIP aborts when it has others. One that has more or
    fewer is read as if its first usable audio section answered ours.
    """
    index, wanted = audio_index(answer, codecs), live_audio(offer)
    if index is None or wanted is None:
        return None
    audio = answer.sections[index]
    sections = [
        audio if position == wanted else _answering(ours, answer, position)
        for position, ours in enumerate(offer.sections)
    ]
    return replace(answer, sections=tuple(sections)), wanted


def _answering(ours: MediaSection, answer: Description, position: int) -> MediaSection:
    theirs = answer.sections[position] if position < len(answer.sections) else None
    return theirs if theirs is not None and theirs.kind == ours.kind else ours.refused()
