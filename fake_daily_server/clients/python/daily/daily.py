"""The inner module `daily.daily`: in daily-python, the compiled library, whose names the package re-exports."""

from __future__ import annotations

from ._audio.custom_audio import AudioData, CustomAudioSource, CustomAudioTrack
from ._audio.microphone import VirtualMicrophoneDevice
from ._audio.speaker import VirtualSpeakerDevice
from ._audio.vad import NativeVad
from ._call.event_handler import EventHandler
from ._client.call_client import CallClient
from ._daily_class import Daily
from ._native.log_level import LogLevel
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
