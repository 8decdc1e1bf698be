"""The virtual devices of a process: what `Daily.create_…_device` and `Daily.select_speaker_device` make and choose."""

from __future__ import annotations

from ._audio_microphone import VirtualMicrophoneDevice, create_microphone_device
from ._audio_speaker import VirtualSpeakerDevice, create_speaker_device, select_speaker_device
from ._video import VirtualCameraDevice, create_camera_device

__all__ = [
    "VirtualCameraDevice",
    "VirtualMicrophoneDevice",
    "VirtualSpeakerDevice",
    "create_camera_device",
    "create_microphone_device",
    "create_speaker_device",
    "select_speaker_device",
]
