"""One webhook event: its type, its id in the form of Daily's samples, and its payload."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_daily_server.webhooks.event_table import SENT_EVENTS
from fake_daily_server.webhooks.event_types import EventType
from fake_daily_server.webhooks.payloads import Envelope, Payload


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """An event as it is delivered. It is the same for every webhook and in every attempt."""

    type: EventType
    id: str
    payload: Mapping[str, Any]
    triggered: bool = False
    """Whether somebody sends the event by hand, and nothing of the kind has happened. No request says so."""

    def body(self, sent_at: float) -> bytes:
        """The JSON body of a request that is sent at `sent_at`, in unix seconds.

        The JSON is compact, because some receivers check the signature over JSON that they have parsed and serialised
        again.
        """
        envelope = Envelope(type=self.type, id=self.id, payload=dict(self.payload), event_ts=round(sent_at, 3))
        return json.dumps(envelope.model_dump(), separators=(",", ":"), ensure_ascii=False).encode()


class WebhookEventFactory:
    """Creates the events of one domain, each with a different id."""

    def __init__(self, domain_id: str) -> None:
        self._domain_id = domain_id
        self._account = uuid.uuid5(uuid.NAMESPACE_OID, domain_id).int % 9000 + 1000
        """The number at the beginning of the ids of telephony events, the same for all events of the domain."""
        self._latest_ms = 0

    def make(self, event_type: EventType, fields: Mapping[str, Any], now: float) -> WebhookEvent:
        """Create the event of this type with these payload fields, for the time `now` in unix seconds.

        `domain_id` and `timestamp` are added to `fields` if the payload has them. Raises ValueError for a type that the
        fake does not send, and for fields that do not fit the payload.
        """
        sent = SENT_EVENTS.get(event_type)
        if sent is None:
            raise ValueError(f"webhook events of type {event_type!r} are never sent; SENT_EVENTS lists those that are")
        common = {"domain_id": self._domain_id, "timestamp": str(int(now))}
        wanted = {name: value for name, value in common.items() if name in sent.payload.model_fields}
        payload = sent.payload.model_validate({**wanted, **fields})
        return WebhookEvent(event_type, self._id(event_type, sent.id_word, payload, now), payload.as_json())

    def _id(self, event_type: EventType, id_word: str, payload: Payload, now: float) -> str:
        session_id = getattr(payload, "session_id", "")
        match event_type.partition(".")[0]:
            case "meeting":
                return f"{id_word}-{getattr(payload, 'meeting_id', '')}-{self._unique_ms(now)}"
            case "participant":
                return f"{id_word}-{session_id}-{self._unique_ms(now)}"
            case "calltransfer":
                return f"{self._account}-{id_word}-{session_id}{int(now)}"
            case _:
                return f"{self._account}-{id_word}-{session_id or self._unique_ms(now)}"

    def _unique_ms(self, now: float) -> int:
        """The time `now` as unix time in ms, increased where needed so that no value is returned twice."""
        self._latest_ms = max(self._latest_ms + 1, int(now * 1000))
        return self._latest_ms
