"""The example `examples/menu_bot` passes as its README says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "menu_bot"
COMMANDS = (
    (
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "asyncio_mode=auto",
        "-W",
        "ignore::pytest.PytestDeprecationWarning",
    ),
    ("scenarios", "run", "menu.scenario.yaml"),
)


def test_the_bot_finds_its_way_and_the_story_passes(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "menu_bot")
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
