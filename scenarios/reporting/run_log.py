"""The live log of a scenario: timeline records as lines of text, printed while the scenario runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scenarios.reporting.cause_times import CauseTimes
from scenarios.reporting.style import CYAN, DIM, GREEN, Style
from scenarios.timeline_text.lines import describe
from scenarios.timeline_text.record_text import RecordText
from simulator.timeline import Record

JOIN_WITHIN_S = 0.15
"""Records of one group share a line when no more than this time lies between them."""
MATCH_WITHIN_S = 1.0
"""How long a line with events is held back for the step that expects them."""
LONGEST_TEXT = 90

_ALSO_IN_SIP = frozenset({"is told", "talks", "is done"})
"""Actions of a phone that the SIP messages of Daily's side show, too."""


class Output(Protocol):
    """Where the text goes; `sys.stdout` is one."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> object:
        """Show the written text at once."""


@dataclass
class ReportLine:
    """A line of the log while records can still be added to it."""

    started_at: float
    first: RecordText
    texts: list[str] = field(default_factory=list)
    last_at: float = 0.0
    """When the newest record happened, on the timeline's clock."""
    last_added_at: float = 0.0
    """When the newest record was added, by `time.monotonic()`."""
    unmatched: set[int] = field(default_factory=set)
    """`seq` of those of its events that no step has expected yet."""
    matched: bool = False
    """Whether a step has expected one of its events."""
    after_cause_ms: float | None = None

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return sum(map(len, self.texts))

    @property
    def has_events(self) -> bool:
        """Whether it is a line of events, which steps may expect."""
        return self.first.category == "event"


class RunLog:
    """Takes records and prints lines, in order, each as soon as no further record can be added to it."""

    def __init__(self, output: Output, style: Style) -> None:
        self.started_at = 0.0
        """When the scenario started, on the timeline's clock; the times of the lines count from it."""
        self._output = output
        self._style = style
        self._lines: deque[ReportLine] = deque()
        self._causes = CauseTimes()
        self._calls_in_sip: set[str] = set()

    def add(self, record: Record) -> None:
        """Add a record to the line of its group, or begin a new line with it."""
        words = describe(record)
        if words is None or self._is_duplicate(record):
            return
        self._causes.note(record)
        line = self._line_for(record, words)
        line.texts.append(words.text)
        line.last_at, line.last_added_at = record.at, time.monotonic()
        if line.has_events:
            line.unmatched.add(record.seq)
            if line.after_cause_ms is None:
                line.after_cause_ms = self._causes.elapsed_ms(record)

    def mark_expected(self, record: Record) -> None:
        """Mark the line of an event that a step has expected."""
        for line in self._lines:
            if record.seq in line.unmatched:
                line.unmatched.discard(record.seq)
                line.matched = True

    def flush(self, *, everything: bool = False) -> None:
        """Print the lines that are complete, or all of them."""
        now = time.monotonic()
        while self._lines and (everything or self._is_complete(self._lines[0], now)):
            self._print(self._lines.popleft())

    def _line_for(self, record: Record, words: RecordText) -> ReportLine:
        line = self._open_line(record, words)
        if line is None:
            line = ReportLine(record.at, words)
            self._lines.append(line)
        return line

    def _open_line(self, record: Record, words: RecordText) -> ReportLine | None:
        """The line that the record can be added to. Events are only added to the last line, to keep their order."""
        if words.group is None:
            return None
        line = next((line for line in reversed(self._lines) if line.first.group == words.group), None)
        if line is None or record.at - line.last_at > JOIN_WITHIN_S or line.length + len(words.text) > LONGEST_TEXT:
            return None
        return None if line.has_events and line is not self._lines[-1] else line

    def _is_complete(self, line: ReportLine, now: float) -> bool:
        if line.has_events and line.unmatched:
            return now - line.last_added_at > MATCH_WITHIN_S
        return line.first.group is None or now - line.last_added_at > JOIN_WITHIN_S

    def _is_duplicate(self, record: Record) -> bool:
        """Whether a phone's record repeats what the SIP messages of Daily's side of the call show."""
        call_id = record.fields.get("sip_call_id")
        if record.kind == "sip" and call_id:
            self._calls_in_sip.add(call_id)
        return record.kind == "phone" and record.fields.get("action") in _ALSO_IN_SIP and call_id in self._calls_in_sip

    def _print(self, line: ReportLine) -> None:
        style = self._style
        text = _joined(line.texts, line.first.category)
        mark = ""
        if line.matched:
            mark = "  " + style("✓", GREEN) + style(f" {line.after_cause_ms:.1f} ms", DIM)
        elif line.has_events:
            text = style(text, DIM)
        category = style(f"{line.first.category:<8}", CYAN)
        self._output.write(f"  {line.started_at - self.started_at:7.3f}  {category} {text}{mark}\n")
        self._output.flush()


def _joined(texts: Sequence[str], category: str) -> str:
    """`INVITE → 180 Ringing → 200 OK`; of other categories with repeated words left out: `dtmf-event 1 · 2`."""
    if category == "sip":
        return " → ".join(texts)
    shown: list[str] = []
    for before, text in zip(("", *texts), texts, strict=False):
        shown.append(_without_common_start(before, text) if before else text)
    return " · ".join(shown)


def _without_common_start(before: str, text: str) -> str:
    """`text` without the words that it begins with as `before` does, but with at least its last word."""
    old, new = before.split(" "), text.split(" ")
    same = 0
    while same < min(len(old), len(new)) - 1 and old[same] == new[same]:
        same += 1
    return " ".join(new[same:])
