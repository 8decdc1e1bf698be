"""The exchange of offers and answers of one call (RFC 3264): what is offered and answered, and what was agreed on.

PJSIP decides which messages count. It gets each description of the peer in a form that it can use
(`received_sdp`), and what both sides have agreed on is read from it when its negotiation is complete. So a refused
re-INVITE, a repeated 200 or another fork change nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from simulator.sdp import own
from simulator.sdp.audio import AudioChoice, choose_answered, why_unusable
from simulator.sdp.body import MessageBody
from simulator.sdp.description import Description, MediaSection
from simulator.sdp.for_pjsip import as_received, for_pjsip
from simulator.sdp.received_answer import usable_answer
from simulator.sdp.received_offer import ReceivedOffer, Refusal
from simulator.useragent.messages import AudioCodec, LogLevel, MediaAgreed, RelayPorts
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.negotiator import Negotiator, Replacement
from simulator.useragent.worker.pjsip_sdp import sdp_text
from simulator.useragent.worker.video import CallVideo

_MOVES_TOO_OFTEN = Refusal(488, "Not Acceptable Here", "audio sections of this worker are opened too often")


@dataclass(frozen=True, slots=True)
class Agreement:
    """The two descriptions of the latest complete exchange."""

    local: Description
    remote: Description
    index: int | None
    """Index of the audio section; None when no audio was agreed on."""
    sent: AudioChoice | None
    """The formats that this side sends, with the payload types that the peer has declared."""
    answered: tuple[str, ...] = ()
    """The codecs that the peer's answer lists; empty when this side has answered."""

    @classmethod
    def of(
        cls, local: Description, remote: Description, *, telephone_event: bool, answered: tuple[str, ...]
    ) -> Agreement:
        """Read what two descriptions agree on; `answered` are the codecs of the peer's whole answer."""
        index = own.live_audio(local)
        if index is None or index >= len(remote.sections):
            return cls(local, remote, None, None)
        codecs = local.sections[index].codecs
        sent = choose_answered(remote.sections[index], codecs, telephone_event=telephone_event)
        return cls(local, remote, index, sent, answered)


