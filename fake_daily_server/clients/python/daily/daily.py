"""The inner module: in daily-python the library itself, whose names the package hands on."""

from __future__ import annotations

from ._audio.custom_audio import AudioData, CustomAudioSource, CustomAudioTrack
from ._audio.microphone import VirtualMicrophoneDevice
from ._audio.speaker import VirtualSpeakerDevice
from ._audio.vad import NativeVad
from ._call.event_handler import EventHandler
from ._client.call_client import CallClient
from ._daily_class import Daily, LogLevel
from ._video.custom_video import CustomVideoSource, CustomVideoTrack, VideoFrame, VirtualCameraDevice

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
