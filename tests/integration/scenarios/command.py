"""The command line in a process of its own, as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import scenarios

SHIPPED = Path(scenarios.__file__).parent / "files"
ROOT = SHIPPED.parents[1]


@dataclass(frozen=True)
class Completed:
    """The exit code and the output of a command that has ended."""

    code: int
    out: str
    err: str

    def line(self, beginning: str) -> str:
        """The first line of the output that begins with this text after its indentation; empty when there is none."""
        lines = (line.strip() for line in self.out.splitlines())
        return next((line for line in lines if line.startswith(beginning)), "")


def start(*arguments: str | Path, folder: Path = ROOT, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scenarios", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def command(*arguments: str | Path, folder: Path = ROOT, **environment: str) -> Completed:
    with start(*arguments, folder=folder, **environment) as process:
        out, err = process.communicate()
    return Completed(process.returncode, out, err)
