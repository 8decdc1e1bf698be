"""TelephonyVerbs: dial-out, DTMF, transfers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._call import telephony_requests
from .._native.arguments import json_copy, string
from .verbs import Completion, Verbs


class TelephonyVerbs(Verbs):
    """The verbs for telephony. They require a call, and an owner's token or `canAdmin` for `participants`."""

    __slots__ = ()

    def start_dialout(
        self,
        settings: Mapping[str, Any],
        completion: Callable[[str | None, str | None], object] | None = None,
    ) -> None:
        """Dial a `phoneNumber` or a `sipUri`. The completion receives the session id before the far end rings.

        As in production, `on_dialout_error` reports failures in the network, not a failure of the verb itself.
        `settings` are Daily's `DialoutSettings`; unknown fields are ignored.
        """
        copied = json_copy(settings)
        self._start(
            "startDialout", lambda: telephony_requests.start_dialout(self._call, copied), completion, with_result=True
        )

    def stop_dialout(self, participant_id: str, completion: Completion | None = None) -> None:
        """Hang up the dial-out with this session id."""
        session_id = string(participant_id)
        self._start("stopDialout", lambda: telephony_requests.stop_dialout(self._call, session_id), completion)

    def send_dtmf(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Send digits to the far end of a call: `sessionId`, `tones`, optionally `method` and `digitDurationMs`."""
        copied = json_copy(settings)
        self._start("sendDTMF", lambda: telephony_requests.send_dtmf(self._call, copied), completion)

    def sip_call_transfer(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Transfer the call `sessionId` to `toEndPoint`: `sip:…`, or `+…` with an optional `callerId`."""
        copied = json_copy(settings)
        self._start("sipCallTransfer", lambda: telephony_requests.sip_call_transfer(self._call, copied), completion)

    def sip_refer(self, settings: Mapping[str, Any], completion: Completion | None = None) -> None:
        """Send a SIP REFER to the peer of the call `sessionId`; the peer then calls `toEndPoint` (`sip:…`) itself."""
        copied = json_copy(settings)
        self._start("sipRefer", lambda: telephony_requests.sip_refer(self._call, copied), completion)
