"""SIP messages that PJSIP's callbacks carry, copied, because PJSIP frees its own when the callback returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.pjsip import pj


@dataclass(frozen=True, slots=True)
class ReceivedInvite:
    """A received INVITE and the `host:port` that it came from."""

    message: SipMessage
    source: str

    @classmethod
    def of(cls, rdata: Any) -> ReceivedInvite:
        """Copy the INVITE out of a `pj.SipRxData`."""
        return cls(SipMessage.parse(rdata.wholeMsg), str(rdata.srcAddress))


def received_message(event: Any) -> SipMessage | None:
    """Return the message that caused a `pj.SipEvent`; None when a timer, an error or this side caused it."""
    if event.type == pj.PJSIP_EVENT_RX_MSG:
        text = event.body.rxMsg.rdata.wholeMsg
    elif event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG:
        text = event.body.tsxState.src.rdata.wholeMsg
    else:
        return None
    return SipMessage.parse(text) if text else None


def status_of(transaction: Any, response: SipMessage | None) -> tuple[int, str]:
    """Status and reason phrase with which a request of ours ended: those of its response, or PJSIP's own.

    PJSIP does not know that of a response which the request screen has changed.
    """
    if response is not None and response.status[0]:
        return response.status
    return int(transaction.statusCode), str(transaction.statusText)
