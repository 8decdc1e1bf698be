"""Refuses daily-python in a process whose bots are to use the fake Daily: it would connect to Daily's own servers."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from simulator.errors import ConfigurationError

_MODULE = "daily"
_COMPILED_SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)


@contextmanager
def refused() -> Iterator[None]:
    """Let `import daily` raise ConfigurationError during the block if it would load daily-python."""
    finder = _RefusesDailyPython()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def refuse_if_imported() -> None:
    """Raise ConfigurationError if the module `daily` of this process is daily-python and not its stand-in."""
    module = sys.modules.get(_MODULE)
    if module is not None:
        _refuse_compiled(module.__spec__)


class _RefusesDailyPython:
    """A finder for `sys.meta_path` that finds no module; it raises ConfigurationError for daily-python only."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name == _MODULE:
            _refuse_compiled(importlib.machinery.PathFinder.find_spec(name, path, target))
        return None


def _refuse_compiled(spec: importlib.machinery.ModuleSpec | None) -> None:
    """Raise ConfigurationError if the package contains the compiled module `daily.daily`, as daily-python's does."""
    for folder in (spec and spec.submodule_search_locations) or ():
        if any(path.name.endswith(_COMPILED_SUFFIXES) for path in Path(folder).glob(f"{_MODULE}.*")):
            raise ConfigurationError(
                "import daily",
                folder,
                "the stand-in for daily-python, since daily-python itself connects to Daily's servers. Add the line "
                '`daily_python = stand-in` to pytest.ini (in pyproject.toml `daily_python = "stand-in"`), '
                "or let the test, or the fixture that imports the bot, use the fixture `daily_python`",
            )
