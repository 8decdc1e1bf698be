"""The folder `.daily-sim` in the current directory: files that are kept for a person to look at, not for git."""

from __future__ import annotations

from pathlib import Path

KEPT_FILES = Path(".daily-sim")
"""Folder of all kept files, relative to the current directory."""

_IGNORE = "# Written by daily-telephony-simulator: recordings and reports of failed tests.\n*\n"


def kept_files_folder(name: str) -> Path:
    """Create the folder `.daily-sim/<name>`, with a `.gitignore` that keeps `.daily-sim` out of git; return it."""
    folder = KEPT_FILES / name
    folder.mkdir(parents=True, exist_ok=True)
    ignore = KEPT_FILES / ".gitignore"
    if not ignore.exists():  # a user may have changed it
        ignore.write_text(_IGNORE, encoding="utf-8")
    return folder
