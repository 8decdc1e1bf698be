"""Parses a recipe page into steps: files to write, commands to type, and their output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^`(?P<name>[\w./-]+)`:\n\s*\Z", re.MULTILINE)
_END = "END_OF_RECIPE_FILE"


@dataclass(frozen=True, slots=True)
class File:
    """A code block after a line that consists of its file name in backquotes and a colon."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a console block that begins with `$ `."""

    line: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Any other line of a console block: part of the output of the preceding command."""

    line: str


Step = File | Command | Printed


def steps(page: Path) -> list[Step]:
    """Return the steps of the page. Raises ValueError for a block without a file name: every block is tested."""
    found: list[Step] = []
    text = page.read_text()
    for fence in _FENCE.finditer(text):
        if fence["language"] == "console":
            found += map(_console, fence["text"].splitlines())
        elif named := _NAME.search(text[: fence.start()]):
            found.append(File(named["name"], fence["text"]))
        else:
            begins = fence["text"].splitlines()[0]
            raise ValueError(
                f"{page.name}: the {fence['language'] or 'plain'} block “{begins}” has no file name before it"
            )
    return found


def _console(line: str) -> Step:
    return Command(line[2:].strip()) if line.startswith("$ ") else Printed(line.strip())


def script(recipe: Sequence[Step]) -> str:
    """Return files and commands as one shell script, which ends at the first failure."""
    return "\n".join(["set -e", *(_as_shell(step) for step in recipe if not isinstance(step, Printed)), ""])


def _as_shell(step: File | Command) -> str:
    if isinstance(step, Command):
        # `set -e` alone does not exit if `a` fails in `a && b`.
        return f"echo {shlex.quote('$ ' + step.line)}\n{step.line} || exit"
    return f"mkdir -p $(dirname {step.name})\ncat > {step.name} <<'{_END}'\n{step.text}{_END}"


def missing_output(recipe: list[Step], output: str) -> list[str]:
    """Return the lines that the page shows as output and that the commands did not print."""
    missing = []
    rest = output
    for step in recipe:
        if isinstance(step, Command):
            rest = rest.partition(f"$ {step.line}\n")[2]
        elif isinstance(step, Printed) and step.line not in rest:
            missing.append(step.line)
    return missing
