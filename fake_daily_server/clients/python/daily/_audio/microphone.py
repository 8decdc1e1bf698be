"""VirtualMicrophoneDevice."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakValueDictionary

from .._native.classes import check_instance, native_class, no_public_constructor, unsigned
from .._native.init_check import warn_unless_initialized
from .._threads.user_callbacks import call_user_callback
from .output import AudioOutput

_microphones: WeakValueDictionary[str, VirtualMicrophoneDevice] = WeakValueDictionary()


@native_class
class VirtualMicrophoneDevice:
    """A virtual microphone that a program writes to: 16-bit linear PCM, little-endian.

    The microphone accepts frames while a client in a call uses it (`deviceId` in the input settings) and publishes it.
    Otherwise writing returns 0 at once.
    """

    __slots__ = ("__weakref__", "_name", "_non_blocking", "_output")

    _name: str
    _non_blocking: bool
    _output: AudioOutput

    def __new__(cls) -> VirtualMicrophoneDevice:
        """Raise TypeError: only `Daily.create_microphone_device` creates these."""
        raise no_public_constructor(cls)

    @property
    def name(self) -> str:
        """The name of the microphone, for `deviceId` in the input settings."""
        return self._name

    @property
    def sample_rate(self) -> int:
        """Sample rate in frames per second."""
        return self._output.rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo; the room hears the mean of the channels."""
        return self._output.channels

    def write_frames(self, frames: bytes, completion: Callable[[int], object] | None = None) -> int:
        """Play frames; returns the number of accepted frames.

        A blocking microphone returns once the frames have been played, and ignores the completion. A non-blocking one
        returns at once, and calls the completion with the number once the frames have been played. Raises ValueError
        if `frames` ends within a sample, and RuntimeError while another thread is in a blocking write.
        """
        check_instance(frames, bytes)
        self._output.count_frames(frames)
        if not self._output.in_use:
            if self._non_blocking and completion is not None:
                call_user_callback(completion, 0)
            return 0
        if self._non_blocking:
            return self._output.write_async(frames, completion)
        return self._output.write_blocking(frames)


def create_microphone_device(
    device_name: str, sample_rate: int = 16000, channels: int = 1, non_blocking: bool = False
) -> VirtualMicrophoneDevice:
    """Create a microphone. If several have the same name, `deviceId` in the input settings selects the newest."""
    warn_unless_initialized("Daily.create_microphone_device()")
    check_instance(device_name, str)
    check_instance(non_blocking, bool)
    device: VirtualMicrophoneDevice = object.__new__(VirtualMicrophoneDevice)
    device._name = device_name
    device._non_blocking = non_blocking
    device._output = AudioOutput(unsigned(sample_rate), unsigned(channels, 8), "device")
    _microphones[device_name] = device
    return device


def microphone_output(name: str) -> AudioOutput | None:
    """The output of the microphone named `name`; None if there is none."""
    device = _microphones.get(name)
    return None if device is None else device._output
