"""AudioData, CustomAudioSource and CustomAudioTrack."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from weakref import WeakValueDictionary

from .._native.classes import check_instance, native_class, no_public_constructor, unsigned
from .output import AudioOutput


@native_class
class AudioData:
    """Received audio, the argument of audio renderer callbacks: 16-bit linear PCM, little-endian, mono."""

    __slots__ = ("_frames", "_sample_rate")

    _frames: bytes
    _sample_rate: int

    def __new__(cls) -> AudioData:
        """Raise TypeError: only the library creates these."""
        raise no_public_constructor(cls)

    @property
    def bits_per_sample(self) -> int:
        """Always 16."""
        return 16

    @property
    def sample_rate(self) -> int:
        """Samples per second, as set for the renderer."""
        return self._sample_rate

    @property
    def num_channels(self) -> int:
        """Always 1."""
        return 1

    @property
    def num_audio_frames(self) -> int:
        """The number of samples."""
        return len(self._frames) // 2

    @property
    def audio_frames(self) -> bytes:
        """The samples."""
        return self._frames


def audio_data(frames: bytes, sample_rate: int) -> AudioData:
    """Create the argument of a renderer callback."""
    data: AudioData = object.__new__(AudioData)
    data._frames = frames
    data._sample_rate = sample_rate
    return data


@native_class
class CustomAudioSource:
    """A source of audio that a program writes, for a `CustomAudioTrack`: 16-bit linear PCM, little-endian.

    Playback time of a source begins with the first write, whether or not a client is in a call. `auto_silence` has no
    effect: the room always hears silence while nothing is written.
    """

    __slots__ = ("__weakref__", "_output")

    def __init__(self, sample_rate: int, channels: int, auto_silence: bool = True) -> None:
        rate, channels = unsigned(sample_rate), unsigned(channels, 8)
        check_instance(auto_silence, bool)
        self._output = AudioOutput(rate, channels, "audio source")

    @property
    def sample_rate(self) -> int:
        """Sample rate in frames per second."""
        return self._output.rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo; the room hears the mean of the channels."""
        return self._output.channels

    def write_frames(self, frames: bytes, completion: Callable[[int], object] | None = None) -> int:
        """Play frames; returns their number.

        Without a completion, returns once the frames have been played; the last 10 ms are padded with silence. With a
        completion, returns at once and calls it with the number of frames once they have been played. With the
        environment variable DAILY_SIM_PACING=fast, nothing waits for playback. Raises ValueError if `frames` ends
        within a sample, OSError if the rate or the number of channels is 0, and RuntimeError while another thread is
        in a blocking write.
        """
        check_instance(frames, bytes)
        if completion is None:
            return self._output.write_blocking(frames)
        return self._output.write_async(frames, completion)


_outputs: WeakValueDictionary[str, AudioOutput] = WeakValueDictionary()
"""Outputs by track id. While a client sends a track, its output stays alive even if the program drops the track."""


@native_class
class CustomAudioTrack:
    """An audio source as a track: the microphone of a client, or an additional track with a name."""

    __slots__ = ("_id", "_source")

    def __init__(self, audio_source: CustomAudioSource) -> None:
        check_instance(audio_source, CustomAudioSource)
        self._id = str(uuid.uuid4())
        self._source = audio_source
        _outputs[self._id] = audio_source._output

    @property
    def id(self) -> str:
        """The id of the track, for `customTrack` in the input settings."""
        return self._id


def audio_track_output(track_id: str) -> AudioOutput | None:
    """The output of the track's source; None if there is no such track."""
    return _outputs.get(track_id)
