"""Keeps the address of the fake Daily when a program calls `load_dotenv(override=True)`.

Pipecat's runner and most of its examples do that, and their `.env` files name the real Daily and its key.
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
    """Inside the block, python-dotenv leaves the `PROTECTED` variables alone; unset ones stay unset."""
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
    """Set these environment variables back to these values; None unsets a variable. Logs each change."""
    for name, value in values.items():
        if os.environ.get(name) == value:
            continue
        _log.info("%s of the .env file is ignored: this program runs against a fake Daily", name)
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
