"""One happening as webhooks tell it: its type, its id in the form of Daily's samples, its payload."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fake_daily_server.webhooks.payloads import PAYLOADS, Envelope, Payload

_ID_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "meeting.started": "met-sta",
        "meeting.ended": "met-end",
        "participant.joined": "ptcpt-join",
        "participant.left": "ptcpt-left",
        "dialin.ready": "dial-in-ready",
        "dialin.connected": "dial-in-con",
        "dialin.stopped": "dial-in-stop",
        "dialin.warning": "dial-in-warn",
        "dialin.error": "dial-in-err",
        "dialout.connected": "dial-out-con",
        "dialout.answered": "dial-out-ans",
        "dialout.stopped": "dial-out-stop",
        "dialout.warning": "dial-out-warn",
        "dialout.error": "dial-out-err",
        "calltransfer.triggered": "call-transfer-trig",
        "calltransfer.initiated": "call-transfer-init",
        "calltransfer.answered": "call-transfer-ans",
        "calltransfer.completed": "call-transfer-completed",
    }
)


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told; the same for every webhook and every try."""

    type: str
    id: str
    payload: Mapping[str, Any]

    def body(self, sent_at: float) -> bytes:
        """The JSON that is posted at a moment in unix seconds; compact, since receivers sign what they parsed anew."""
        envelope = Envelope(type=self.type, id=self.id, payload=dict(self.payload), event_ts=round(sent_at, 3))
        return json.dumps(envelope.model_dump(), separators=(",", ":"), ensure_ascii=False).encode()


class Composer:
    """Makes messages of one domain, with ids that never repeat for different happenings."""

    def __init__(self, domain_id: str) -> None:
        self._domain_id = domain_id
        self._account = uuid.uuid5(uuid.NAMESPACE_OID, domain_id).int % 9000 + 1000
        """The number in front of telephony ids; one domain has the same in all of them."""
        self._latest_ms = 0

    def compose(self, kind: str, facts: Mapping[str, Any], now: float) -> Message:
        """The message about something of `kind`; domain and time are added to `facts` where the payload has them.

        Raises ValueError for a type that no payload is known of, and for facts that do not fit it.
        """
        model = PAYLOADS.get(kind)
        if model is None:
            raise ValueError(f"no payload is known of the webhook event {kind!r}")
        common = {"domain_id": self._domain_id, "timestamp": str(int(now))}
        payload = model.model_validate(
            {**{name: value for name, value in common.items() if name in model.model_fields}, **facts}
        )
        return Message(kind, self._id(kind, payload, now), payload.as_json())

    def _id(self, kind: str, payload: Payload, now: float) -> str:
        word = _ID_WORDS[kind]
        session_id = getattr(payload, "session_id", "")
        match kind.partition(".")[0]:
            case "meeting":
                return f"{word}-{getattr(payload, 'meeting_id', '')}-{self._moment(now)}"
            case "participant":
                return f"{word}-{session_id}-{self._moment(now)}"
            case "calltransfer":
                return f"{self._account}-{word}-{session_id}{int(now)}"
            case _:
                return f"{self._account}-{word}-{session_id or self._moment(now)}"

    def _moment(self, now: float) -> int:
        """Unix ms, one later for each that asks in the same ms."""
        self._latest_ms = max(self._latest_ms + 1, int(now * 1000))
        return self._latest_ms
