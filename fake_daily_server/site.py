"""Composes the parts of one server: the clocks, the domain, its logs, webhooks, client sessions and rooms."""

from __future__ import annotations

import time
from collections.abc import Callable

from fake_daily_server.domain.api_log import ApiLog
from fake_daily_server.domain.client_sessions import ClientSessions
from fake_daily_server.domain.clock import Clock
from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.meetings import MeetingLog
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.room_context import RoomContext
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.domain.telephony_interface import TelephonyService
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.rest.faults import RestFaults
from fake_daily_server.settings import Settings
from fake_daily_server.signalling.event_faults import EventFaults
from fake_daily_server.telephony.digit_faults import DigitFaults
from fake_daily_server.web.outgoing import OutgoingHttp
from fake_daily_server.web.page_access import PageAccess
from fake_daily_server.webhooks.service import Webhooks
from simulator.destinations import Destinations
from simulator.sip_requests.hop import is_loopback
from simulator.timeline import Timeline

CONTROL_PREFIX = "/_sim"
SANDBOX = f"{CONTROL_PREFIX}/sandbox"


class Site:
    """One Daily domain with all its state, in memory; used on one loop.

    `base_url` is `http://host:port`, `sip_address` the front door's `host:port`, and `now` gives unix seconds.
    `destinations` says where requests may go; without it, this machine and `settings.allow_hosts`.
    `telephony` may be assigned after construction, by a service that needs `rooms`; without one, rooms refuse telephony
    verbs.
    """

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        base_url: str,
        sip_address: str,
        destinations: Destinations | None = None,
        telephony: TelephonyService[Room] | None = None,
        page_access: PageAccess | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.timeline = timeline
        self.base_url = base_url
        self.sip_address = sip_address
        self.telephony = telephony
        self.page_access = page_access or PageAccess(SANDBOX, CONTROL_PREFIX, is_open=is_loopback(settings.host))
        """Who may open the page of this server, and the control API."""
        self.clock = Clock(now)
        """The clock of tokens, rooms, ejections and webhooks, in unix seconds; a test can move it forward."""
        self.media_clock = MediaClock()
        """Paces the audio of all rooms and of the bridges of transfers."""
        self.domain = DomainStore(settings, sip_address=sip_address, now=self.clock)
        self.meetings = MeetingLog(self.clock)
        self.api_log = ApiLog()
        self.outgoing = OutgoingHttp(destinations or Destinations(settings.allow_hosts, timeline=timeline))
        """Makes requests to customers' servers."""
        self.webhooks = Webhooks(settings, timeline, self.clock, self.api_log, self.outgoing)
        self.rest_faults = RestFaults()
        """Faults on requests of the REST API."""
        self.event_faults = EventFaults()
        """Faults on the events that clients receive."""
        self.digit_faults = DigitFaults(timeline)
        """Faults on the digits that are sent to far ends."""
        self.client_sessions = ClientSessions(settings, timeline, self.clock)
        self.rooms = RoomStore(
            RoomContext(
                settings,
                timeline,
                base_url,
                sip_address,
                clock=self.clock,
                media_clock=self.media_clock,
                meetings=self.meetings,
                telephony=lambda: self.telephony,
                dialin_number=lambda: self.domain.default_dialin_number,
                announce=self.webhooks.announce,
            )
        )

    async def reset(self) -> None:
        """Remove all rooms and webhooks, and restore the domain, the logs and the clock to their startup state."""
        self.domain.reset()
        self.rest_faults.clear()
        self.event_faults.clear()
        self.digit_faults.clear()
        await self.webhooks.clear()
        await self.rooms.clear()
        self.meetings.clear()
        self.api_log.clear()
        self.clock.reset()
