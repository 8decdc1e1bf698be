"""A recipe page as a reader follows it: files to write and commands to type, in order."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^`(?P<name>[\w./-]+)`:\n\s*\Z", re.MULTILINE)
_END = "END_OF_RECIPE_FILE"


@dataclass(frozen=True, slots=True)
class File:
    """A block that follows a line which is only its name in backquotes and a colon."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a console block that begins with `$ `."""

    line: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Another line of a console block: what the command before it prints, perhaps with more before and after it."""

    line: str


Step = File | Command | Printed


def steps(page: Path) -> list[Step]:
    """What the page tells to do. Raises ValueError for a block that is neither, so that nothing is left untested."""
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


def script(recipe: list[Step]) -> str:
    """Files and commands as one shell, so that an activated environment stays; it ends at the first that fails."""
    return "\n".join(["set -e", *(_written(step) for step in recipe if not isinstance(step, Printed)), ""])


def _written(step: File | Command) -> str:
    if isinstance(step, Command):
        return f"echo {shlex.quote('$ ' + step.line)}\n{step.line} || exit"  # set -e lets `a && b` fail in a
    return f"mkdir -p $(dirname {step.name})\ncat > {step.name} <<'{_END}'\n{step.text}{_END}"


def not_printed(recipe: list[Step], output: str) -> list[str]:
    """Lines that the page shows and that were not printed after the commands they belong to."""
    missing = []
    rest = output
    for step in recipe:
        if isinstance(step, Command):
            rest = rest.partition(f"$ {step.line}\n")[2]
        elif isinstance(step, Printed) and step.line not in rest:
            missing.append(step.line)
    return missing
