"""Connects calls to each other without a room, as a transfer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.lazy_imports import load_mixer
from fake_daily_server.media.leg import LegCounts

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from fake_daily_server.media.conference import Conference
    from fake_daily_server.media.playback import Playback
    from simulator.useragent.handle import Call


class Bridge:
    """A conference of calls: `async with Bridge(clock) as bridge:`, then `connect` calls under names of your choice.

    Each call hears all others and the playbacks. A call whose audio ends is removed, and `on_lost` is called with its
    name. The bridge never hangs up a call.
    """

    def __init__(self, clock: MediaClock, *, on_lost: Callable[[str], None] = lambda name: None) -> None:
        self._clock = clock
        self._on_lost = on_lost
        self._conference: Conference | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def open(self) -> None:
        """Load the mixer and create an empty conference. Only needed without `async with`."""
        await load_mixer()
        from fake_daily_server.media.conference import Conference  # noqa: PLC0415  # loads numpy

        self._conference = Conference(self._clock, on_lost=lambda name, leg: self._on_lost(name))

    async def connect(self, name: str, call: Call) -> None:
        """Add an answered call, which takes about 80 ms. Raises CallEnded if the call is over.

        If the bridge is closed meanwhile, the call is not added and stays unchanged.
        """
        from fake_daily_server.media.sip_leg import SipLeg  # noqa: PLC0415  # loads numpy

        conference = self._open_conference()
        leg = await SipLeg.open(call)
        if self._conference is not conference:
            leg.close()
            return
        conference.add(name, leg)

    def disconnect(self, name: str) -> None:
        """Remove a call, and stop the playbacks to it. Does nothing for an unknown name."""
        if self._conference is not None:
            self._conference.stop_playing(name)
            self._conference.remove(name)

    def play(self, samples: Frame, *, to: str | None = None, loop: bool = False) -> Playback:
        """Play 16 kHz mono int16 samples to the call named `to`, or to all calls if `to` is None."""
        return self._open_conference().play(samples, to=to, loop=loop)

    def stop_playing(self, to: str | None = None) -> None:
        """Stop the playbacks to the call named `to`, or those to all calls if `to` is None."""
        self._open_conference().stop_playing(to)

    def statistics(self) -> Mapping[str, LegCounts]:
        """The frame counts of each call, by name."""
        return {name: leg.counts for name, leg in self._open_conference().legs.items()}

    def close(self) -> None:
        """Remove all calls; the calls continue and hear silence."""
        if self._conference is not None:
            self._conference.close()
            self._conference = None

    def _open_conference(self) -> Conference:
        if self._conference is None:
            raise RuntimeError("the bridge is not open: use `async with Bridge(clock)`, or await open() first")
        return self._conference
