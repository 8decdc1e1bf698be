"""VirtualSpeakerDevice. A process has one selected speaker, which plays all audio that its clients receive."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from .._native.classes import check_instance, native_class, no_public_constructor, unsigned
from .._native.init_check import warn_unless_initialized
from .._threads.job_thread import JobThread
from .._threads.user_callbacks import call_user_callback
from .wire import FRAME_S, RATE

if TYPE_CHECKING:
    from .playout import Playout
    from .resampling import Resampler

_LATE_READ_S = 0.2
"""The longest pause between two reads of continuous audio; a later read misses the audio played in between."""

_devices: dict[str, VirtualSpeakerDevice] = {}


class SelectionListener(Protocol):
    """A client whose received audio depends on whether a speaker is selected."""

    def speaker_selected(self) -> None:
        """Update the client's audio after the selection of a speaker. Called on any thread."""


class _Selection:
    """The selected speaker of this process, and the mix that it plays."""

    device: VirtualSpeakerDevice | None = None
    playout: Playout | None = None


selection_listeners: WeakSet[SelectionListener] = WeakSet()


@native_class
class VirtualSpeakerDevice:
    """A virtual speaker that a program reads from: 16-bit linear PCM, little-endian.

    The speaker plays while it is selected and a client of this process, in a call, can hear a participant; reading then
    takes as long as the audio lasts. Otherwise reading returns no frames, at once. Audio not read in time is lost.
    """

    __slots__ = ("_borrowed", "_buffer", "_channels", "_due", "_name", "_non_blocking", "_rate", "_reads", "_resampler")

    _name: str
    _rate: int
    _channels: int
    _non_blocking: bool
    _reads: JobThread
    _resampler: Resampler | None
    _buffer: bytearray
    _due: float
    _borrowed: bool

    def __new__(cls) -> VirtualSpeakerDevice:
        """Raise TypeError: only `Daily.create_speaker_device` creates these."""
        raise no_public_constructor(cls)

    @property
    def name(self) -> str:
        """The name of the speaker, for `Daily.select_speaker_device`."""
        return self._name

    @property
    def sample_rate(self) -> int:
        """Sample rate in frames per second."""
        return self._rate

    @property
    def channels(self) -> int:
        """Number of channels; if there are several, all have the same samples."""
        return self._channels

    def read_frames(self, num_frames: int, completion: Callable[[bytes], object] | None = None) -> bytes:
        """Read the next frames of the mix of all participants that can be heard.

        A blocking speaker returns the frames, and ignores the completion. A non-blocking one returns an empty
        bytestring, and calls the completion with the frames. In both cases the frames are empty if no participant can
        be heard.
        """
        wanted = 2 * self._channels * _unsigned_count(num_frames)
        if not self._non_blocking:
            return self._read(wanted) if self._plays and wanted else b""
        if not (self._plays and wanted):
            if completion is not None:
                call_user_callback(completion, b"")
            return b""
        if completion is not None:
            self._reads.submit(lambda: call_user_callback(completion, self._read(wanted)))
        return b""

    @property
    def _plays(self) -> bool:
        playout = _Selection.playout
        return _Selection.device is self and playout is not None and playout.has_participants

    def _read(self, wanted: int) -> bytes:
        if self._borrowed:
            raise RuntimeError("Already borrowed")
        self._borrowed = True
        try:
            while len(self._buffer) < wanted:
                if not self._play_frame():
                    return b""
            frames = bytes(self._buffer[:wanted])
            del self._buffer[:wanted]
            return frames
        finally:
            self._borrowed = False

    def _play_frame(self) -> bool:
        """Wait until the next 20 ms are due and append them to the buffer; False if no participant can be heard."""
        from .resampling import Resampler, to_channels  # noqa: PLC0415 - loads numpy

        now = time.monotonic()
        if now > self._due + _LATE_READ_S:
            self._due = now
        time.sleep(max(0.0, self._due - now))
        self._due += FRAME_S
        playout = _Selection.playout
        if playout is None or not self._plays:
            return False
        if self._resampler is None:
            self._resampler = Resampler(RATE, self._rate)
        self._buffer += to_channels(self._resampler(playout.next_frame()), self._channels)
        return True


def _unsigned_count(value: int) -> int:
    count = operator.index(value)
    if count < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return count


def create_speaker_device(
    device_name: str, sample_rate: int = 16000, channels: int = 1, non_blocking: bool = False
) -> VirtualSpeakerDevice:
    """Create a speaker. If several have the same name, `select_speaker_device` selects the newest."""
    warn_unless_initialized("Daily.create_speaker_device()")
    check_instance(device_name, str)
    check_instance(non_blocking, bool)
    device: VirtualSpeakerDevice = object.__new__(VirtualSpeakerDevice)
    device._name = device_name
    device._rate, device._channels = unsigned(sample_rate), unsigned(channels, 8)
    device._non_blocking = non_blocking
    device._reads = JobThread("daily speaker")
    device._resampler, device._buffer, device._due = None, bytearray(), 0.0
    device._borrowed = False
    _devices[device_name] = device
    return device


def select_speaker_device(device_name: str) -> None:
    """Select the speaker of the process by name. Raises RuntimeError if no speaker has this name."""
    check_instance(device_name, str)
    device = _devices.get(device_name)
    if device is None:
        raise RuntimeError("unable to select virtual speaker device")
    if _Selection.playout is None:
        from .playout import Playout  # noqa: PLC0415 - loads numpy

        _Selection.playout = Playout()
    _Selection.device = device
    for listener in tuple(selection_listeners):
        listener.speaker_selected()


def complete_reads() -> None:
    """If the selected speaker no longer plays, wait until its pending reads are complete, at most 20 ms."""
    device = _Selection.device
    if device is not None and not device._plays:
        device._reads.wait()


def selected_playout() -> Playout | None:
    """The mix that the selected speaker plays; None while no speaker is selected."""
    return _Selection.playout
