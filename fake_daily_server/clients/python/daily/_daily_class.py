"""Daily: the functions for the whole process."""

from __future__ import annotations

from typing import final

from ._audio.microphone import create_microphone_device
from ._audio.speaker import create_speaker_device, select_speaker_device
from ._audio.vad import create_native_vad
from ._native.classes import native_class, no_public_constructor, unsigned
from ._native.init_check import mark_initialized
from ._native.log_level import LogLevel, set_log_level
from ._video.custom_video import create_camera_device


@final
@native_class
class Daily:
    """Static functions that set up the library and create virtual devices."""

    def __new__(cls) -> Daily:
        """Raise TypeError: the class has no instances."""
        raise no_public_constructor(cls)

    @staticmethod
    def init(worker_threads: int = 2, log_level: LogLevel = LogLevel.Off) -> None:
        """Set the log level. Nothing else has to be set up here, so repeated calls are harmless.

        With daily-python, call `init` exactly once, before the first client is created; otherwise the process is
        aborted. Here, a client or device that is created before `init` only causes a warning in the log.
        """
        unsigned(worker_threads, 64)
        mark_initialized()
        set_log_level(log_level)

    @staticmethod
    def deinit() -> None:
        """Do nothing: no resources need to be released here."""

    @staticmethod
    def set_log_level(log_level: LogLevel) -> None:
        """Set the level of the logger `daily`."""
        set_log_level(log_level)

    create_camera_device = staticmethod(create_camera_device)
    create_speaker_device = staticmethod(create_speaker_device)
    create_microphone_device = staticmethod(create_microphone_device)
    select_speaker_device = staticmethod(select_speaker_device)
    create_native_vad = staticmethod(create_native_vad)
