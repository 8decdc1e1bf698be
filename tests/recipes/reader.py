"""Follows a recipe like a reader who has Python, Node, a browser and a release of this project, but no checkout."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.recipes.page import Command, Step, script

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "daily-telephony-simulator"
PACKAGES = ("simulator", "fake_daily_server", "scenarios")
TIMEOUT_S = 380
KEPT = ("HOME", "LANG", "TMPDIR", "USER")
KEPT_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "SSL_", "NODE_EXTRA_")
"""Prefixes of further environment variables that are kept: those for access to package registries."""


def fetch(recipes: Iterable[list[Step]], folder: Path) -> None:
    """Put wheels of everything that the pages install with pip into `folder`, that of this project included.

    This project's wheel is built from a copy, so that nothing is written into the tree.
    """
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    wanted = {name for recipe in recipes for name in _installed(recipe)} - {PROJECT}
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "-w", folder, source, *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    assert fetched.returncode == 0, fetched.stdout + fetched.stderr


def _installed(recipe: list[Step]) -> list[str]:
    lines = (step.line for step in recipe if isinstance(step, Command) and step.line.startswith("pip install "))
    return [word for line in lines for word in shlex.split(line)[2:] if not word.startswith("-")]


def follow(recipe: list[Step], *, wheels: Path, folder: Path) -> str:
    """Carry out the steps in `folder`; return the output. Raises AssertionError if a command fails."""
    with subprocess.Popen(
        ["bash", "-c", script(recipe)],
        cwd=folder,
        env=_environment(wheels),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as following:
        try:
            output, _ = following.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(following.pid, signal.SIGKILL)
            output, _ = following.communicate()
    assert following.returncode == 0, f"ended with status {following.returncode}:\n{output[-6000:]}"
    return output


def _environment(wheels: Path) -> dict[str, str]:
    node = shutil.which("node")
    programs = [Path(sys.base_prefix, "bin"), *([Path(node).parent] if node else [])]
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return kept | {
        "PATH": ":".join([*map(str, programs), "/usr/local/bin", "/usr/bin", "/bin"]),
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_INDEX": "1",
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_NO_COMPILE": "1",  # most of what is installed is never imported
        "NO_COLOR": "1",
        "CI": "true",
    }
