"""Daily and LogLevel: what concerns the whole process."""

from __future__ import annotations

import logging
from typing import ClassVar, final

from ._audio.microphone import create_microphone_device
from ._audio.speaker import create_speaker_device, select_speaker_device
from ._audio.vad import create_native_vad
from ._native.classes import instance, native_class, not_made_by_users, unsigned
from ._native.init_check import initialized
from ._video.custom_video import create_camera_device


@final
@native_class
class LogLevel:
    """How much is logged. In the published stub it is an `Enum`; the module has a class with constants and `int()`."""

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
        """Only the library makes these."""
        raise not_made_by_users(cls)

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
"""What the logger `daily` lets through. Off is not silence: daily-python writes its errors to stderr then, too."""


def _levels() -> None:
    for number, name in enumerate(_LEVELS):
        level: LogLevel = object.__new__(LogLevel)
        level._name, level._number = name, number
        setattr(LogLevel, name, level)


def _set_log_level(log_level: LogLevel) -> None:
    instance(log_level, LogLevel)
    logging.getLogger("daily").setLevel(_LEVELS[log_level._name])


_levels()


@final
@native_class
class Daily:
    """Sets up the library, and makes virtual devices."""

    def __new__(cls) -> Daily:
        """Nobody makes one."""
        raise not_made_by_users(cls)

    @staticmethod
    def init(worker_threads: int = 2, log_level: LogLevel = LogLevel.Off) -> None:
        """Nothing has to be set up here, so it may be called many times.

        In production call it once, before the first client is made: daily-python aborts the process otherwise. A
        client or a device that comes first is warned of in the log.
        """
        unsigned(worker_threads, 64)
        initialized()
        _set_log_level(log_level)

    @staticmethod
    def deinit() -> None:
        """Nothing has to be torn down here."""

    @staticmethod
    def set_log_level(log_level: LogLevel) -> None:
        """How much the logger `daily` lets through."""
        _set_log_level(log_level)

    create_camera_device = staticmethod(create_camera_device)
    create_speaker_device = staticmethod(create_speaker_device)
    create_microphone_device = staticmethod(create_microphone_device)
    select_speaker_device = staticmethod(select_speaker_device)
    create_native_vad = staticmethod(create_native_vad)
