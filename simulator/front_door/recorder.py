"""Timeline records of the front door: requests it refused, calls it tore down, messages it dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.sip_bytes import Message, shown
from simulator.sip_requests.hop import Hop

REPEAT_INTERVAL = 1.0
"""Seconds during which further drops from the same host for the same reason are counted, not recorded."""


@dataclass(slots=True)
class _RepeatedDrop:
    until: float
    fields: dict[str, Any]
    """The fields of the newest drop."""
    count: int = 0


class Recorder:
    """Passes the fields of each timeline record to `record`; `now` is in seconds of `time.monotonic()`."""

    def __init__(self, record: Callable[[dict[str, Any]], None]) -> None:
        self._record = record
        self._drops: dict[tuple[str, str, str], _RepeatedDrop] = {}

    def record_refusal(
        self, message: Message, source: Hop, status: int, reason: str, *, because: str = "", worker: str = ""
    ) -> None:
        """Record that the front door itself, or a worker at its own port, sent a final response to a request."""
        why = {"because": because} if because else {}
        self._record({"refused": status, "reason": reason, **why, **_message_fields(message, source, worker)})

    def record_teardown(self, action: str, call_id: str, worker: str, because: str) -> None:
        """Record that the front door ended a call in the place of a worker."""
        self._record({"did": action, "sip_call_id": call_id, "worker": worker, "because": because})

    def record_drop(self, why: str, message: Message, source: Hop, now: float, *, worker: str = "") -> None:
        """Record that a message was neither forwarded nor answered; repetitions are recorded once a second.

        `worker` is the address of the worker that got it at its own port.
        """
        key = (why, source.host, worker)
        repeated = self._drops.get(key)
        fields = {"dropped": why, **_message_fields(message, source, worker)}
        if repeated is not None and now < repeated.until:
            repeated.count += 1
            repeated.fields = fields
            return
        self._drops[key] = _RepeatedDrop(now + REPEAT_INTERVAL, fields)
        self._record({**fields, "count": 1})

    def flush_repeats(self, now: float) -> None:
        """Record the counts of repeated drops whose interval is over."""
        for key, repeated in tuple(self._drops.items()):
            if repeated.until <= now:
                del self._drops[key]
                if repeated.count:
                    self._record({**repeated.fields, "count": repeated.count})

    @property
    def next_flush(self) -> float | None:
        """When `flush_repeats` is due; None while no drops are counted."""
        return min((repeated.until for repeated in self._drops.values()), default=None)


def _message_fields(message: Message, source: Hop, worker: str) -> dict[str, Any]:
    return {
        "start_line": shown(message.start, most=120),
        "sip_call_id": shown(message.value(b"call-id") or b"", most=120),
        "peer": str(source),
        "transport": source.transport,
        **({"worker": worker} if worker else {}),
    }
