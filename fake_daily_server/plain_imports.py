"""Keeps pytest from rewriting the assertions of these packages, which it does to everything that comes with a plugin.

Nothing here has assertions to explain, and rewriting costs time at every start where no bytecode is written; CPython
3.11 may even fail (SystemError, "AST constructor recursion depth mismatch") when two threads import at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PACKAGES = ("fake_daily_server", "simulator", "scenarios")


class PlainImports:
    """A finder for modules inside these packages, as if there were no other."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where the module is; None for all that is not inside."""
        inside = path is not None and name.partition(".")[0] in PACKAGES
        return PathFinder.find_spec(name, path, target) if inside else None


def come_first() -> None:
    """Put the finder before that of pytest."""
    if PlainImports not in sys.meta_path:
        sys.meta_path.insert(0, PlainImports)
