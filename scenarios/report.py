"""The live account of a run: which call, which digit, which event, how long; and what went wrong with what failed."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scenarios.files import ScenarioFile
from scenarios.runner import Failure, Result
from scenarios.steps.base import Step
from scenarios.telling import Told, told
from simulator.timeline import Record

JOIN_WITHIN_S = 0.15
"""Happenings of one thread share a line when they are no further apart."""
SETTLE_S = 1.0
"""How long a line with events waits for the step that expects them."""
LONGEST_TEXT = 90
PROGRESS_EVERY_S = 2.0

_CAUSES = frozenset({"sip", "media", "phone", "digit", "client", "carrier", "worker"})
_ECHOES = frozenset({"is told", "talks", "is done"})
_IDS = ("session_id", "sip_call_id")


class Style:
    """ANSI colours, or none."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def __call__(self, text: str, *codes: int) -> str:
        """`text` in the given SGR codes."""
        return f"\x1b[{';'.join(map(str, codes))}m{text}\x1b[0m" if self._colours and codes else text


BOLD, DIM, RED, GREEN, YELLOW, CYAN = 1, 2, 31, 32, 33, 36


class Output(Protocol):
    """Where text goes; `sys.stdout` is one."""

    def write(self, text: str, /) -> object:
        """Take text."""

    def flush(self) -> object:
        """Show it now."""


@dataclass
class Line:
    """One line of the account while it is still growing."""

    at: float
    told: Told
    parts: list[str] = field(default_factory=list)
    last_at: float = 0.0
    shown_at: float = 0.0
    unmatched: set[int] = field(default_factory=set)
    """`seq` of the events in it that no step has expected yet."""
    matched: bool = False
    after_cause_ms: float | None = None

    @property
    def length(self) -> int:
        """Characters so far."""
        return sum(map(len, self.parts))

    @property
    def is_event(self) -> bool:
        """Whether it waits for a step that expects it."""
        return self.told.lane == "event"


class Account:
    """Records in, lines out: in order, each as soon as nothing more can come to it."""

    def __init__(self, output: Output, style: Style) -> None:
        self.began = 0.0
        self._output = output
        self._style = style
        self._lines: deque[Line] = deque()
        self._causes: dict[str, float] = {}
        self._last_cause = 0.0
        self._in_sip: set[str] = set()

    def record(self, record: Record) -> None:
        """Something happened."""
        words = told(record)
        if words is None or self._is_echo(record):
            return
        if record.kind in _CAUSES:
            self._note_cause(record)
        self._add(record, words)

    def expected(self, record: Record) -> None:
        """A step has expected this event."""
        for line in self._lines:
            if record.seq in line.unmatched:
                line.unmatched.discard(record.seq)
                line.matched = True

    def flush(self, *, everything: bool = False) -> None:
        """Print the lines that are complete."""
        now = time.monotonic()
        while self._lines and (everything or self._is_complete(self._lines[0], now)):
            self._print(self._lines.popleft())

    def _add(self, record: Record, words: Told) -> None:
        line = self._open_line(record, words)
        if line is None:
            line = Line(record.at, words)
            self._lines.append(line)
        line.parts.append(words.text)
        line.last_at, line.shown_at = record.at, time.monotonic()
        if line.is_event:
            line.unmatched.add(record.seq)
            if line.after_cause_ms is None:
                line.after_cause_ms = self._after_cause(record)

    def _open_line(self, record: Record, words: Told) -> Line | None:
        """The line that this can be added to. Events keep their order; a call's SIP messages find their call."""
        candidates = [line for line in self._lines if words.thread is not None and line.told.thread == words.thread]
        line = candidates[-1] if candidates else None
        if line is None or record.at - line.last_at > JOIN_WITHIN_S or line.length + len(words.text) > LONGEST_TEXT:
            return None
        return None if line.is_event and line is not self._lines[-1] else line

    def _is_complete(self, line: Line, now: float) -> bool:
        if line.is_event and line.unmatched:
            return now - line.shown_at > SETTLE_S
        return line.told.thread is None or now - line.shown_at > JOIN_WITHIN_S

    def _is_echo(self, record: Record) -> bool:
        """What a phone says of its call, where the other end's SIP says the same."""
        call_id = record.fields.get("sip_call_id")
        if record.kind == "sip" and call_id:
            self._in_sip.add(call_id)
        return record.kind == "phone" and record.fields.get("action") in _ECHOES and call_id in self._in_sip

    def _note_cause(self, record: Record) -> None:
        self._last_cause = record.at
        for name in _IDS:
            if identifier := record.fields.get(name):
                self._causes[str(identifier)] = record.at

    def _after_cause(self, record: Record) -> float:
        ids = (str(record.fields.get(name)) for name in _IDS)
        known = [self._causes[each] for each in ids if each in self._causes]
        return (record.at - max(known, default=self._last_cause)) * 1000

    def _print(self, line: Line) -> None:
        style = self._style
        text = _joined(line.parts, line.told.lane)
        mark = ""
        if line.matched:
            mark = "  " + style("✓", GREEN) + style(f" {line.after_cause_ms:.1f} ms", DIM)
        elif line.is_event:
            text = style(text, DIM)
        lane = style(f"{line.told.lane:<8}", CYAN)
        self._output.write(f"  {line.at - self.began:7.3f}  {lane} {text}{mark}\n")
        self._output.flush()


