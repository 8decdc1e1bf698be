"""Callers of SIP trunks who are alone in their rooms: they hear hold music, and their calls end after a while.

A client that joins hears the caller from then on; it gets the `dialin-connected` that nobody was there to get, as Daily
keeps the events of a dial-in while nobody is in the room (changelog of February 2026).
"""

from __future__ import annotations

from dataclasses import dataclass

from fake_daily_server.domain.clock import Clock, ScheduledCall
from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.dialin import DialInMachine
from fake_daily_server.telephony.roomless.sounds import Sounds
from fake_daily_server.values.room_properties import SipDialinConfig
from simulator.timeline import Timeline


@dataclass(frozen=True, slots=True)
class _LoneCaller:
    leg: Leg
    end: ScheduledCall
    """Ends the call."""


class LoneCallers:
    """The callers of a server who wait for the meetings of their rooms. Used on the server's loop."""

    def __init__(self, settings: Settings, timeline: Timeline, clock: Clock) -> None:
        self._settings = settings
        self._timeline = timeline
        self._clock = clock
        self._sounds = Sounds(settings.hold_music)
        self._commands = CommandRunner(timeline)
        self._waiting: list[_LoneCaller] = []

    def add(self, leg: Leg) -> None:
        """Let a caller wait, unless somebody is in its room already."""
        self._waiting = [caller for caller in self._waiting if not caller.leg.over.is_set()]
        if leg.room.session is not None:
            return
        sip = leg.room.properties.sip
        config = (sip and sip.dialin_config) or SipDialinConfig()
        limit_s = config.max_idle_timeout_sec or self._settings.trunk_idle_limit
        end = self._clock.call_at(self._clock() + limit_s, lambda: self._end(leg, limit_s))
        self._waiting.append(_LoneCaller(leg, end))
        if config.hold_music_enabled is not False:
            self._commands.start(self._play_music(leg), session_id=leg.session_id)

    def session_started(self, room: Room) -> None:
        """End the wait of the callers in a room whose meeting has started."""
        for caller in [caller for caller in self._waiting if caller.leg.room is room]:
            self._waiting.remove(caller)
            caller.end.cancel()
            leg = caller.leg
            if leg.over.is_set() or not isinstance(leg.machine, DialInMachine):
                continue
            room.publish(leg.machine.events.connected().payload())
            if leg.call is not None:
                self._commands.start(leg.call.stop_playing(), session_id=leg.session_id)

    def clear(self) -> None:
        """Forget all callers; their calls are ended elsewhere."""
        for caller in self._waiting:
            caller.end.cancel()
        self._waiting.clear()

    async def close(self) -> None:
        """Remove temporary files."""
        await self._sounds.close()

    def _is_waiting(self, leg: Leg) -> bool:
        return any(caller.leg is leg for caller in self._waiting)

    async def _play_music(self, leg: Leg) -> None:
        file = await self._sounds.file("hold music")
        if self._is_waiting(leg) and not leg.over.is_set() and leg.call is not None:
            await leg.call.play(file, loop=True)

    def _end(self, leg: Leg, limit_s: float) -> None:
        self._timeline.append(
            "roomless",
            action="hangs up",
            because=f"the caller was alone for {limit_s:g} s",
            room=leg.room.name,
            session_id=leg.session_id,
        )
        leg.feed(inputs.StopRequested())
