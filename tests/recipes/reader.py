"""Somebody who has Python, Node, a browser and this project's release, and nothing of this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.recipes.page import Step, script

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("simulator", "fake_daily_server", "scenarios")
KEPT = ("HOME", "LANG", "TMPDIR", "USER")
KEPT_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "SSL_", "NODE_EXTRA_")
"""How this machine reaches its package registries."""


def release(folder: Path) -> None:
    """Put a wheel of this checkout into `folder`. It is built from a copy, so that nothing is written into the tree."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    offline = ("--no-index", "--no-build-isolation", "--no-deps", "--quiet")
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", folder, source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr


def follow(recipe: list[Step], *, released: Path, folder: Path) -> str:
    """Do what the page says, in `folder`; what was printed. A command that fails is an AssertionError."""
    followed = subprocess.run(
        ["bash", "-c", script(recipe)],
        cwd=folder,
        env=_environment(released),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=380,
        check=False,
    )
    assert followed.returncode == 0, f"ended with status {followed.returncode}:\n{followed.stdout[-6000:]}"
    return followed.stdout


def _environment(released: Path) -> dict[str, str]:
    node = shutil.which("node")
    programs = [Path(sys.base_prefix, "bin"), *([Path(node).parent] if node else [])]
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    return kept | {
        "PATH": ":".join([*map(str, programs), "/usr/local/bin", "/usr/bin", "/bin"]),
        "PIP_FIND_LINKS": f"{released} {os.environ.get('PIP_FIND_LINKS', '')}".strip(),
        "PIP_NO_COMPILE": "1",  # most of what is installed is never imported
        "NO_COLOR": "1",
        "CI": "true",
    }
