"""SIP INFO on one call (RFC 6086), both ways: digits and any other body."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, get_args

from simulator.dtmf import InfoType, parse_info
from simulator.useragent.messages import DigitEnd, Ended, InfoReceived
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.pjsip import pj, respond_in_dialog
from simulator.useragent.worker.received import status_of

_DTMF_TYPES = get_args(InfoType)


class RequestCall(Protocol):
    """What `InfoExchange` uses of a `pj.Call`."""

    def sendRequest(self, prm: Any) -> None: ...  # noqa: N802  # PJSUA2's name


class InfoExchange:
    """Sends INFO requests, and answers received ones itself: PJSIP would answer `application/dtmf` with 500."""

    def __init__(self, call: RequestCall, notices: CallNotices) -> None:
        self._call = call
        self._notices = notices
        self._pending: deque[Callable[[int, str], None]] = deque()

    def send(self, content_type: str, body: str, on_response: Callable[[int, str], None]) -> None:
        """Send an INFO; `on_response` gets status and reason of the final response. Raises pj.Error when it cannot."""
        prm = pj.CallSendRequestParam()
        prm.method = "INFO"
        prm.txOption.contentType = content_type
        prm.txOption.msgBody = body
        self._pending.append(on_response)
        try:
            self._call.sendRequest(prm)
        except pj.Error:
            if on_response in self._pending:  # else PJSIP has reported the failure as a response already
                self._pending.remove(on_response)
                raise

    def transaction_changed(self, change: Any, message: SipMessage | None) -> None:
        """Handle PJSIP's `onCallTsxState` for an INFO; `message` is the response, if one has caused the change."""
        tsx = change.tsx
        if tsx.role == pj.PJSIP_ROLE_UAS:
            if tsx.state == pj.PJSIP_TSX_STATE_TRYING:
                self._received(tsx, change.src.rdata)
        elif _has_final_response(change) and self._pending:
            self._pending.popleft()(*status_of(tsx, message))

    def finish(self, ended: Ended) -> None:
        """Answer the pending requests with 481: the call has ended, and no response will come."""
        while self._pending:
            self._pending.popleft()(481, f"the call has ended with {ended.status} {ended.reason}")

    def _received(self, tsx: Any, rdata: Any) -> None:
        message = SipMessage.parse(rdata.wholeMsg)
        digit = parse_info(message.content_type, message.body)
        now, call = time.monotonic(), self._notices.call
        if digit:
            respond_in_dialog(tsx, rdata, 200)
            self._notices.emit(
                DigitEnd(
                    at=now,
                    call=call,
                    digit=digit.digit,
                    method="sip-info",
                    duration_ms=digit.duration_ms,
                    stated_ms=digit.stated_ms if digit.stated_ms != digit.duration_ms else None,
                )
            )
            return
        status = 400 if message.content_type in _DTMF_TYPES else 200
        respond_in_dialog(tsx, rdata, status)
        self._notices.emit(
            InfoReceived(at=now, call=call, content_type=message.content_type, body=message.body, status=status)
        )


def _has_final_response(change: Any) -> bool:
    """Whether our request got its final response with this state change, or timed out."""
    state = change.tsx.state
    was_pending = change.prevState < pj.PJSIP_TSX_STATE_COMPLETED
    return bool(state == pj.PJSIP_TSX_STATE_COMPLETED or (state == pj.PJSIP_TSX_STATE_TERMINATED and was_pending))
