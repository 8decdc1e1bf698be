"""Keeps pytest from rewriting the assertions of these packages, as it does for all packages that come with a plugin.

They have no assertions that tests should see explained. Rewriting costs time at every start where no bytecode is
written, and CPython 3.11 may fail in it (SystemError, "AST constructor recursion depth mismatch") when two threads
import at the same time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PACKAGES = ("fake_daily_server", "simulator", "scenarios")


class PlainImports:
    """A finder of `sys.meta_path` that loads the modules of these packages without changing them."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a module inside the packages, None for every other module."""
        is_inside = path is not None and name.partition(".")[0] in PACKAGES
        return PathFinder.find_spec(name, path, target) if is_inside else None


def install() -> None:
    """Put the finder before that of pytest."""
    if PlainImports not in sys.meta_path:
        sys.meta_path.insert(0, PlainImports)
