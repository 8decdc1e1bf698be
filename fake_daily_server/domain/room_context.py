"""What all rooms of a server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fake_daily_server.domain.clock import Clock
from fake_daily_server.domain.facts import Announce
from fake_daily_server.domain.meetings import MeetingLog
from fake_daily_server.domain.telephony_interface import TelephonyService
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.settings import Settings
from simulator.timeline import Timeline


@dataclass(frozen=True, slots=True)
class RoomContext:
    """The parts of the server that rooms use. `base_url` is `http://host:port`, `sip_address` is `host:port`."""

    settings: Settings
    timeline: Timeline
    base_url: str
    sip_address: str
    clock: Clock
    """Decides when rooms expire, participants are ejected and idle sessions end."""
    media_clock: MediaClock
    meetings: MeetingLog
    telephony: Callable[[], TelephonyService[Any] | None]
    """Returns the telephony service; None in a server without one."""
    dialin_number: Callable[[], str]
    """Returns the number for PIN dial-in to rooms that name none themselves."""
    announce: Announce
    """Reports facts about a room to webhooks."""
