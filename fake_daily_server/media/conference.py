"""A set of legs whose audio is mixed in every tick, together with the playbacks."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.active_speaker import ActiveSpeaker
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.leg import Leg, LegGone, PerSpeakerLeg
from fake_daily_server.media.mixer import Hears, Mixer, hears_all_others
from fake_daily_server.media.playback import Playback

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame

logger = logging.getLogger("fake_daily_server.media")


class Conference:
    """Mixes legs, identified by key. Each leg hears the others that the rule allows, and the playbacks to it.

    Created and changed on one event loop; the media clock ticks the conference while it has a leg. A leg that fails is
    removed and closed, and the others continue. Callbacks run on the loop: `on_lost` with the key of a failed leg and
    the leg, `on_speaker` with the key of a new active speaker. `rule` returns who hears whom at the time of the call.
    """

    def __init__(
        self,
        clock: MediaClock,
        rule: Callable[[], Hears] = lambda: hears_all_others,
        *,
        on_lost: Callable[[str, Leg], None] = lambda key, leg: None,
        on_speaker: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._rule = rule
        self._on_lost = on_lost
        self._event_loop = loop = asyncio.get_running_loop()
        self._speaker: ActiveSpeaker | None = None
        if on_speaker is not None:
            self._speaker = ActiveSpeaker(lambda key: loop.call_soon_threadsafe(on_speaker, key))
        self._lock = threading.Lock()
        """Held by the loop while legs or playbacks change, and by the media clock's thread during a tick."""
        self._numbers = itertools.count(1)
        self._legs: dict[str, Leg] = {}
        self._playbacks: list[Playback] = []
        self._failed: set[str] = set()
        """Legs that have failed and are about to be removed."""
        self._arrange()

    @property
    def legs(self) -> Mapping[str, Leg]:
        """The legs in the mix, by key."""
        return self._legs

    @property
    def is_playing(self) -> bool:
        """Whether a playback is in progress or waits for a leg."""
        return any(not playback.ended for playback in self._playbacks)

    def add(self, key: str, leg: Leg) -> None:
        """Add a leg from the next tick on; an earlier leg with the same key is replaced and closed."""
        with self._lock:
            replaced = self._legs.get(key)
            self._failed.discard(key)
            self._legs[key] = leg
            self._arrange()
        if replaced is not None:
            replaced.close()
        elif len(self._legs) == 1:
            self._clock.add(self)

    def remove(self, key: str) -> Leg | None:
        """Remove, close and return a leg; None if no leg has this key."""
        with self._lock:
            leg = self._legs.pop(key, None)
            if self._speaker is not None:
                self._speaker.remove(key)
            self._failed.discard(key)
            if leg is None:
                return None
            self._arrange()
        if not self._legs:
            self._clock.remove(self)
        leg.close()
        return leg

    def rule_changed(self) -> None:
        """Call `rule` again, because it may now allow more or less than before."""
        with self._lock:
            self._arrange()

    def play(self, samples: Frame, *, to: str | None = None, loop: bool = False) -> Playback:
        """Play samples to the leg `to`, or to all legs if `to` is None. Playback waits until a leg can hear it."""
        playback = Playback(f"playback {next(self._numbers)}", samples, to, loop=loop)
        with self._lock:
            self._playbacks.append(playback)
            self._arrange()
        return playback

    def stop_playing(self, to: str | None = None) -> None:
        """Stop the playbacks to the leg `to`, or those to all legs if `to` is None."""
        for playback in tuple(self._playbacks):
            if playback.to == to:
                playback.stop()

    def close(self) -> None:
        """Remove and close all legs, and stop all playbacks."""
        for playback in tuple(self._playbacks):
            playback.stop()
        for key in tuple(self._legs):
            self.remove(key)

    # --- on the clock's thread -------------------------------------------------------------------------------

    def tick(self) -> None:
        """Read one frame from each leg, mix the frames, and write one frame to each leg."""
        with self._lock:
            self._read()
            if self._speaker is not None and self._speaker.check_due():
                self._speaker.check(self._audible_frames())
            self._write()

    def _audible_frames(self) -> Iterator[tuple[str, Frame]]:
        for row, (key, _) in enumerate(self._in_order):
            if not self._silent[row] and key in self._audible:
                yield key, self._mixer.spoken[row]

    def _read(self) -> None:
        spoken, silent = self._mixer.spoken, self._silent
        for row, (key, leg) in enumerate(self._in_order):
            frame = None
            try:
                frame = leg.read()
            except Exception as error:  # noqa: BLE001  # one broken leg must not stop the others
                self._fail(key, error)
            if frame is not None:
                spoken[row] = frame
                silent[row] = False
            elif not silent[row]:
                spoken[row] = 0
                silent[row] = True
        for row, playback in enumerate(self._heard_playbacks, start=len(self._in_order)):
            frame = playback.next()
            spoken[row] = 0 if frame is None else frame
            if frame is None and playback in self._playbacks:
                self._playbacks.remove(playback)

    def _write(self) -> None:
        mixed = self._mixer.mix()
        for (key, leg), frame in zip(self._in_order, mixed, strict=True):
            try:
                if key in self._per_speaker:
                    self._per_speaker[key].write_speakers(self._frames_for(key))
                leg.write(frame)
            except Exception as error:  # noqa: BLE001  # as above
                self._fail(key, error)

    def _frames_for(self, key: str) -> dict[str, Frame]:
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
            logger.error("leg %s failed and is removed from the mix", key, exc_info=error)
        self._event_loop.call_soon_threadsafe(self._remove_failed, key, self._legs[key])

    def _remove_failed(self, key: str, leg: Leg) -> None:
        if self._legs.get(key) is leg:
            self.remove(key)
            self._on_lost(key, leg)

    # --- with the lock held ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._in_order = tuple(self._legs.items())
        self._per_speaker = {key: leg for key, leg in self._in_order if isinstance(leg, PerSpeakerLeg)}
        self._playbacks = [playback for playback in self._playbacks if not playback.ended]
        self._heard_playbacks = [playback for playback in self._playbacks if playback.to in (None, *self._legs)]
        played = {playback.key: playback for playback in self._heard_playbacks}
        keys = tuple(self._legs)
        rule = self._rule()

        def hears(listener: str, speaker: str) -> bool:
            if speaker in played:
                return played[speaker].to in (None, listener)
            return listener != speaker and rule(listener, speaker)

        self._mixer = Mixer((*keys, *played), keys, hears)
        self._silent = [True] * len(keys)
        self._audible = frozenset[str]().union(*self._mixer.heard.values())
