"""Legs that are mixed together, tick by tick, and what is played to them."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from fake_daily_server.media.active_speaker import ActiveSpeaker
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.legs import SAMPLES, Leg, LegGone, VoicesLeg
from fake_daily_server.media.mixer import Hears, Mixer, all_others

if TYPE_CHECKING:
    from fake_daily_server.media.legs import Frame

logger = logging.getLogger("fake_daily_server.media")


class Playing:
    """A sound that is being played; `stop()` ends it. It goes on only while somebody is there to hear it."""

    def __init__(self, key: str, samples: Frame, to: str | None, *, loop: bool) -> None:
        self.key = key
        self.to = to
        """Who hears it; None means everybody."""
        self.loop = loop
        self._frames = _in_frames(samples, loop=loop)
        self._at = 0
        self._home = asyncio.get_running_loop()
        self._over = asyncio.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether it has been played to its end, or was stopped."""
        return self._ended

    def stop(self) -> None:
        """End it now."""
        self._ended = True
        self._home.call_soon_threadsafe(self._over.set)

    async def wait(self) -> None:
        """Until it has been played to its end or is stopped; on the loop that it was started on."""
        await self._over.wait()

    def next(self) -> Frame | None:
        """20 ms of it, on the clock's thread; None at the end."""
        if self._ended:
            return None
        if self._at == len(self._frames):
            if not self.loop:
                self.stop()
                return None
            self._at = 0
        self._at += 1
        frame: Frame = self._frames[self._at - 1]
        return frame


def _in_frames(samples: Frame, *, loop: bool) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """Whole frames; the last one is filled up with silence, or in a loop with the beginning, so that it has no gap."""
    flat = np.ascontiguousarray(samples, np.int16).reshape(-1)
    if flat.size == 0:
        raise ValueError("there are no samples to play")
    if loop:
        # A loop of n samples fits whole frames after a few turns; at most that many are laid out.
        turns = SAMPLES // int(np.gcd(flat.size, SAMPLES))
        return np.tile(flat, turns).reshape(-1, SAMPLES)
    return np.pad(flat, (0, -flat.size % SAMPLES)).reshape(-1, SAMPLES)


