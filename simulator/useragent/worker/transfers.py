"""REFER on one call (RFC 3515), both ways: what the peer asks for, and how our own request goes on."""

from __future__ import annotations

import time
from typing import Any

from simulator.useragent.messages import TransferProgress, TransferRequested
from simulator.useragent.sip_text import destination_of, parse_name_addr
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.exits.gates import Gates
from simulator.useragent.worker.pjsip import pj


class Transfers:
    """Answers the peer's REFERs and reports the progress of ours."""

    def __init__(self, notices: CallNotices, gates: Gates) -> None:
        self._notices = notices
        self._gates = gates

    def requested(self, prm: Any, status: int) -> bool:
        """Answer the peer's REFER with `status`, or 403 when a 202 would call a host that packets may not go to.

        True when the request was accepted: PJSIP then calls the Refer-To URI with `prm.newCall`.
        """
        to = parse_name_addr(prm.dstUri)[1]
        if status == 202 and not self._gates.permit_call(destination_of(to)):
            status = 403
        prm.statusCode = status
        self._notices.emit(TransferRequested(at=time.monotonic(), call=self._notices.call, to=to, status=status))
        return status == 202

    def refer_answered(self, transaction: Any) -> None:
        """Report that our REFER was accepted.

        PJSIP itself reports a refusal at once, but an acceptance only with the first NOTIFY.
        """
        status = transaction.statusCode
        if transaction.state == pj.PJSIP_TSX_STATE_COMPLETED and 200 <= status < 300:
            self._report(status, str(transaction.statusText), final=False)

    def progress(self, prm: Any) -> None:
        """Report PJSIP's `onCallTransferStatus`: a refusal of our REFER, or a NOTIFY."""
        self._report(prm.statusCode, prm.reason, final=bool(prm.finalNotify))

    def _report(self, status: int, reason: str, *, final: bool) -> None:
        self._notices.emit(
            TransferProgress(at=time.monotonic(), call=self._notices.call, status=status, reason=reason, final=final)
        )
