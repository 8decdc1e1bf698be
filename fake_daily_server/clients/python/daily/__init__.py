"""A stand-in for the module `daily` of daily-python 0.36, whose clients join rooms of the fake Daily.

Its public names, their signatures, defaults and errors are those of the module itself, which differ here and there
from its published stub. It needs nothing of the rest of this project, only `websockets`, and `numpy` when sound begins.
"""

from __future__ import annotations

from ._audio import AudioData, CustomAudioSource, CustomAudioTrack
from ._client import CallClient
from ._daily import Daily, LogLevel
from ._devices import VirtualMicrophoneDevice, VirtualSpeakerDevice
from ._event_handler import EventHandler
from ._vad import NativeVad
from ._video import CustomVideoSource, CustomVideoTrack, VideoFrame, VirtualCameraDevice

__all__ = [
    "AudioData",
    "CallClient",
    "CustomAudioSource",
    "CustomAudioTrack",
    "CustomVideoSource",
    "CustomVideoTrack",
    "Daily",
    "EventHandler",
    "LogLevel",
    "NativeVad",
    "VideoFrame",
    "VirtualCameraDevice",
    "VirtualMicrophoneDevice",
    "VirtualSpeakerDevice",
]

if __name__ == "daily":  # found by its path
    from ._ways_in import arrange

    arrange()
