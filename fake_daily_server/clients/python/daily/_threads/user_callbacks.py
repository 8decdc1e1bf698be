"""Calls user callbacks, whose exceptions are reported to `sys.unraisablehook`, as in daily-python."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any


def call_user_callback(callback: Callable[..., object], *args: Any) -> None:
    """Call `callback`; reports an exception to `sys.unraisablehook`."""
    try:
        callback(*args)
    except BaseException as error:  # noqa: BLE001 - whatever a user's callback raises
        report = _hook_args_type()((type(error), error, error.__traceback__, None, callback))
        sys.unraisablehook(report)


@functools.cache
def _hook_args_type() -> Callable[[tuple[Any, ...]], sys.UnraisableHookArgs]:
    """Return the type of the hook's argument. The default hook requires this type; only the interpreter creates it."""
    found: list[type[Any]] = []
    original = sys.unraisablehook

    def capture(args: sys.UnraisableHookArgs) -> None:
        if args.object is _RaisesInDel.__del__:
            found.append(type(args))
        else:
            original(args)

    sys.unraisablehook = capture
    try:
        _RaisesInDel()
    finally:
        sys.unraisablehook = original
    return found[0]


class _RaisesInDel:
    """A class whose instances make the interpreter report an unraisable exception when they are collected."""

    def __del__(self) -> None:
        raise RuntimeError
