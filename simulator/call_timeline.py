"""The timeline records of one call of a phone, and errors that show the latest of these records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simulator.compared_field import ComparedField
from simulator.errors import ExpectationFailed
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call

_SHOWN = 12
"""Number of the latest records in the text of an error."""


class CallTimeline:
    """Records what a phone does and receives in one call."""

    def __init__(self, timeline: Timeline, phone: str, call: Call) -> None:
        self._timeline = timeline
        self._phone = phone
        self._call = call

    def record(self, action: str, *, at: float | None = None, **fields: Any) -> None:
        """Record an action of the phone at `time.monotonic()` = `at`, or now. Fields that are None are omitted."""
        given = {name: value for name, value in fields.items() if value is not None}
        self._timeline.append(
            "phone", at=at, phone=self._phone, action=action, sip_call_id=self._call.sip_call_id, **given
        )

    def record_notice(self, notice: messages.AnyCallNotice) -> None:
        """Record a notice of the user agent: a message received, a change of the media, or a failure."""
        match notice:
            case messages.Ringing() | messages.EarlyMedia():
                self.record("receives", at=notice.at, status=notice.status, reason=notice.reason)
            case messages.Answered() if not self._call.incoming:
                self.record("receives", at=notice.at, status=notice.status, reason=notice.reason)
            case messages.Media():
                event = notice.telephone_event
                self.record("has media", at=notice.at, codec=notice.codec, telephone_event=event)
            case messages.Held():
                self.record("is held" if notice.by == "remote" else "has held", at=notice.at)
            case messages.DigitsFailed():
                self.record(
                    "cannot press", at=notice.at, not_sent=notice.digits, method=notice.method, because=notice.error
                )
            case messages.InfoReceived():
                self.record("receives INFO", at=notice.at, content_type=notice.content_type, status=notice.status)
            case messages.TransferProgress():
                self.record("receives NOTIFY", at=notice.at, status=notice.status, reason=notice.reason)
            case messages.TransferRequested():
                self.record("receives REFER", at=notice.at, to=notice.to, status=notice.status)
            case _:
                pass

    def latest(self) -> list[str]:
        """The latest records with the call's Call-ID, oldest first."""
        own = (
            str(record)
            for record in self._timeline.records()
            if record.fields.get("sip_call_id") == self._call.sip_call_id
        )
        return list(own)[-_SHOWN:]

    def played(self) -> str | None:
        """What the far end plays instead of a conversation, and why: `played` of the latest record that has it."""
        own = (r.fields for r in self._timeline.records() if r.fields.get("sip_call_id") == self._call.sip_call_id)
        known: list[str | None] = [fields["played"] for fields in own if "played" in fields]
        return known[-1] if known else None

    def awaited_by_peer(self) -> str | None:
        """What the far end waits for before it answers: `awaits` of the latest record that has it."""
        own = (r.fields for r in self._timeline.records() if r.fields.get("sip_call_id") == self._call.sip_call_id)
        known: list[str | None] = [fields["awaits"] for fields in own if "awaits" in fields]
        return known[-1] if known else None

    def refusal_reason(self) -> str | None:
        """Why the call was refused, by this phone, the called one or the front door; None if no reason is known."""
        for fields in (record.fields for record in self._timeline.records()):
            is_refusal = "refused" in fields or fields.get("action") == "rejects"
            if is_refusal and "because" in fields and fields.get("sip_call_id") == self._call.sip_call_id:
                return str(fields["because"])
        return None

    def failure(
        self,
        expected: str,
        within: float,
        *,
        nearest: str | None = None,
        because: str | None = None,
        compared: Iterable[ComparedField] = (),
    ) -> ExpectationFailed:
        """Build the error of a wait that has failed after `within` seconds; `nearest` defaults to the call's state."""
        return ExpectationFailed(
            f"{expected}  within {within:g} s",
            nearest=nearest or f"the call is {self._call.state}",
            because=because,
            happened=self.latest(),
            compared=compared,
        )
