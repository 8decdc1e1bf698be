"""Runs the tests written in JavaScript, with the programs that `make peers` installs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.peers import NODE_MODULES

FOLDER = NODE_MODULES.parent


def run_node(program: str, *args: str, **environment: str) -> str:
    """Run a program of node_modules; return its output. Raises AssertionError with the output if it fails.

    Servers that it starts use the Python interpreter of this test.
    """
    done = subprocess.run(
        ["node", str(NODE_MODULES / program), *args],
        cwd=FOLDER,
        env={**os.environ, "DAILY_SIM_PYTHON": sys.executable, "NO_COLOR": "1", "CI": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def run_vitest(*files: Path, **environment: str) -> str:
    """Run these test files of `vitest/`; return the output."""
    return run_node("vitest/vitest.mjs", "run", *(str(file) for file in files), **environment)


def vitest_files() -> set[Path]:
    """All test files of `vitest/`."""
    return set(FOLDER.glob("vitest/*.test.*"))
