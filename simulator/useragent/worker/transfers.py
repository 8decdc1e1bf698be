"""REFER on one call (RFC 3515), both ways: what the peer asks for, and how our own request goes on."""

from __future__ import annotations

import time
from typing import Any

from simulator.useragent.messages import TransferProgress, TransferRequested
from simulator.useragent.sip_text import SipMessage, destination_of, parse_name_addr
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.exits.gates import Gates
from simulator.useragent.worker.pjsip import pj
from simulator.useragent.worker.received import status_of


class Transfers:
    """Answers the peer's REFERs and reports the progress of ours."""

    def __init__(self, notices: CallNotices, gates: Gates) -> None:
        self.subscribed = False
        """Whether a REFER of ours was sent that was not refused, and whose subscription has not ended."""
        self._notices = notices
        self._gates = gates

    def requested(self, prm: Any, status: int) -> bool:
        """Answer the peer's REFER with `status`, but with 403 instead of 202 if nothing may be sent to the target.

        Returns True when it was answered with 202: PJSIP then calls the Refer-To URI with `prm.newCall`.
        """
        to = parse_name_addr(prm.dstUri)[1]
        if status == 202 and not self._gates.permit_call(destination_of(to)):
            status = 403
        prm.statusCode = status
        self._notices.emit(TransferRequested(at=time.monotonic(), call=self._notices.call, to=to, status=status))
        return status == 202

    def refer_answered(self, transaction: Any, message: SipMessage | None) -> None:
        """Handle a change of the transaction of our REFER; `message` is the response, if one has caused the change."""
        if transaction.state < pj.PJSIP_TSX_STATE_COMPLETED:
            self.subscribed = True
        elif self.subscribed and (transaction.state == pj.PJSIP_TSX_STATE_COMPLETED or transaction.statusCode >= 300):
            without_subscription = ((message and message.header("Refer-Sub")) or "").strip().lower() == "false"
            status, reason = status_of(transaction, message)
            self._report(status, reason, final=status >= 300 or without_subscription)

    def notified(self, message: SipMessage | None) -> None:
        """Report a NOTIFY for our REFER: the status line in its body, and how long the subscription lasts.

        A final status ends the subscription whatever Subscription-State says (RFC 3515 §2.4.5). A NOTIFY without
        a status line that ends it is reported with status 0: how the transfer went is not known.
        """
        if message is None or not self.subscribed:
            return
        state, *parameters = (message.header("Subscription-State") or "").split(";")
        terminated = state.strip().lower() == "terminated"
        expires = next((value for name, _, value in map(_split, parameters) if name == "expires"), "")
        is_fragment = message.content_type == "message/sipfrag"
        status, reason = SipMessage.parse(message.body.lstrip()).status if is_fragment else (0, "")
        final = terminated or status >= 200
        seconds = int(expires) if expires.isdecimal() and len(expires) < 9 else None
        if status or final:
            self._report(status, reason or "no status line in the NOTIFY", final=final, expires_s=seconds)

    def _report(self, status: int, reason: str, *, final: bool, expires_s: int | None = None) -> None:
        self.subscribed = not final
        self._notices.emit(
            TransferProgress(
                at=time.monotonic(),
                call=self._notices.call,
                status=status,
                reason=reason,
                final=final,
                expires_s=expires_s,
            )
        )


def _split(parameter: str) -> tuple[str, str, str]:
    name, equals, value = parameter.partition("=")
    return name.strip().lower(), equals, value.strip()
