"""CallClient: telephony."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._call import telephony_requests as _telephony
from .._native.arguments import plain, text
from .verbs import Completion, Verbs


class TelephonyVerbs(Verbs):
    """The client must be in the call, with the token of an owner or `canAdmin` for `participants`."""

    __slots__ = ()

    def start_dialout(
        self,
        settings: Mapping[str, Any],
        completion: Callable[[str | None, str | None], object] | None = None,
    ) -> None:
        """Call a `phoneNumber` or a `sipUri`. The completion gets the session id, before the phone rings.

        When this fails there is no `on_dialout_error`, as in production; that is for what happens in the network.
        `settings` are Daily's `DialoutSettings`; unknown ones are left out.
        """
        copied = plain(settings)
        self._start("startDialout", lambda: _telephony.start_dialout(self._call, copied), completion, with_result=True)

    def stop_dialout(self, participant_id: str, completion: Completion | None = None) -> None:
        """Hang up a call that was dialled."""
        session_id = text(participant_id)
        self._start("stopDialout", lambda: _telephony.stop_dialout(self._call, session_id), completion)

    def send_dtmf(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Press keys: `sessionId`, `tones`, and optionally `method` and `digitDurationMs`."""
        copied = plain(settings)
        self._start("sendDTMF", lambda: _telephony.send_dtmf(self._call, copied), completion)

    def sip_call_transfer(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Transfer the call `sessionId` to `toEndPoint`, `sip:…` or `+…`, the latter with a `callerId` if wanted."""
        copied = plain(settings)
        self._start("sipCallTransfer", lambda: _telephony.sip_call_transfer(self._call, copied), completion)

    def sip_refer(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Have the far end of the call `sessionId` call `toEndPoint`, `sip:…`, itself."""
        copied = plain(settings)
        self._start("sipRefer", lambda: _telephony.sip_refer(self._call, copied), completion)
