"""Calls of the user's callbacks: what one raises is reported, as daily-python does, and ends nothing else."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any


def call(callback: Callable[..., object], *args: Any) -> None:
    """Call it; an exception goes to `sys.unraisablehook`."""
    try:
        callback(*args)
    except BaseException as error:  # noqa: BLE001 - whatever a user's callback raises
        told = _hook_args()((type(error), error, error.__traceback__, None, callback))
        sys.unraisablehook(told)


@functools.cache
def _hook_args() -> Callable[[tuple[Any, ...]], sys.UnraisableHookArgs]:
    """The type of what the hook takes. Python's own hook takes no other, and only the interpreter makes one."""
    found: list[type[Any]] = []
    usual = sys.unraisablehook

    def look(args: sys.UnraisableHookArgs) -> None:
        if args.object is _Raising.__del__:
            found.append(type(args))
        else:
            usual(args)

    sys.unraisablehook = look
    try:
        _Raising()
    finally:
        sys.unraisablehook = usual
    return found[0]


class _Raising:
    """Makes the interpreter report something, by being collected."""

    def __del__(self) -> None:
        raise RuntimeError
