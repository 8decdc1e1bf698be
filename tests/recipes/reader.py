"""Follows a recipe like a reader who has Python, Node, a browser, and a clone of this project in the parent folder."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.clone import clone
from tests.recipes.page import Command, Step, script

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "daily-telephony-simulator"
SETUPTOOLS = "setuptools>=77"
"""What builds this project, as `build-system` of pyproject.toml says."""
TIMEOUT_S = 380
KEPT = ("HOME", "LANG", "TMPDIR", "USER")
KEPT_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "SSL_", "NODE_EXTRA_")
"""Prefixes of further environment variables that are kept: those for access to package registries."""


def fetch(recipes: Iterable[list[Step]], folder: Path) -> None:
    """Put wheels of everything that the pages install with pip into `folder`, except of this project itself.

    It is not on a package index, so that a page that installs it from there fails here, too.
    """
    wanted = {name for recipe in recipes for name in _installed(recipe)} | {SETUPTOOLS}
    with TemporaryDirectory() as built:
        fetched = subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "-w", built, clone(Path(built, "source")), *wanted],
            capture_output=True,
            text=True,
            check=False,
        )
        assert fetched.returncode == 0, fetched.stdout + fetched.stderr
        for wheel in Path(built).glob("*.whl"):
            if not wheel.name.startswith(PROJECT.replace("-", "_")):
                shutil.move(wheel, folder)


def _installed(recipe: list[Step]) -> list[str]:
    """Return what the page installs from a package index."""
    lines = (step.line for step in recipe if isinstance(step, Command) and step.line.startswith("pip install "))
    words = [word for line in lines if " -r " not in line for word in shlex.split(line)[2:]]
    return [word for word in words if not word.startswith(("-", "../", "git+"))]


def follow(recipe: Sequence[Step], *, wheels: Path, folder: Path) -> str:
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
