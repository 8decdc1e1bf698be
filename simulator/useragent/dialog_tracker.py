"""Keeps the SIP dialog of a call up to date, by the call's notices."""

from __future__ import annotations

from simulator.sip_dialog import SipDialog
from simulator.useragent import messages as m


class DialogTracker:
    """Follows the notices of one call. `dialog` is None until there is one."""

    def __init__(self) -> None:
        self.dialog: SipDialog | None = None
        self._dialled_uri: str | None = None
        """The Request-URI of our INVITE; None for an incoming call."""
        self._invite_headers: m.Headers = ()

    def follow(self, notice: m.AnyCallNotice) -> None:
        """Take what a notice says about the dialog."""
        match notice:
            case m.Dialling():
                self._dialled_uri = notice.remote_uri
            case m.Incoming():
                self._invite_headers = notice.headers
            case m.TargetChanged() if self.dialog is not None:
                self.dialog = self.dialog.with_target(notice.uri)
            case m.Trying() | m.Ringing() | m.EarlyMedia() | m.Answered():
                self._take_response(notice.headers, answered=isinstance(notice, m.Answered))

    def _take_response(self, headers: m.Headers, *, answered: bool) -> None:
        """Take the header fields of a response to our INVITE, or of the ACK of our answer to the peer's."""
        if self._dialled_uri is None:
            self.dialog = SipDialog.of_ack(self._invite_headers, headers)
        else:
            self.dialog = SipDialog.of_response(self._dialled_uri, headers, answered=answered)
