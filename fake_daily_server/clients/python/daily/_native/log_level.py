"""LogLevel, and the corresponding levels of the logger `daily`."""

from __future__ import annotations

import logging
from typing import ClassVar, final

from .classes import check_instance, native_class, no_public_constructor


@final
@native_class
class LogLevel:
    """A log level: a class with constants and `int()`, as in daily-python's module; its stub declares an `Enum`."""

    __slots__ = ("_name", "_number")

    _name: str
    _number: int

    Off: ClassVar[LogLevel]
    Error: ClassVar[LogLevel]
    Warn: ClassVar[LogLevel]
    Info: ClassVar[LogLevel]
    Debug: ClassVar[LogLevel]
    Trace: ClassVar[LogLevel]

    def __new__(cls) -> LogLevel:
        """Raise TypeError: only the library creates the levels."""
        raise no_public_constructor(cls)

    def __int__(self) -> int:
        return self._number

    def __repr__(self) -> str:
        return f"LogLevel.{self._name}"


_LEVELS = {
    "Off": logging.WARNING,
    "Error": logging.ERROR,
    "Warn": logging.WARNING,
    "Info": logging.INFO,
    "Debug": logging.DEBUG,
    "Trace": logging.DEBUG - 5,
}
"""The logger's level for each LogLevel. Off still shows warnings: at Off, daily-python writes errors to stderr, too."""


def _define_levels() -> None:
    for number, name in enumerate(_LEVELS):
        level: LogLevel = object.__new__(LogLevel)
        level._name, level._number = name, number
        setattr(LogLevel, name, level)


_define_levels()


def set_log_level(log_level: LogLevel) -> None:
    """Set the level of the logger `daily`. Raises TypeError."""
    check_instance(log_level, LogLevel)
    logging.getLogger("daily").setLevel(_LEVELS[log_level._name])
