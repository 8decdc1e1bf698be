"""Classes and arguments as an extension module has them: what daily-python refuses, in its words."""

from __future__ import annotations

import operator
from typing import TypeVar

_Class = TypeVar("_Class", bound=type)


def native_class(cls: _Class) -> _Class:
    """The class is `daily.<name>` to its users and, like those of daily-python, nothing can be derived from it."""

    def refuse(subclass: type, /, **_: object) -> None:
        raise TypeError(f"type 'daily.{cls.__name__}' is not an acceptable base type")

    cls.__module__ = "daily"
    cls.__init_subclass__ = classmethod(refuse)  # type: ignore[assignment]
    return cls


def not_made_by_users(cls: type) -> TypeError:
    """What the constructor of a class raises whose objects only the library makes."""
    return TypeError(f"cannot create 'daily.{cls.__name__}' instances")


def unsigned(value: int, bits: int = 32) -> int:
    """A number that an unsigned integer of so many bits holds. Raises TypeError and OverflowError."""
    number = operator.index(value)
    if number < 0:
        raise OverflowError("number too small to fit in target type")
    if number >= 1 << bits:
        raise OverflowError("number too large to fit in target type")
    return number


def instance(value: object, expected: type) -> None:
    """Raises TypeError unless the value is one of this class."""
    if not isinstance(value, expected):
        found = "'None'" if value is None else f"{type(value).__name__!r} object"
        raise TypeError(f"{found} is not an instance of {expected.__name__!r}")
