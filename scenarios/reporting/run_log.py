"""The live log of a scenario: timeline records as lines of text, printed while the scenario runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fake_daily_server.timeline_text.lines import describe
from fake_daily_server.timeline_text.record_text import RecordText
from scenarios.reporting.cause_times import CauseTimes
from scenarios.reporting.style import CYAN, DIM, GREEN, Style
from simulator.timeline import Record

JOIN_WITHIN_S = 0.15
"""Records of a group share a line if they are at most this many seconds apart."""
MATCH_WITHIN_S = 1.0
"""Seconds for which a line with events is held back, so that a step can still match them."""
LONGEST_TEXT = 90

_ALSO_IN_SIP = frozenset({"receives", "has media", "call ended"})
"""Actions of a phone that are omitted if the SIP messages of Daily's side of the call are in the log."""


class Output(Protocol):
    """A text stream for the log, such as `sys.stdout`."""

    def write(self, text: str, /) -> object:
        """Append `text` to the stream, without a line end of its own."""

    def flush(self) -> object:
        """Pass text that the stream has buffered on to its destination."""


@dataclass
class ReportLine:
    """A line of the log that has not been printed, so that records can still be added."""

    started_at: float
    first: RecordText
    texts: list[str] = field(default_factory=list)
    last_at: float = 0.0
    """Time of the newest record, on the timeline's clock."""
    last_added_at: float = 0.0
    """Time at which the newest record was added, by `time.monotonic()`."""
    unmatched: set[int] = field(default_factory=set)
    """`seq` of each event in the line that no step has matched yet."""
    matched: bool = False
    """Whether a step has matched an event in the line."""
    after_cause_ms: float | None = None

    @property
    def length(self) -> int:
        """Number of characters so far."""
        return sum(map(len, self.texts))

    @property
    def has_events(self) -> bool:
        """Whether the line shows events, which steps can match."""
        return self.first.category == "event"


class RunLog:
    """Collects records into lines, and prints the lines in order, each once no record can be added any more."""

    def __init__(self, output: Output, style: Style) -> None:
        self.started_at = 0.0
        """Start of the scenario on the timeline's clock; the times in the log are relative to it."""
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
        """Mark the line of an event that a step has matched."""
        for line in self._lines:
            if record.seq in line.unmatched:
                line.unmatched.discard(record.seq)
                line.matched = True

    def flush(self, *, everything: bool = False) -> None:
        """Print the completed lines, or all lines if `everything`."""
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
        """The line to which the record can be added, or None. Events go only to the last line, to keep their order."""
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
        """Whether a phone's record repeats SIP messages of Daily's side of the call, which are already in the log."""
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
    """Join texts to a line: `INVITE → 180 Ringing → 200 OK`; outside SIP without repeated words: `dtmf-event 1 · 2`."""
    if category == "sip":
        return " → ".join(texts)
    shown: list[str] = []
    for before, text in zip(("", *texts), texts, strict=False):
        shown.append(_without_common_start(before, text) if before else text)
    return " · ".join(shown)


def _without_common_start(before: str, text: str) -> str:
    """`text` without the leading words that it shares with `before`; the last word always remains."""
    old, new = before.split(" "), text.split(" ")
    same = 0
    while same < min(len(old), len(new)) - 1 and old[same] == new[same]:
        same += 1
    return " ".join(new[same:])
