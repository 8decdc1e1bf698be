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
