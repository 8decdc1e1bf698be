"""Which records and messages the ladder of a page has: those of some kinds, with a text in them, up to a moment."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from fake_daily_server.report.step import Step
from fake_daily_server.timeline_text.lines import describe
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class LadderFilter:
    """What the page asks for. Nothing: everything."""

    text: str = ""
    """A text that the message or record contains, in any case of its letters."""
    hidden: Collection[str] = ()
    """Kinds of rows that are left out."""
    until: int | None = None
    """The `seq` of the newest record; what came later is left out."""

    def takes(self, record: Record) -> bool:
        """Whether a record is to be a row; some that are taken are told by SIP messages, and are none."""
        words = describe(record)
        if words is None or words.category in self.hidden or (self.until is not None and record.seq > self.until):
            return False
        return not self.text or self._is_in(f"{words.text}\n{_json(record)}")

    def takes_message(self, step: Step, latest: float | None) -> bool:
        """Whether a SIP message is to be a row; `latest` is the time of the newest record, if there is a limit."""
        if step.kind in self.hidden or (latest is not None and step.at > latest):
            return False
        return not self.text or self._is_in(f"{step.label}\n{step.detail()}\n{step.sdp}")

    def _is_in(self, whole: str) -> bool:
        return self.text.lower() in whole.lower()


def _json(record: Record) -> str:
    return json.dumps(record.as_dict(), ensure_ascii=False, default=str)