def _joined(parts: Sequence[str], lane: str) -> str:
    """`INVITE → 180 Ringing → 200 OK`; events side by side; repeated words once: `dtmf-event 1 · 2`."""
    if lane == "sip":
        return " → ".join(parts)
    texts: list[str] = []
    for before, text in zip(("", *parts), parts, strict=False):
        texts.append(_new_words(before, text) if before else text)
    return " · ".join(texts)


def _new_words(before: str, text: str) -> str:
    old, new = before.split(" "), text.split(" ")
    same = 0
    while same < min(len(old), len(new)) - 1 and old[same] == new[same]:
        same += 1
    return " ".join(new[same:])


class ConsoleReport:
    """An observer that prints. Quiet: only failures, and progress when it takes long; the summary is the caller's."""

    def __init__(self, output: Output, *, total: int, quiet: bool = False, colours: bool = False) -> None:
        self._output = output
        self._style = Style(colours=colours)
        self._total = total
        self._quiet = quiet
        self._done = 0
        self._step: Step | None = None
        self._account: Account | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._said_at = time.monotonic()

    # --- as an observer --------------------------------------------------------------------------------------

    def scenario_begins(self, file: ScenarioFile) -> None:
        """Print its title."""
        self._step = None
        self._said_at = time.monotonic()
        self._ticker = asyncio.get_running_loop().call_later(0.1, self._tick)
        if not self._quiet:
            self._account = Account(self._output, self._style)
            self._write(f"{self._style(f'{file.name:<36}', BOLD)} {file.scenario.title}\n")

    def record(self, record: Record) -> None:
        """Take it into the account."""
        if self._account is None:
            return
        if record.kind == "scenario":
            self._account.began = record.at
        self._account.record(record)
        self._account.flush()
        self._said_at = time.monotonic()

    def expected(self, record: Record) -> None:
        """Mark it."""
        if self._account is not None:
            self._account.expected(record)
            self._account.flush()

    def step_begins(self, step: Step) -> None:
        """Remember what is being waited for."""
        self._step = step

    def scenario_ends(self, result: Result) -> None:
        """Print how it went."""
        self._done += 1
        if self._ticker is not None:
            self._ticker.cancel()
        if self._account is not None:
            self._account.flush(everything=True)
            self._account = None
        if result.failure is not None:
            if self._quiet:
                self._write(f"{self._style(result.file.name, BOLD)}  {result.file.scenario.title}\n")
            self._write(failure_text(result, self._style))
        elif not self._quiet:
            self._write(f"   {self._style('ok', GREEN, BOLD)} {result.seconds:.1f} s   {facts(result.records)}\n")
        self._said_at = time.monotonic()

    # --- inside ----------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Complete lines, and a sign of life when nothing has been said for a while."""
        if self._account is not None:
            self._account.flush()
        if time.monotonic() - self._said_at > PROGRESS_EVERY_S:
            self._said_at = time.monotonic()
            what = f" waiting: {self._step}" if self._step is not None else ""
            self._write(self._style(f"   … {self._done} of {self._total} scenarios are done;{what}\n", DIM))
        self._ticker = asyncio.get_running_loop().call_later(0.1, self._tick)

    def _write(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()


def failure_text(result: Result, style: Style) -> str:
    """What failed, where in the file, and the story, indented."""
    failure = result.failure
    if failure is None:
        return ""
    head = style(f"   FAILED {result.seconds:.1f} s", RED, BOLD)
    story = "".join(f"      {line}\n" for line in failure.text.splitlines())
    return f"{head}   {where(result.file, failure)}\n{story}"


def where(file: ScenarioFile, failure: Failure) -> str:
    """`path:line: step 3, its words`."""
    if failure.step is None:
        return str(file.path)
    place = file.steps[failure.step]
    return f"{file.path}:{place.line}: step {failure.step + 1}, {file.scenario.steps[failure.step]}"


def facts(records: Iterable[Record]) -> str:
    """`2 calls · 3 digits · PCMU · 9 events`."""
    calls: set[str] = set()
    codecs: dict[str, None] = {}
    digits = events = 0
    for record in records:
        if record.fields.get("sip_call_id"):
            calls.add(record.fields["sip_call_id"])
        if codec := record.fields.get("codec"):
            codecs[codec] = None
        digits += record.kind == "digit" or record.fields.get("action") == "hears"
        events += record.kind == "event"
    counted = (_some(len(calls), "call"), _some(digits, "digit"), *codecs, _some(events, "event"))
    return " · ".join(filter(None, counted))


def summary(results: Sequence[Result], seconds: float, style: Style) -> str:
    """`22 scenarios, 22 passed in 14.8 s`, and the failed ones by name."""
    failed = [result for result in results if not result.passed]
    counts = f"{_count(len(results), 'scenario')}, {len(results) - len(failed)} passed"
    if failed:
        counts += f", {len(failed)} failed"
    lines = [f"{style('failed', RED)}  {where(each.file, each.failure)}" for each in failed if each.failure]
    lines.append(style(f"{counts} in {seconds:.1f} s", BOLD, RED if failed else GREEN))
    return "\n".join(lines)


def _some(number: int, what: str) -> str:
    return _count(number, what) if number else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
