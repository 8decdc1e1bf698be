"""The one place where received SDP enters PJSIP: each message's body is read, and replaced by what PJSIP can take.

A module below PJSIP's transaction layer sees every message of every call before PJSIP reads its body, the first INVITE
included. RTP is not sent elsewhere yet: the addresses that are read take effect once PJSIP has accepted the message and
the exchange of offer and answer is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from simulator.public_host import PublicHost
from simulator.sdp.received_offer import ReceivedOffer
from simulator.useragent.messages import LogLevel
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.negotiation import Negotiation
from simulator.useragent.worker.pjsip import register_module
from simulator.useragent.worker.rx_data import remove_body, replace_body, text_of

_BELOW_TRANSACTIONS = 12
"""Module priority between PJSIP's transport layer (8) and its transaction layer (16)."""


class ReceivedSdp:
    """A PJSIP module. Keep this object as long as the endpoint lives, which calls into it.

    `find` returns the negotiation of the call with a Call-ID, `codecs` are those of the worker.
    """

    def __init__(
        self,
        find: Callable[[str], Negotiation | None],
        codecs: Collection[str],
        public: PublicHost,
        log: Callable[[LogLevel, str], None],
    ) -> None:
        self._find = find
        self._codecs = codecs
        self._public = public
        self._log = log
        self._module = register_module(
            b"mod-received-sdp", _BELOW_TRANSACTIONS, on_request=self._received, on_response=self._received
        )

    def _received(self, rdata: int) -> int:
        try:
            self._read(rdata)
        except Exception as error:  # noqa: BLE001  # nothing may leave a callback of PJSIP
            self._log("error", f"the SDP of a received message could not be read: {error!r}")
        return 0

    def _read(self, rdata: int) -> None:
        message = SipMessage.parse(text_of(rdata).decode("utf-8", "surrogateescape"))
        negotiation = self._find(message.header("Call-ID") or "")
        if negotiation is not None:
            negotiation.begin_message()
        status = message.status[0]
        if not message.body.strip():
            if message.body:  # PJSIP takes an empty line for SDP that is broken
                remove_body(rdata)
            if negotiation is None or not _must_answer(message, status):
                return
        if message.is_request:
            replacement = self._of_request(message, negotiation)
        elif negotiation is not None and message.method in ("INVITE", "UPDATE") and status < 300:
            replacement = negotiation.response_received(self._public.inside(message.media_body))
        else:
            return
        if replacement is None:
            remove_body(rdata)
        elif replacement:
            replace_body(rdata, replacement, was_sdp=message.content_type == "application/sdp")

    def _of_request(self, message: SipMessage, negotiation: Negotiation | None) -> str | None:
        """What PJSIP gets as the body of a request: None for no body, empty for the one that was received."""
        body = self._public.inside(message.media_body)
        if message.method == "INVITE" and (negotiation is None or message.begins_dialog):
            offer = ReceivedOffer.read(body, self._codecs)
            return offer.undecided(tuple(self._codecs)) if offer else None
        if negotiation is None:
            return ""
        if message.method in ("ACK", "PRACK") and negotiation.awaits_answer:
            return negotiation.answer_received(body)
        if message.method in ("INVITE", "UPDATE", "PRACK"):
            return negotiation.offer_received(body)
        return None if message.method == "ACK" else ""


def _must_answer(message: SipMessage, status: int) -> bool:
    """Whether this is the last message that can answer our offer: an ACK, or a 2xx to our INVITE."""
    return message.method == "ACK" or (message.method == "INVITE" and 200 <= status < 300)
