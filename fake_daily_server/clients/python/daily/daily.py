"""The inner module: in daily-python the library itself, whose names the package hands on."""

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
