"""SIP INFO on one call in a worker (RFC 6086): digits and anything else, both ways."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.dtmf import parse_info
from simulator.useragent.messages import DigitEnd, Ended, InfoReceived
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.pjsip import pj, respond

if TYPE_CHECKING:
    from simulator.useragent.worker.call import SipCall

_DTMF_TYPES = ("application/dtmf-relay", "application/dtmf")


class InfoExchange:
    """Sends INFO requests and answers received ones."""

    def __init__(self, call: SipCall) -> None:
        self._call = call
        self._unanswered: deque[Callable[[int, str], None]] = deque()

    def send(self, content_type: str, body: str, answered: Callable[[int, str], None]) -> None:
        """Send one; `answered` gets the final status and reason. Raises pj.Error when it cannot go out."""
        prm = pj.CallSendRequestParam()
        prm.method = "INFO"
        prm.txOption.contentType = content_type
        prm.txOption.msgBody = body
        self._unanswered.append(answered)
        try:
            self._call.sendRequest(prm)
        except pj.Error:
            if answered in self._unanswered:  # else PJSIP has reported the failure already
                self._unanswered.remove(answered)
                raise

    def transaction_changed(self, change: Any) -> None:
        """PJSIP's `onCallTsxState` for an INFO."""
        tsx = change.tsx
        if tsx.role == pj.PJSIP_ROLE_UAS:
            if tsx.state == pj.PJSIP_TSX_STATE_TRYING:
                self._received(tsx, change.src.rdata)
        elif _has_final_response(change) and self._unanswered:
            self._unanswered.popleft()(tsx.statusCode, tsx.statusText)

    def finish(self, ended: Ended) -> None:
        """The call is over: nothing will be answered any more."""
        while self._unanswered:
            self._unanswered.popleft()(481, f"the call has ended with {ended.status} {ended.reason}")

    def _received(self, tsx: Any, rdata: Any) -> None:
        message = SipMessage.parse(rdata.wholeMsg)
        digit = parse_info(message.content_type, message.body)
        now = time.monotonic()
        if digit:
            respond(tsx, rdata, 200)
            self._call.emit(
                DigitEnd(
                    at=now,
                    call=self._call.key,
                    digit=digit.digit,
                    method="sip-info",
                    duration_ms=digit.duration_ms,
                )
            )
        elif message.content_type in _DTMF_TYPES:
            respond(tsx, rdata, 400)
        else:
            respond(tsx, rdata, 200)
            self._call.emit(
                InfoReceived(at=now, call=self._call.key, content_type=message.content_type, body=message.body)
            )


def _has_final_response(change: Any) -> bool:
    """Whether our own request got its response with this change, or its timeout."""
    state = change.tsx.state
    ended_early = change.prevState < pj.PJSIP_TSX_STATE_COMPLETED
    return bool(state == pj.PJSIP_TSX_STATE_COMPLETED or (state == pj.PJSIP_TSX_STATE_TERMINATED and ended_early))
