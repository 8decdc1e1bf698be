"""Calls that hear each other without a room: a transfer, or a caller who hears music until somebody is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.legs import HoldableLeg, Leg, LegCounts
from fake_daily_server.media.room_media import load

if TYPE_CHECKING:
    from fake_daily_server.media.conference import Conference, Playing
    from fake_daily_server.media.legs import Frame
    from simulator.useragent.handle import Call


class Bridge:
    """`async with Bridge(clock) as bridge:`, then `connect` calls under names of your choice.

    Everybody on it hears everybody else, and what is played. A call whose audio ends is let go of by itself; the
    calls are not hung up by the bridge. `on_lost` gets the name of a leg that was let go of.
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
        """Make it ready; before anything else, where `async with` does not fit."""
        await load()
        from fake_daily_server.media.conference import Conference  # noqa: PLC0415  # loads numpy

        self._conference = Conference(self._clock, on_lost=lambda name, leg: self._on_lost(name))

    async def connect(self, name: str, call: Call) -> None:
        """Put an answered call on, which takes about 80 ms. Raises CallEnded when it is over.

        When the bridge was closed meanwhile, the call is left as it is.
        """
        from fake_daily_server.media.sip_leg import SipLeg  # noqa: PLC0415  # loads numpy

        conference = self._open_conference()
        leg = await SipLeg.open(call)
        if self._conference is not conference:
            leg.close()
            return
        conference.add(name, leg)

    def attach(self, name: str, leg: Leg) -> None:
        """Put any other leg on."""
        self._open_conference().add(name, leg)

    def disconnect(self, name: str) -> None:
        """Take a leg off, and stop what is played to it; nothing when there is none of that name."""
        if self._conference is not None:
            self._conference.stop_playing(name)
            self._conference.remove(name)

    def hold(self, name: str, *, held: bool) -> None:
        """A call has been put on hold, or taken off: until then it neither hears nor is heard."""
        leg = self._open_conference().legs.get(name)
        if isinstance(leg, HoldableLeg):
            leg.hold(held)

    def play(self, samples: Frame, *, to: str | None = None, loop: bool = False) -> Playing:
        """Play 16 kHz mono int16 samples to one, or to all."""
        return self._open_conference().play(samples, to=to, loop=loop)

    def stop_playing(self, to: str | None = None) -> None:
        """Stop what is played to one, or with None what is played to all."""
        self._open_conference().stop_playing(to)

    def statistics(self) -> Mapping[str, LegCounts]:
        """Frames, underruns and overruns of every leg, by name."""
        return {name: leg.counts for name, leg in self._open_conference().legs.items()}

    def close(self) -> None:
        """Take everybody off; the calls go on and hear silence."""
        if self._conference is not None:
            self._conference.close()
            self._conference = None

    def _open_conference(self) -> Conference:
        if self._conference is None:
            raise RuntimeError("the bridge is not open: use `async with`, or open() it first")
        return self._conference
