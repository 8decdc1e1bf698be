"""What the request screen asks about a call."""

from __future__ import annotations

from simulator.useragent.worker.dialog import Dialog
from simulator.useragent.worker.dialog_requests import CallState
from simulator.useragent.worker.transfers import Transfers


class ScreenedCall:
    """A call as `RequestScreen` sees it, also for some time after its end, when its peer may still send requests."""

    def __init__(self, dialog: Dialog, transfers: Transfers) -> None:
        self._dialog = dialog
        self._transfers = transfers

    @property
    def state(self) -> CallState:
        """The state on which the responses to the peer's requests depend."""
        if self._dialog.ended is None:
            return CallState.UP
        return CallState.OVER if self._dialog.ended.by == "remote" else CallState.HUNG_UP_HERE

    @property
    def awaits_notify(self) -> bool:
        """Whether a REFER of ours has a subscription."""
        return self._transfers.subscribed

    def is_within(self, method: bytes) -> bool:
        """Whether a request of ours with this method is one within the dialog, which has begun or begins with it."""
        return method != b"INVITE" or self._dialog.confirmed

    def is_new_reinvite(self, transaction: bytes) -> bool:
        """Whether no re-INVITE with these transaction ids was received before."""
        return self._dialog.is_new_reinvite(transaction)
