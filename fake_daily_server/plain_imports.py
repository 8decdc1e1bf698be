"""Keeps pytest from rewriting the assertions of these packages, as it does for all packages that come with a plugin.

They have no assertions that tests should see explained. Rewriting costs time at every start where no bytecode is
written, and CPython 3.11 may fail in it (SystemError, "AST constructor recursion depth mismatch") when two threads
import at the same time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

_ROOT = Path(__file__).parent.parent
FOLDERS = tuple(str(_ROOT / package) for package in ("fake_daily_server", "simulator", "scenarios"))
"""Where these packages are: a package of the user with one of their names is elsewhere, and keeps its rewriting."""


class PlainImports:
    """A finder of `sys.meta_path` that loads the modules of these packages without changing them."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a module inside the packages, None for every other module."""
        is_inside = path is not None and any(_is_inside(folder) for folder in path)
        return PathFinder.find_spec(name, path, target) if is_inside else None


def _is_inside(folder: str) -> bool:
    return any(folder == package or folder.startswith(package + os.sep) for package in FOLDERS)


def install() -> None:
    """Put the finder before that of pytest."""
    if PlainImports not in sys.meta_path:
        sys.meta_path.insert(0, PlainImports)
