"""The failed tests of a run as Markdown, for the page of a pull request or of a CI job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class FailedTest:
    """One row: the test's name, why it failed, and the path of its report, if there is one."""

    name: str
    reason: str
    page: str | None = None


def markdown(failed: Sequence[FailedTest], *, passed: int) -> str:
    """A heading with the counts, and a table of the failed tests if there are any."""
    lines = [f"### {passed} passed, {len(failed)} failed", ""]
    if failed:
        lines += ["| test | why | report |", "| --- | --- | --- |"]
        lines += [f"| {_cell(each.name)} | {_cell(each.reason)} | {_cell(each.page or '')} |" for each in failed]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text for one cell: nothing in it is Markdown or HTML."""
    line = " ".join(text.split())
    if len(line) > _LONGEST_REASON:
        line = f"{line[:_LONGEST_REASON]}…"
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;").replace("`", "&#96;")
    return f"<code>{escaped}</code>" if escaped else ""
