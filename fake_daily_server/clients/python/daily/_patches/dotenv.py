"""Keeping the address of the fake Daily when a program loads its `.env` with `load_dotenv(override=True)`.

Pipecat's runner and most of its examples do that, and such a file has the key of the real Daily.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .import_hooks import when_imported

KEPT = ("DAILY_API_URL", "DAILY_API_KEY", "DAILY_ROOM_URL", "DAILY_ROOM_TOKEN")

_log = logging.getLogger("daily")


@contextmanager
def environment_kept() -> Iterator[None]:
    """Inside, python-dotenv leaves the variables in `KEPT` as they are, unset ones included."""
    undo: list[Callable[[], None]] = []

    def keep(module: ModuleType) -> None:
        dotenv: Any = module.DotEnv
        load = dotenv.set_as_environment_variables

        def load_the_rest(self: Any) -> bool:
            before = {name: os.environ.get(name) for name in KEPT}
            loaded: bool = load(self)
            put_back(before)
            return loaded

        dotenv.set_as_environment_variables = load_the_rest
        undo.append(lambda: setattr(dotenv, "set_as_environment_variables", load))

    with when_imported("dotenv.main", keep, asked_for="DotEnv"):
        try:
            yield
        finally:
            for step in undo:
                step()


def put_back(values: dict[str, str | None]) -> None:
    """Give these variables these values again; None unsets."""
    for name, value in values.items():
        if os.environ.get(name) == value:
            continue
        _log.info("%s of the .env file is left out: this program runs against a fake Daily", name)
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
