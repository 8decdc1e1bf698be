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
    """The parts of the server that rooms use. `base_url` is `http://host:port`, `sip_address` `host:port`."""

    settings: Settings
    timeline: Timeline
    base_url: str
    sip_address: str
    clock: Clock
    """Unix time, by which rooms expire, participants are ejected and idle sessions end."""
    media_clock: MediaClock
    meetings: MeetingLog
    telephony: Callable[[], TelephonyService[Any] | None]
    """None in a server without telephony."""
    dialin_number: Callable[[], str]
    """The number at which callers dial the code of a room that names no numbers itself."""
    announce: Announce
    """Reports to webhooks what happens in a room."""
