"""What pytest shows of a failed test: the reason first, the lines of the test and of its bot, and the account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType

from fake_daily_server.clients.not_awaited import NotAwaited
from fake_daily_server.handles.running_program import RunningProgram
from fake_daily_server.plain_imports import FOLDERS
from fake_daily_server.timeline_text.account import account
from simulator.errors import ExpectationFailed, SimulatorError
from simulator.timeline import Timeline

SHOWN_LINES = 60
"""How many of the last lines of the account a report shows."""


def shortened(error: BaseException) -> BaseException:
    """The error as a report shows it: without the records that the account repeats, and without our own frames."""
    if isinstance(error, ExpectationFailed):
        error.args = (error.without_records,)
    return error.with_traceback(_users_frames(error))


def summary(error: BaseException) -> str | None:
    """One line for pytest's summary that begins with the reason; None to keep pytest's own."""
    if isinstance(error, NotAwaited):
        return str(error)
    if not isinstance(error, ExpectationFailed):
        return None
    reason = error.because or error.nearest
    return f"{reason} (expected: {error.expected})" if reason else f"expected: {error.expected}"


def latest_account(timeline: Timeline) -> str:
    """The last lines of what has happened."""
    lines = account(timeline.records())
    if not lines:
        return "nothing has happened"
    left_out = len(lines) - SHOWN_LINES
    return "\n".join([f"… {left_out} earlier lines"] * (left_out > 0) + lines[-SHOWN_LINES:])


def _users_frames(error: BaseException) -> TracebackType | None:
    """The traceback without frames of this distribution and of the event loop; all of it if we are at fault."""
    entries = list(_entries(error.__traceback__))
    users = [entry for entry in entries if not _is_hidden(entry)]
    if not users or (_is_ours(entries[-1]) and not isinstance(error, SimulatorError | ConnectionError)):
        return error.__traceback__
    shown: TracebackType | None = None
    for entry in reversed(users):
        shown = TracebackType(shown, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return shown


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_ours(entry: TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename.startswith(FOLDERS)


def _is_hidden(entry: TracebackType) -> bool:
    return _is_ours(entry) or entry.tb_frame.f_globals.get("__package__") in ("asyncio", "concurrent.futures")


def report_sections(timeline: Timeline, programs: Sequence[RunningProgram]) -> Iterator[tuple[str, str]]:
    """Title and text of the sections that a report of a failed test gets."""
    for program in programs:
        yield f"output of {program.command}", program.output
    yield "timeline of the fake Daily", latest_account(timeline)
