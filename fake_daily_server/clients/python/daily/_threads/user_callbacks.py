"""Calls of user callbacks: an exception in one is reported to `sys.unraisablehook`, as by daily-python."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any


def call_user_callback(callback: Callable[..., object], *args: Any) -> None:
    """Call `callback`; an exception goes to `sys.unraisablehook`."""
    try:
        callback(*args)
    except BaseException as error:  # noqa: BLE001 - whatever a user's callback raises
        report = _hook_args_type()((type(error), error, error.__traceback__, None, callback))
        sys.unraisablehook(report)


@functools.cache
def _hook_args_type() -> Callable[[tuple[Any, ...]], sys.UnraisableHookArgs]:
    """The type of the hook's argument. Python's own hook accepts no other type, and only the interpreter exposes it."""
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
    """Makes the interpreter report an unraisable exception as soon as an instance is collected."""

    def __del__(self) -> None:
        raise RuntimeError
