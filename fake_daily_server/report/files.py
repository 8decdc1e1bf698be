"""Writes reports into the folder of a test run."""

from __future__ import annotations

import re
from pathlib import Path

from fake_daily_server.report.page import SCRIPT, STYLE, asset, page
from fake_daily_server.report.report import Report

_LONGEST_NAME = 120


def write_report(report: Report, folder: Path, name: str, *, whole: bool) -> Path:
    """Write a report, and beside it the style sheet and the script unless it is `whole`; returns the page's path.

    `name` may have any characters: it becomes the name of the file, made of those that all file systems take.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(name)}.html"
    path.write_text(page(report, whole=whole, folder=folder), encoding="utf-8")
    if not whole:
        for each in (STYLE, SCRIPT):
            (folder / each).write_text(asset(each), encoding="utf-8")
    return path


def file_name(name: str) -> str:
    """A name for a file: letters, digits, `.`, `_` and `-`, at most 120 characters of which the last count most."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[-_LONGEST_NAME:] or "report"
