"""Classes and argument checks that behave as in an extension module (PyO3), with daily-python's error texts."""

from __future__ import annotations

import operator
from typing import TypeVar

_Class = TypeVar("_Class", bound=type)


def native_class(cls: _Class) -> _Class:
    """Class decorator: sets the module to `daily` and forbids subclasses, as daily-python's classes do."""

    def refuse(subclass: type, /, **_: object) -> None:
        raise TypeError(f"type 'daily.{cls.__name__}' is not an acceptable base type")

    cls.__module__ = "daily"
    cls.__init_subclass__ = classmethod(refuse)  # type: ignore[assignment]
    return cls


def no_public_constructor(cls: type) -> TypeError:
    """Return the error for a class without a public constructor, to be raised by the class's `__new__`."""
    return TypeError(f"cannot create 'daily.{cls.__name__}' instances")


def unsigned(value: int, bits: int = 32) -> int:
    """Return `value` if an unsigned integer of `bits` bits can hold it. Raises TypeError and OverflowError."""
    number = operator.index(value)
    if number < 0:
        raise OverflowError("number too small to fit in target type")
    if number >= 1 << bits:
        raise OverflowError("number too large to fit in target type")
    return number


def check_instance(value: object, expected: type) -> None:
    """Raise TypeError unless `value` is an instance of `expected`."""
    if not isinstance(value, expected):
        found = "'None'" if value is None else f"{type(value).__name__!r} object"
        raise TypeError(f"{found} is not an instance of {expected.__name__!r}")
