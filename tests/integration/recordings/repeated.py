"""Runs what was made of a timeline, in a directory of its own, as its reader would."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

COMMANDS = {
    "scenario": ("story.yaml", ("-m", "scenarios", "run")),
    "pytest": ("test_story.py", ("-m", "pytest", "-q", "-p", "no:cacheprovider")),
}
"""The name of the file, and what runs it, by form."""
FORMS = tuple(COMMANDS)


async def run(text: str, form: str, folder: Path) -> str:
    """Write a story to a file in `folder` and run it; returns what it prints. Fails with that if it does not pass."""
    name, arguments = COMMANDS[form]
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\ndaily_leaks = fail\n")
    run = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, name, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await run.communicate()
    assert run.returncode == 0, f"{printed.decode()}\n{text}"
    return printed.decode()
