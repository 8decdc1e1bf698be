"""Virtual microphones."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakValueDictionary

from .._native.classes import instance, native_class, not_made_by_users, unsigned
from .._native.init_check import needed_by
from .._threads.user_callbacks import call
from .output import Output

_microphones: WeakValueDictionary[str, VirtualMicrophoneDevice] = WeakValueDictionary()


@native_class
class VirtualMicrophoneDevice:
    """A microphone that a program writes to: 16-bit linear PCM, little-endian.

    It is in use while a client in a call has it as its microphone (`deviceId` in the input settings) and publishes
    it. Otherwise frames are not taken, and writing returns 0 at once.
    """

    __slots__ = ("__weakref__", "_name", "_non_blocking", "_output")

    _name: str
    _non_blocking: bool
    _output: Output

    def __new__(cls) -> VirtualMicrophoneDevice:
        """Only `Daily.create_microphone_device` makes these."""
        raise not_made_by_users(cls)

    @property
    def name(self) -> str:
        """What `deviceId` in the input settings names."""
        return self._name

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self._output.rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo; the room hears their mean."""
        return self._output.channels

    def write_frames(self, frames: bytes, completion: Callable[[int], object] | None = None) -> int:
        """Play these frames; returns how many were taken.

        A blocking microphone returns when they have been played, and calls no completion. A non-blocking one returns
        at once, and calls the completion with their number when they have been played. Raises ValueError for a part of
        a sample, and RuntimeError while another thread is in a blocking write.
        """
        instance(frames, bytes)
        self._output.frames(frames)
        if not self._output.in_use:
            if self._non_blocking and completion is not None:
                call(completion, 0)
            return 0
        return self._output.write_soon(frames, completion) if self._non_blocking else self._output.write(frames)


def create_microphone_device(
    device_name: str, sample_rate: int = 16000, channels: int = 1, non_blocking: bool = False
) -> VirtualMicrophoneDevice:
    """A microphone with this name; of several with one name, input settings mean the newest."""
    needed_by("Daily.create_microphone_device()")
    instance(device_name, str)
    instance(non_blocking, bool)
    device: VirtualMicrophoneDevice = object.__new__(VirtualMicrophoneDevice)
    device._name = device_name
    device._non_blocking = non_blocking
    device._output = Output(unsigned(sample_rate), unsigned(channels, 8), "device")
    _microphones[device_name] = device
    return device


def output_of_microphone(name: str) -> Output | None:
    """What writes to this microphone go to; None when there is no such device."""
    device = _microphones.get(name)
    return None if device is None else device._output
