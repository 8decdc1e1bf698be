"""The domain of a running server with its telephony and its HTTP application, built anew for changed settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fake_daily_server.handles.dial_reasons import why_no_call
from simulator.timeline import Record
from simulator.useragent import messages
from simulator.useragent.handle import Call

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from fake_daily_server.server import FakeDaily
    from fake_daily_server.site import Site
    from fake_daily_server.telephony.service import Telephony
    from fake_daily_server.web.page_access import PageAccess


class RunningSite:
    """What a server serves. `build` once the network has started, and again after the settings have changed."""

    site: Site
    telephony: Telephony
    reset_connection: Callable[[tuple[str, int]], None]
    """Resets the TCP connection of an HTTP client, by its address and port."""

    def __init__(self, daily: FakeDaily) -> None:
        self._daily = daily
        self._page_access: PageAccess | None = None
        """That of the first site, which those after resets keep: the page in a browser goes on."""

    def build(self) -> Site:
        """Build the domain, its telephony and its ASGI application from the server's settings; return the domain."""
        # These take 0.3 s, in which the fork server imports PJSIP.
        from fake_daily_server.app import create_app  # noqa: PLC0415
        from fake_daily_server.control.app import ControlApp  # noqa: PLC0415
        from fake_daily_server.site import Site  # noqa: PLC0415
        from fake_daily_server.telephony.service import Telephony  # noqa: PLC0415
        from fake_daily_server.telephony.sip_client_registrar import serve_sip_clients  # noqa: PLC0415
        from fake_daily_server.telephony.trunks.trunk_admission import serve_sip_trunks  # noqa: PLC0415

        daily, network = self._daily, self._daily.network
        self.site = Site(
            daily.settings,
            daily.timeline,
            base_url=daily.url,
            sip_address=network.public_address,
            destinations=network.destinations,
            page_access=self._page_access,
        )
        self._page_access = self.site.page_access
        self.site.rest_faults.reset_connection = self.reset_connection
        self.site.telephony = self.telephony = Telephony(
            daily.settings,
            daily.timeline,
            gateway=daily.gateway,
            rooms=self.site.rooms,
            domain=self.site.domain,
            media_clock=self.site.media_clock,
            announce=self.site.webhooks.announce,
            digit_faults=self.site.digit_faults,
        )
        network.reasons = self._why_no_call
        network.trunk_numbers = self.telephony.takes_number
        network.trunk_uris = self.telephony.has_endpoint
        serve_sip_clients(self.site.domain, network, self.site.clock)
        serve_sip_trunks(self.site.domain, network, self.site.clock)
        self._app = create_app(self.site, control=ControlApp(daily))
        return self.site

    async def close(self) -> None:
        """Close the telephony."""
        await self.telephony.close()

    async def respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application of the server: that of the present site."""
        await self._app(scope, receive, send)

    def take_call(self, call: Call, incoming: messages.Incoming) -> None:
        """Answer, hold or refuse a SIP call to the domain."""
        self.telephony.take_call(call, incoming)

    def _why_no_call(self, records: Sequence[Record], nobody_called: bool) -> str | None:
        in_a_room = any(room.session is not None for room in self.site.rooms.rooms.values())
        return why_no_call(records, nobody_called=nobody_called, in_a_room=in_a_room)
