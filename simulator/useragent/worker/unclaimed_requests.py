"""Requests that no layer of PJSIP handles: an ACK is dropped, any other is answered 405 with Allow (RFC 3261 §8.2.1).

Without this, PJSIP leaves requests outside of dialogs unanswered, and answers an ACK that belongs to no transaction,
which trips an assertion and aborts the process.
"""

from __future__ import annotations

from simulator.sip_methods import ALLOW
from simulator.useragent.worker.pjsip import register_module
from simulator.useragent.worker.rx_data import is_ack
from simulator.useragent.worker.stateless import respond_stateless

_AFTER_DIALOGS = 33
"""Module priority just after PJSIP's user agent layer (32), which has handled all ACKs that belong to a dialog."""
_LAST = 120
"""Module priority after all of PJSIP's own modules."""


class UnclaimedRequests:
    """Two PJSIP modules. Keep this object as long as the endpoint lives, which calls into it."""

    def __init__(self) -> None:
        self._modules = (
            register_module(b"mod-unclaimed-acks", _AFTER_DIALOGS, on_request=self._drop_ack),
            register_module(b"mod-unclaimed", _LAST, on_request=self._refuse),
        )

    def _drop_ack(self, rdata: int) -> int:
        return int(is_ack(rdata))

    def _refuse(self, rdata: int) -> int:
        if not is_ack(rdata):
            respond_stateless(rdata, 405, None, (("Allow", ALLOW),))
        return 1
