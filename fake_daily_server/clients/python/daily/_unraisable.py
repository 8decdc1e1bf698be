"""Calls of the user's callbacks: what one raises is reported, as daily-python does, and ends nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast


def call(callback: Callable[..., object], *args: Any) -> None:
    """Call it; an exception goes to `sys.unraisablehook`."""
    try:
        callback(*args)
    except BaseException as error:  # noqa: BLE001 - whatever a user's callback raises
        told = SimpleNamespace(
            exc_type=type(error), exc_value=error, exc_traceback=error.__traceback__, err_msg=None, object=callback
        )
        sys.unraisablehook(cast("sys.UnraisableHookArgs", told))
