"""Keeps pytest from rewriting the assertions of this distribution, as it does for everything that brings a plugin.

These packages have no assertions to explain, and rewriting takes time at every start where no bytecode is written;
CPython 3.11 may even fail (SystemError, "AST constructor recursion depth mismatch") when two threads import at once.
A user's own package of the same name is recognised by its path and left to pytest.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes 5 ms
FOLDERS = tuple(f"{_ROOT}{os.sep}{name}{os.sep}" for name in ("fake_daily_server", "simulator", "scenarios"))
"""Where the packages of this distribution lie."""


class PlainImports:
    """A finder for the modules below `FOLDERS` that loads them as Python itself does."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's spec; None for a module of any other package, which the next finder looks for."""
        inside = path is not None and any(f"{folder}{os.sep}".startswith(FOLDERS) for folder in path)
        return PathFinder.find_spec(name, path, target) if inside else None


def install() -> None:
    """Put the finder in front of pytest's."""
    if PlainImports not in sys.meta_path:
        sys.meta_path.insert(0, PlainImports)
