"""AudioData, CustomAudioSource and CustomAudioTrack of the module `daily`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from weakref import WeakValueDictionary

from .._native.classes import instance, native_class, not_made_by_users, unsigned
from .output import Output


@native_class
class AudioData:
    """Received audio: 16-bit linear PCM, little-endian, as an audio renderer gets it."""

    __slots__ = ("_frames", "_sample_rate")

    _frames: bytes
    _sample_rate: int

    def __new__(cls) -> AudioData:
        """Only the library makes these."""
        raise not_made_by_users(cls)

    @property
    def bits_per_sample(self) -> int:
        """Always 16."""
        return 16

    @property
    def sample_rate(self) -> int:
        """The rate that the renderer asked for."""
        return self._sample_rate

    @property
    def num_channels(self) -> int:
        """Always 1."""
        return 1

    @property
    def num_audio_frames(self) -> int:
        """How many samples there are."""
        return len(self._frames) // 2

    @property
    def audio_frames(self) -> bytes:
        """The samples."""
        return self._frames


def audio_data(frames: bytes, sample_rate: int) -> AudioData:
    """Mono sound for a renderer."""
    data: AudioData = object.__new__(AudioData)
    data._frames = frames
    data._sample_rate = sample_rate
    return data


@native_class
class CustomAudioSource:
    """Where a program writes the sound of a custom audio track: 16-bit linear PCM, little-endian.

    Time passes for a source as soon as it is written to, in a call or not. `auto_silence` is accepted; the room hears
    silence from a source that is not written to, whatever it is.
    """

    __slots__ = ("__weakref__", "_output")

    def __init__(self, sample_rate: int, channels: int, auto_silence: bool = True) -> None:
        rate, channels = unsigned(sample_rate), unsigned(channels, 8)
        instance(auto_silence, bool)
        self._output = Output(rate, channels, "audio source")

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self._output.rate

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo; the room hears their mean."""
        return self._output.channels

    def write_frames(self, frames: bytes, completion: Callable[[int], object] | None = None) -> int:
        """Play these frames; returns their number.

        Without a completion this returns when they have been played, and fills the last 10 ms up with silence. With
        one it returns at once, and calls it with the number when they have been played; the environment variable
        DAILY_SIM_PACING=fast makes both at once. Raises ValueError for a part of a sample, OSError for a rate or a
        number of channels of 0, and RuntimeError while another thread is in a blocking write.
        """
        instance(frames, bytes)
        return self._output.write(frames) if completion is None else self._output.write_soon(frames, completion)


_outputs: WeakValueDictionary[str, Output] = WeakValueDictionary()
"""By the ids of their tracks: a client goes on sending a track that its program has forgotten."""


@native_class
class CustomAudioTrack:
    """A source as a track: for a client's microphone, or as an additional track with a name."""

    __slots__ = ("_id", "_source")

    def __init__(self, audio_source: CustomAudioSource) -> None:
        instance(audio_source, CustomAudioSource)
        self._id = str(uuid.uuid4())
        self._source = audio_source
        _outputs[self._id] = audio_source._output

    @property
    def id(self) -> str:
        """What `customTrack` in the input settings names."""
        return self._id


def output_of_track(track_id: str) -> Output | None:
    """What the source of a track writes to; None when there is no such track."""
    return _outputs.get(track_id)