class Negotiation:
    """Writes a call's offers and answers, reads the peer's, and keeps what was agreed on."""

    def __init__(
        self,
        notices: CallNotices,
        video: CallVideo,
        log: Callable[[LogLevel, str], None],
        supported: Collection[AudioCodec],
        negotiator: Callable[[], Negotiator | None],
        has_room: Callable[[], bool],
    ) -> None:
        """Make the negotiation of a call of a worker with the codecs `supported`.

        `negotiator` finds PJSIP's own, `has_room` tells whether the worker can open another RTP transport.
        """
        self.codecs: tuple[AudioCodec, ...] = ()
        """What this side accepts, in order of preference; empty until an incoming call is answered."""
        self.telephone_event = True
        self.offered_order = False
        """Whether the order of the peer's offer decides which codec is answered, and not that of `codecs`."""
        self.relay: RelayPorts | None = None
        self.offer: ReceivedOffer | None = None
        """The offer of the INVITE that came in; None for outgoing calls and for an INVITE without SDP."""
        self.agreement: Agreement | None = None
        """None until an exchange of offer and answer is complete."""
        self.unusable_answer = ""
        """Why the peer's latest answer was not usable; empty when it was."""
        self._notices = notices
        self._video = video
        self._log = log
        self._supported = tuple(supported)
        self._negotiator = negotiator
        self._has_room = has_room
        self._pjsip_answer = ""
        self._replacement: Replacement | None = None
        self._reoffer: ReceivedOffer | None = None
        """The offer in the message that PJSIP is handling."""
        self._has_answer = False
        self._answered: tuple[str, ...] = ()
        """The codecs of the peer's latest usable answer."""
        self._own_offer: Description | None = None
        """What this side has offered last."""
        self._codecs_before_reoffer: tuple[AudioCodec, ...] | None = None

    def copy_preferences(self, other: Negotiation) -> None:
        """Accept the codecs of `other`, whose peer asked for this call with a REFER."""
        self.codecs, self.telephone_event = other.codecs, other.telephone_event
        self.offered_order = other.offered_order

    # --- what the peer has described -------------------------------------------------------------------------

    def take_invite(self, body: MessageBody) -> None:
        """Keep the offer of the INVITE that came in."""
        self.offer = ReceivedOffer.read(body, self._supported)

    @property
    def awaits_answer(self) -> bool:
        """Whether our offer has no answer yet."""
        negotiator = self._negotiator()
        return negotiator is not None and negotiator.awaits_answer

    @property
    def has_answer(self) -> bool:
        """Whether the message that PJSIP is handling has an answer that can be used."""
        return self._has_answer

    def begin_message(self) -> None:
        """Forget the offer and the answer of the message before: PJSIP is handling the next one."""
        self._reoffer, self._has_answer = None, False

    def offer_received(self, body: MessageBody) -> str | None:
        """Read an offer inside the dialog; return the SDP that PJSIP gets, None if the message has no offer."""
        codecs = self.codecs or self._supported  # the former are not known before the INVITE is answered
        offer = self._reoffer = ReceivedOffer.read(body, codecs)
        if offer is None:
            return None
        if self._opens_transport(offer) and not self._has_room():
            offer = self._reoffer = offer.refused(_MOVES_TOO_OFTEN)
        chosen = self._choose(offer)
        return offer.decided(chosen, self._relay_inside) if chosen else offer.undecided(codecs)

    def _opens_transport(self, offer: ReceivedOffer) -> bool:
        """Whether PJSIP would open an RTP transport for an offer: for audio in a section that had none."""
        return offer.audio is not None and (self.agreement is None or offer.audio != self.agreement.index)

    def response_received(self, body: MessageBody) -> str | None:
        """Read the answer in a response; return the SDP that PJSIP gets, None if there is no answer that can be used.

        An answer after the first usable one, such as that of a 200 after an unreliable 183, is passed to PJSIP, which
        decides whether it counts; if it cannot be used, it is ignored (RFC 3261 §13.2.1).
        """
        if self.awaits_answer:
            return self.answer_received(body)
        return self._usable_answer(Description.parse(body.sdp) if body.sdp else None)

    def answer_received(self, body: MessageBody) -> str | None:
        """Read the answer that is awaited; return the SDP that PJSIP gets, None if this side cannot use the answer.

        An unusable answer in a provisional response counts as no answer: that of the final response decides
        (RFC 3261 §13.2.1). The reason is logged and kept in `unusable_answer`.
        """
        description = Description.parse(body.sdp) if body.sdp else None
        answer = self._usable_answer(description)
        if answer is None:
            self.unusable_answer = body.not_understood or "no session description"
            if description is not None:
                self.unusable_answer = why_unusable(description, self.codecs)
            self._log("warning", f"{self._notices.call}: this answer cannot be used: {self.unusable_answer}")
        return answer

    def _usable_answer(self, description: Description | None) -> str | None:
        negotiator = self._negotiator()
        offer = Description.parse(negotiator.awaited_offer if negotiator else "") or self._own_offer
        found = usable_answer(offer, description, self.codecs) if offer and description else None
        if found is None:
            return None
        answer, index = found
        chosen = choose_answered(answer.sections[index], self.codecs, telephone_event=self.telephone_event)
        self.unusable_answer, self._has_answer = "", True
        self._answered = answer.sections[index].codecs
        formats = chosen.formats if chosen else ()
        return for_pjsip(answer, index, formats, relay=self._relay_inside)

    def refusal_of_reoffer(self) -> Refusal | None:
        """Why the offer that PJSIP is handling cannot be accepted; None when it can."""
        return self._reoffer.refusal_of(self.codecs) if self._reoffer and self.codecs else None

    # --- what this side describes ----------------------------------------------------------------------------

    def sdp_created(self, prm: Any) -> None:
        """Write this side's SDP into PJSIP's `onCallSdpCreated` parameter.

        PJSIP makes the answer to an INVITE before the application has chosen its codecs. That answer is kept for
        `prepare_answer`.
        """
        if not self.codecs:
            self._pjsip_answer = sdp_text(prm.sdp)
            return
        prepared = Description.parse(sdp_text(prm.sdp))
        if prepared is None:
            return
        negotiator = self._negotiator()
        if negotiator is not None and negotiator.has_offer and self._reoffer is not None:
            described = self._answer(prepared, self._reoffer)
        else:
            offered = own.with_codecs(prepared, self.codecs, telephone_event=self.telephone_event)
            described = self._own_offer = self._video.offering(offered)
        prm.sdp.wholeSdp = str(self._through_relay(described))

    def prepare_answer(
        self, codecs: tuple[AudioCodec, ...], *, telephone_event: bool, relay: RelayPorts | None = None
    ) -> None:
        """Replace the answer that PJSIP has made: by the first of `codecs` that was offered, at the address of `relay`.

        One of `codecs` was offered, or the INVITE had no offer.
        """
        self.codecs = codecs
        self.telephone_event = telephone_event
        self.relay = relay
        chosen = self._choose(self.offer) if self.offer else None
        prepared = Description.parse(self._pjsip_answer)
        negotiator = self._negotiator()
        if self.offer is None or chosen is None or prepared is None:
            return
        if negotiator is not None:
            negotiator.answer_all_formats()
            answer = str(self._through_relay(self._answer(prepared, self.offer)))
            self._replacement = negotiator.replace(answer, self.offer.decided(chosen, self._relay_inside))
        if self._replacement is None or not self._replacement.in_place:
            call = self._notices.call
            self._log(
                "warning", f"{call}: this build of PJSIP keeps its SDP answer elsewhere; it chooses the codec itself"
            )

    def _choose(self, offer: ReceivedOffer) -> AudioChoice | None:
        return offer.choose(self.codecs, telephone_event=self.telephone_event, offered_order=self.offered_order)

    def _answer(self, prepared: Description, offer: ReceivedOffer) -> Description:
        chosen = self._choose(offer)
        if chosen is None or offer.audio is None or offer.description is None:
            return prepared
        return self._video.answering(own.answering(prepared, offer.audio, chosen), offer.description)

    # --- the end of an exchange ------------------------------------------------------------------------------

    def complete(self, own_address: Callable[[int], tuple[str, int] | None]) -> None:
        """Take over what PJSIP has negotiated with the peer, and report it to the relay.

        `own_address` returns where an audio section really receives, behind the relay.
        """
        negotiator = self._negotiator()
        if negotiator is None:
            self._log("warning", f"{self._notices.call}: this build of PJSIP keeps its negotiation elsewhere")
            return
        negotiator.answer_all_formats()
        local_text, remote_text = negotiator.agreed()
        local, remote = Description.parse(local_text), as_received(remote_text)
        if local is None or remote is None:
            return
        before = self.agreement
        answered = () if self._reoffer is not None else self._answered
        self.agreement = Agreement.of(local, remote, telephone_event=self.telephone_event, answered=answered)
        self._video.agreed(local, remote)
        if before is None or (before.local, before.remote) != (local, remote):
            self._notify_relay(self.agreement, own_address)

    def _notify_relay(self, agreed: Agreement, own_address: Callable[[int], tuple[str, int] | None]) -> None:
        local, index = agreed.local, agreed.index
        address = own_address(index) if index is not None else None
        through_relay = (
            self.relay is not None and index is not None and local.sections[index].port == self.relay.outside
        )
        if address is None or index is None or not through_relay:
            return
        self._notices.emit(
            MediaAgreed(
                at=time.monotonic(),
                call=self._notices.call,
                local=str(own.moved(local, *address)),
                remote=str(agreed.remote),
                section=index,
            )
        )

    def sends_to(self, remote: MediaSection) -> str:
        """`host:port` where PJSIP sends the audio that the peer receives at `remote`."""
        host, port = self._relay_inside or (remote.host, remote.port)
        return f"{host}:{port}"

    @property
    def reoffering(self) -> bool:
        """Whether a re-INVITE with other codecs is under way."""
        return self._codecs_before_reoffer is not None

    def begin_reoffer(self, codecs: tuple[AudioCodec, ...]) -> None:
        """Offer other codecs in the next re-INVITE, until `end_reoffer`."""
        self._codecs_before_reoffer, self.codecs = self.codecs, codecs

    def end_reoffer(self, *, accepted: bool) -> bool:
        """Keep the offered codecs when they were accepted, else restore the previous ones.

        True when codecs were offered and accepted.
        """
        before, self._codecs_before_reoffer = self._codecs_before_reoffer, None
        if before is not None and not accepted:
            self.codecs = before
        return before is not None and accepted

    def end(self) -> None:
        """Drop PJSIP's answer: the call has ended."""
        self._pjsip_answer = ""

    def release(self) -> None:
        """Free the memory of all SDP that PJSIP was given; it has finished with the call and its transactions."""
        if self._replacement:
            self._replacement.release()

    @property
    def _relay_inside(self) -> tuple[str, int] | None:
        return (self.relay.host, self.relay.inside) if self.relay else None

    def _through_relay(self, described: Description) -> Description:
        """Our description as the peer gets it."""
        return own.moved(described, self.relay.public_host, self.relay.outside) if self.relay else described
