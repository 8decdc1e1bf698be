"""The part of the timeline that is about one call of a phone: its records, and errors that show the latest of them."""

from __future__ import annotations

from typing import Any

from simulator.errors import ExpectationFailed
from simulator.timeline import Timeline
from simulator.useragent.handle import Call

_SHOWN = 12
"""How many of the latest records an error shows."""


class CallTimeline:
    """Records what a phone does and notices in one call."""

    def __init__(self, timeline: Timeline, phone: str, call: Call) -> None:
        self._timeline = timeline
        self._phone = phone
        self._call = call

    def record(self, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Record an action of the phone, now or at `time.monotonic()` = `at`. Fields that are None are left out."""
        given = {name: value for name, value in fields.items() if value is not None}
        self._timeline.append(
            "phone", at=at, phone=self._phone, action=action, sip_call_id=self._call.sip_call_id, **given
        )

    def latest(self) -> list[str]:
        """The latest records with the call's Call-ID, oldest first."""
        own = (
            str(record)
            for record in self._timeline.records()
            if record.fields.get("sip_call_id") == self._call.sip_call_id
        )
        return list(own)[-_SHOWN:]

    def failure(
        self, expected: str, within: float, *, nearest: str | None = None, because: str | None = None
    ) -> ExpectationFailed:
        """The error of a wait that has lasted `within` seconds; `nearest` is the call's state when left out."""
        return ExpectationFailed(
            f"{expected}  within {within:g} s",
            nearest=nearest or f"the call is {self._call.state}",
            because=because,
            happened=self.latest(),
        )
