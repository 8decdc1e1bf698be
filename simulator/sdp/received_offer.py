"""An offer that a peer has made, and whether it can be accepted (RFC 3264 §6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from simulator.sdp.audio import AudioChoice, audio_index, choose, why_unusable
from simulator.sdp.body import MessageBody
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.for_pjsip import STAND_IN_OFFER, codecs_then_events, for_pjsip
from simulator.sdp.formats import TELEPHONE_EVENT


@dataclass(frozen=True, slots=True)
class Refusal:
    """The final response to an offer that cannot be accepted, and why."""

    status: int
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class ReceivedOffer:
    """The offer of an INVITE or UPDATE. `audio` is the index of the section to use, None when none can be used."""

    description: Description | None
    audio: int | None
    refusal: Refusal | None
    """Why it cannot be accepted with any codec."""

    @classmethod
    def read(cls, body: MessageBody, codecs: Collection[str]) -> ReceivedOffer | None:
        """Read the offer in a body, for a side with these codecs; None without an offer."""
        if body.not_understood:
            why = f"the body is {body.not_understood}, not application/sdp"
            return cls(None, None, Refusal(415, "Unsupported Media Type", why))
        if body.sdp is None:
            return None
        description = Description.parse(body.sdp)
        if description is None:
            return cls(None, None, Refusal(400, "Bad SDP", "the body is no session description"))
        audio = audio_index(description, codecs)
        if audio is None:
            return cls(description, None, _not_acceptable(why_unusable(description, codecs)))
        return cls(description, audio, None)

    @property
    def section(self) -> MediaSection | None:
        """The audio section to use."""
        return self.description.sections[self.audio] if self.description and self.audio is not None else None

    @property
    def codecs(self) -> tuple[str, ...]:
        """Encoding names in the order of the offer: of the section to use, else of the first audio section."""
        sections = self.description.sections if self.description else ()
        section = self.section or next((each for each in sections if each.kind == "audio"), None)
        return section.codecs if section else ()

    @property
    def has_telephone_event(self) -> bool:
        """Whether the section to use has telephone-event."""
        return self.section is not None and any(each.name == TELEPHONE_EVENT for each in self.section.formats)

    def choose(
        self, preferred: Sequence[str], *, telephone_event: bool, offered_order: bool = False
    ) -> AudioChoice | None:
        """What to answer: the first of the codecs `preferred` that was offered; None when none of them was.

        With `offered_order` the first codec of the offer that is one of them (RFC 3264 §6.1).
        """
        section = self.section
        if section is None:
            return None
        if offered_order:
            preferred = [codec for codec in section.codecs if codec in preferred]
        return choose(section, preferred, telephone_event=telephone_event)

    def refusal_of(self, preferred: Sequence[str]) -> Refusal | None:
        """Why it cannot be accepted by a side with these codecs; None when it can."""
        if self.refusal is not None or self.choose(preferred, telephone_event=False) is not None:
            return self.refusal
        return _not_acceptable(f"none of {', '.join(preferred)} is in the offer ({', '.join(self.codecs) or 'none'})")

    def refused(self, refusal: Refusal) -> ReceivedOffer:
        """The same offer, of which nothing is accepted."""
        return replace(self, audio=None, refusal=refusal)

    def undecided(self, codecs: Sequence[str]) -> str:
        """The offer as PJSIP gets it before it is known which of these codecs will be chosen: those it was read for."""
        if self.description is None or self.audio is None or self.section is None:
            return STAND_IN_OFFER
        return for_pjsip(self.description, self.audio, codecs_then_events(self.section, codecs))

    def decided(self, chosen: AudioChoice, relay: tuple[str, int] | None) -> str:
        """The offer as PJSIP gets it once the codec is chosen; with a `relay` (host, port), media go there."""
        if self.description is None or self.audio is None:
            return STAND_IN_OFFER
        return for_pjsip(self.description, self.audio, chosen.formats, relay=relay)


def _not_acceptable(why: str) -> Refusal:
    return Refusal(488, "Not Acceptable Here", why)