class Conference:
    """Legs by key; each hears whom the rule says, and what is played to it. Made and changed on one event loop.

    It is on the clock while it has a leg. A leg that fails is let go of: `on_lost` is called on the loop with its
    key and the leg, after it was closed; the others go on. `on_speaker` is called there with the key of whoever
    becomes the active speaker.
    """

    def __init__(
        self,
        clock: MediaClock,
        rule: Callable[[], Hears] = lambda: all_others,
        *,
        on_lost: Callable[[str, Leg], None] = lambda key, leg: None,
        on_speaker: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._rule = rule
        self._on_lost = on_lost
        self._home = home = asyncio.get_running_loop()
        self._speaker: ActiveSpeaker | None = None
        if on_speaker is not None:
            self._speaker = ActiveSpeaker(lambda key: home.call_soon_threadsafe(on_speaker, key))
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._legs: dict[str, Leg] = {}
        self._playing: list[Playing] = []
        self._failed: set[str] = set()
        self._arrange()

    @property
    def legs(self) -> Mapping[str, Leg]:
        """Everybody who takes part."""
        return self._legs

    @property
    def is_playing(self) -> bool:
        """Whether there is a sound that has not ended."""
        return any(not playing.ended for playing in self._playing)

    def add(self, key: str, leg: Leg) -> None:
        """Let a leg take part from the next tick on, instead of an earlier one with the same key."""
        with self._lock:
            before = self._legs.get(key)
            self._failed.discard(key)
            self._legs[key] = leg
            self._arrange()
        if before is not None:
            before.close()
        elif len(self._legs) == 1:
            self._clock.add(self)

    def remove(self, key: str) -> Leg | None:
        """Let go of a leg and close it; nothing when there is none."""
        with self._lock:
            leg = self._legs.pop(key, None)
            if self._speaker is not None:
                self._speaker.gone(key)
            self._failed.discard(key)
            if leg is None:
                return None
            self._arrange()
        if not self._legs:
            self._clock.remove(self)
        leg.close()
        return leg

    def rearrange(self) -> None:
        """Ask for the rule anew."""
        with self._lock:
            self._arrange()

    def play(self, samples: Frame, *, to: str | None = None, loop: bool = False) -> Playing:
        """Play to one leg, or to all that are there then; it begins when its hearer is there."""
        playing = Playing(f"sound {next(self._numbers)}", samples, to, loop=loop)
        with self._lock:
            self._playing.append(playing)
            self._arrange()
        return playing

    def stop_playing(self, to: str | None = None) -> None:
        """Stop what is played to one leg, or, with None, to everybody."""
        for playing in tuple(self._playing):
            if playing.to == to:
                playing.stop()

    def close(self) -> None:
        """Let go of all legs and stop all sounds."""
        for playing in tuple(self._playing):
            playing.stop()
        for key in tuple(self._legs):
            self.remove(key)

    # --- on the clock's thread -------------------------------------------------------------------------------

    def tick(self) -> None:
        """20 ms: read everybody, mix, write everybody."""
        with self._lock:
            self._read()
            if self._speaker is not None and self._speaker.due():
                self._speaker.look(self._talking())
            self._write()

    def _talking(self) -> Iterator[tuple[str, Frame]]:
        for row, (key, _) in enumerate(self._in_order):
            if not self._silent[row] and key in self._audible:
                yield key, self._mixer.spoken[row]

    def _read(self) -> None:
        spoken, silent = self._mixer.spoken, self._silent
        for row, (key, leg) in enumerate(self._in_order):
            frame = None
            try:
                frame = leg.read()
            except Exception as error:  # noqa: BLE001  # whatever is wrong with one leg, the others go on
                self._fail(key, error)
            if frame is not None:
                spoken[row] = frame
                silent[row] = False
            elif not silent[row]:
                spoken[row] = 0
                silent[row] = True
        for row, playing in enumerate(self._sounding, start=len(self._in_order)):
            frame = playing.next()
            spoken[row] = 0 if frame is None else frame
            if frame is None and playing in self._playing:
                self._playing.remove(playing)

    def _write(self) -> None:
        mixed = self._mixer.mix()
        for (key, leg), frame in zip(self._in_order, mixed, strict=True):
            try:
                if key in self._voices:
                    self._voices[key].write_voices(self._voices_for(key))
                leg.write(frame)
            except Exception as error:  # noqa: BLE001  # likewise
                self._fail(key, error)

    def _voices_for(self, key: str) -> dict[str, Frame]:
        heard = self._mixer.heard[key]
        return {
            speaker: self._mixer.spoken[row]
            for row, (speaker, _) in enumerate(self._in_order)
            if speaker in heard and not self._silent[row]
        }

    def _fail(self, key: str, error: Exception) -> None:
        if key in self._failed:
            return
        self._failed.add(key)
        if not isinstance(error, LegGone):
            logger.error("the leg %s failed and is let go of", key, exc_info=error)
        self._home.call_soon_threadsafe(self._let_go, key, self._legs[key])

    def _let_go(self, key: str, leg: Leg) -> None:
        if self._legs.get(key) is leg:
            self.remove(key)
            self._on_lost(key, leg)

    # --- with the lock held ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._in_order = tuple(self._legs.items())
        self._voices = {key: leg for key, leg in self._in_order if isinstance(leg, VoicesLeg)}
        self._playing = [playing for playing in self._playing if not playing.ended]
        self._sounding = [playing for playing in self._playing if playing.to in (None, *self._legs)]
        sounds = {playing.key: playing for playing in self._sounding}
        keys = tuple(self._legs)
        rule = self._rule()

        def hears(listener: str, speaker: str) -> bool:
            if speaker in sounds:
                return sounds[speaker].to in (None, listener)
            return listener != speaker and rule(listener, speaker)

        self._mixer = Mixer((*keys, *sounds), keys, hears)
        self._silent = [True] * len(keys)
        self._audible = frozenset[str]().union(*self._mixer.heard.values())
