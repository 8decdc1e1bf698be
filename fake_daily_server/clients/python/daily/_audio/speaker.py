"""Virtual speakers. As with real ones, a process has one that is selected, for everything that its clients hear."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from .._native.classes import instance, native_class, not_made_by_users, unsigned
from .._native.init_check import needed_by
from .._threads.job_thread import Worker
from .._threads.user_callbacks import call
from .wire import FRAME_S, RATE

if TYPE_CHECKING:
    from .playout import Playout
    from .resampling import Resampler

_FORGIVEN_S = 0.2
"""A reader that comes later than this after the frames read before has missed what was played meanwhile."""

_devices: dict[str, VirtualSpeakerDevice] = {}


class Follower(Protocol):
    """Somebody who hears a room, and so has to know whether there is a speaker."""

    def speaker_selected(self) -> None:
        """Another speaker was selected. Called on any thread."""


class _Selection:
    """What is selected in this process."""

    device: VirtualSpeakerDevice | None = None
    playout: Playout | None = None


followers: WeakSet[Follower] = WeakSet()


@native_class
class VirtualSpeakerDevice:
    """A speaker that a program reads from: 16-bit linear PCM, little-endian.

    It plays while it is selected and a client of this process, in a call, can hear somebody; then reading takes as
    long as the sound does. Otherwise it gives no frames, at once. What is played while nobody reads is gone.
    """

    __slots__ = ("_borrowed", "_channels", "_due", "_made", "_name", "_non_blocking", "_rate", "_reads", "_resampler")

    _name: str
    _rate: int
    _channels: int
    _non_blocking: bool
    _reads: Worker
    _resampler: Resampler | None
    _made: bytearray
    _due: float
    _borrowed: bool

    def __new__(cls) -> VirtualSpeakerDevice:
        """Only `Daily.create_speaker_device` makes these."""
        raise not_made_by_users(cls)

    @property
    def name(self) -> str:
        """What `Daily.select_speaker_device` names."""
        return self._name

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self._rate

    @property
    def channels(self) -> int:
        """1 for mono; with more, all are the same."""
        return self._channels

    def read_frames(self, num_frames: int, completion: Callable[[bytes], object] | None = None) -> bytes:
        """The next frames of everybody who can be heard.

        A blocking speaker returns them, and calls no completion. A non-blocking one returns nothing, and calls the
        completion with them. Either has an empty bytestring instead when there is nobody to be heard.
        """
        wanted = 2 * self._channels * _unsigned_count(num_frames)
        if not self._non_blocking:
            return self._read(wanted) if self._plays and wanted else b""
        if not (self._plays and wanted):
            if completion is not None:
                call(completion, b"")
            return b""
        if completion is not None:
            self._reads.put(lambda: call(completion, self._read(wanted)))
        return b""

    @property
    def _plays(self) -> bool:
        playout = _Selection.playout
        return _Selection.device is self and playout is not None and playout.anybody

    def _read(self, wanted: int) -> bytes:
        if self._borrowed:
            raise RuntimeError("Already borrowed")
        self._borrowed = True
        try:
            while len(self._made) < wanted:
                if not self._play():
                    return b""
            frames = bytes(self._made[:wanted])
            del self._made[:wanted]
            return frames
        finally:
            self._borrowed = False

    def _play(self) -> bool:
        """20 ms more, when their time has come; False when there is nobody to be heard any more."""
        from .resampling import Resampler, spread  # noqa: PLC0415 - loads numpy

        now = time.monotonic()
        if now > self._due + _FORGIVEN_S:
            self._due = now
        time.sleep(max(0.0, self._due - now))
        self._due += FRAME_S
        playout = _Selection.playout
        if playout is None or not self._plays:
            return False
        if self._resampler is None:
            self._resampler = Resampler(RATE, self._rate)
        self._made += spread(self._resampler(playout.frame()), self._channels)
        return True


def _unsigned_count(value: int) -> int:
    count = operator.index(value)
    if count < 0:
        raise OverflowError("can't convert negative int to unsigned")
    return count


def create_speaker_device(
    device_name: str, sample_rate: int = 16000, channels: int = 1, non_blocking: bool = False
) -> VirtualSpeakerDevice:
    """A speaker with this name, to be selected; of several with one name that is the newest."""
    needed_by("Daily.create_speaker_device()")
    instance(device_name, str)
    instance(non_blocking, bool)
    device: VirtualSpeakerDevice = object.__new__(VirtualSpeakerDevice)
    device._name = device_name
    device._rate, device._channels = unsigned(sample_rate), unsigned(channels, 8)
    device._non_blocking = non_blocking
    device._reads = Worker("daily speaker")
    device._resampler, device._made, device._due = None, bytearray(), 0.0
    device._borrowed = False
    _devices[device_name] = device
    return device


def select_speaker_device(device_name: str) -> None:
    """Make this speaker the one of the process. Raises RuntimeError when there is none of this name."""
    instance(device_name, str)
    device = _devices.get(device_name)
    if device is None:
        raise RuntimeError("unable to select virtual speaker device")
    if _Selection.playout is None:
        from .playout import Playout  # noqa: PLC0415 - loads numpy

        _Selection.playout = Playout()
    _Selection.device = device
    for follower in tuple(followers):
        follower.speaker_selected()


def complete_reads() -> None:
    """Return when no read waits for a speaker that plays nothing any more, which takes 20 ms at most."""
    device = _Selection.device
    if device is not None and not device._plays:
        device._reads.wait()


def playout() -> Playout | None:
    """Where the sound that clients hear goes; None while no speaker is selected."""
    return _Selection.playout
