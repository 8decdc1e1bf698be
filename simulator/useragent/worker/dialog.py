"""The state of one call's INVITE dialog (RFC 3261 §12, §13): its responses, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from simulator.useragent.messages import Answered, EarlyMedia, Ended, Headers, Ringing, Side
from simulator.useragent.sip_text import SipMessage
from simulator.useragent.worker.call_notices import CallNotices
from simulator.useragent.worker.own_requests import Lost
from simulator.useragent.worker.pjsip import pj


class Dialog:
    """Reports the responses to the INVITE, and keeps which of them were sent or received."""

    def __init__(self, notices: CallNotices, *, incoming: bool) -> None:
        self.incoming = incoming
        self.sip_call_id = ""
        self.confirmed = False
        """The INVITE was answered with 200, and that was acknowledged."""
        self.ended: Ended | None = None
        self.early_media_sent = False
        """This side has sent a provisional response with an SDP answer."""
        self.ack_awaited_since: float | None = None
        """Loop time at which our 200 went out; None before that, and again once its ACK has come."""
        self.hanging_up = False
        """This side has begun to end the call."""
        self.lost: Lost | None = None
        """Why this side ended the call, when its peer did not respond or did not know it."""
        self.began_at = time.monotonic()
        self._reinvites: set[bytes] = set()
        """Transaction ids of the re-INVITEs that were received."""
        self.on_reinvite_response: Callable[[int, str], None] | None = None
        """Gets status and reason of the final response to our own re-INVITE; None when none is under way."""
        self._notices = notices
        self._early = False
        self._final_response: SipMessage | None = None

    @property
    def answered(self) -> bool:
        """Whether an incoming call was answered with 200, with or without its ACK."""
        return self.ack_awaited_since is not None or self.confirmed

    @property
    def may_report_media(self) -> bool:
        """Whether the response that brought the media has been reported; `Media` notices come after it."""
        return self.confirmed or self._early or self.early_media_sent

    def is_new_reinvite(self, transaction: bytes) -> bool:
        """Keep the transaction ids of a received re-INVITE. False when they are known: it is a retransmission."""
        known = transaction in self._reinvites
        self._reinvites.add(transaction)
        return not known

    def provisional(self, info: Any, message: SipMessage | None, *, early_media: bool) -> None:
        """Report a provisional response: `EarlyMedia` when it has an answer that can be used, else `Ringing`."""
        self._early = self._early or early_media
        kind = EarlyMedia if early_media else Ringing
        self._notices.emit(
            kind(
                at=time.monotonic(),
                call=self._notices.call,
                status=info.lastStatusCode,
                reason=info.lastReason,
                headers=message.headers if message else (),
            )
        )

    def connecting(self, message: SipMessage) -> None:
        """Keep the 200 of an outgoing call for `confirm`."""
        self._final_response = message

    def confirm(self, ack: SipMessage | None) -> None:
        """Report that the call is answered; `ack` is the received ACK of an incoming call."""
        response = self._final_response
        message = ack if self.incoming else response
        self.confirmed = True
        self._notices.emit(
            Answered(
                at=time.monotonic(),
                call=self._notices.call,
                reason=response.status[1] if response else "OK",
                headers=message.headers if message else (),
            )
        )

    def who_ended(self, event: Any, status: int) -> Side:
        """Tell from the event that ended the call, and its status, which side ended it."""
        if event.type != pj.PJSIP_EVENT_TSX_STATE:
            return "local"
        tsx = event.body.tsxState.tsx
        if tsx.method == "INVITE" and tsx.role == pj.PJSIP_ROLE_UAC:
            received = event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG
            return "remote" if received and not (self.hanging_up and status == 487) else "local"
        if tsx.role == pj.PJSIP_ROLE_UAC or self.hanging_up:
            return "local"
        return "remote"

    def end(self, status: int, reason: str, by: Side, headers: Headers = ()) -> Ended:
        """Close the call's notices and return the last one, which the worker sends when PJSIP's slot is free."""
        self.ended = Ended(
            at=time.monotonic(), call=self._notices.call, status=status, reason=reason, by=by, headers=headers
        )
        self._notices.close()
        self._final_response = None
        if self.on_reinvite_response:
            self.on_reinvite_response(status, reason)
        return self.ended
