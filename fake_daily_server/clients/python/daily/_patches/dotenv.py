"""Protects the address of the fake Daily from a program's `load_dotenv(override=True)`.

Pipecat's runner and most of its examples call it, and their `.env` files contain the address and key of the real Daily.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .import_hooks import when_imported

PROTECTED = ("DAILY_API_URL", "DAILY_API_KEY", "DAILY_ROOM_URL", "DAILY_ROOM_TOKEN")
"""Environment variables that no `.env` file may change."""

_log = logging.getLogger("daily")


@contextmanager
def environment_protected() -> Iterator[None]:
    """Inside the `with` block, python-dotenv does not change the `PROTECTED` variables; unset ones stay unset."""
    undo: list[Callable[[], None]] = []

    def patch(module: ModuleType) -> None:
        dotenv: Any = module.DotEnv
        original = dotenv.set_as_environment_variables

        def load_other_variables(self: Any) -> bool:
            before = {name: os.environ.get(name) for name in PROTECTED}
            loaded: bool = original(self)
            restore_variables(before)
            return loaded

        dotenv.set_as_environment_variables = load_other_variables
        undo.append(lambda: setattr(dotenv, "set_as_environment_variables", original))

    with when_imported("dotenv.main", patch, needs="DotEnv"):
        try:
            yield
        finally:
            for step in undo:
                step()


def restore_variables(values: dict[str, str | None]) -> None:
    """Restore environment variables to `values`; None unsets a variable. Logs each change."""
    for name, value in values.items():
        if os.environ.get(name) == value:
            continue
        _log.info("%s of the .env file is ignored: this program runs against a fake Daily", name)
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
