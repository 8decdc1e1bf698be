"""Keeps pytest's assertion rewriting away from the modules of this distribution.

pytest rewrites every module of a distribution that registers a plugin. These packages have no assertions that need an
explanation, and rewriting slows down every start that cannot write bytecode; in CPython 3.11 it may even fail
(SystemError, "AST constructor recursion depth mismatch") if two threads import at once. A user's own package with the
same name is recognised by its path, and is rewritten as usual.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes 5 ms
FOLDERS = tuple(f"{_ROOT}{os.sep}{name}{os.sep}" for name in ("fake_daily_server", "simulator", "scenarios"))
"""The package folders of this distribution, each path with a trailing separator."""


class PlainImports:
    """Meta path finder that loads the modules below `FOLDERS` as Python itself does, without rewriting assertions."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a module below `FOLDERS`; None for any other module, so that the next finder is asked."""
        inside = path is not None and any(f"{folder}{os.sep}".startswith(FOLDERS) for folder in path)
        return PathFinder.find_spec(name, path, target) if inside else None


def install() -> None:
    """Insert the finder into `sys.meta_path` before pytest's own finder."""
    if PlainImports not in sys.meta_path:
        sys.meta_path.insert(0, PlainImports)
