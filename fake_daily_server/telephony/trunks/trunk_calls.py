"""All calls to the SIP trunks of a server: those that ring, and callers who wait alone in their rooms."""

from __future__ import annotations

import asyncio

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.room_entry import RoomEntry
from fake_daily_server.telephony.timeline_records import record_invite
from fake_daily_server.telephony.trunks.customer_posts import CustomerPosts
from fake_daily_server.telephony.trunks.lone_callers import LoneCallers
from fake_daily_server.telephony.trunks.trunk_admission import trunk_at
from fake_daily_server.telephony.trunks.trunk_call import TrunkCall, TrunkContext
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.gateway import Gateway
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call

PAST_FRONT_DOOR = inputs.Refusal(403, "Forbidden", "the call has not come through the SIP address of the server")


class TrunkCalls:
    """Takes calls to trunks. Used on the server's loop."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        gateway: Gateway,
        domain: DomainStore,
        rooms: RoomStore,
        entry: RoomEntry,
        outgoing: OutgoingHttp,
    ) -> None:
        self._timeline = timeline
        self._gateway = gateway
        self._domain = domain
        posts = CustomerPosts(timeline, outgoing, limit_s=settings.trunk_notification_limit, now=rooms.clock)
        self._lone_callers = LoneCallers(settings, timeline, rooms.clock)
        self._context = TrunkContext(
            timeline, rooms, entry, posts, entered=self._lone_callers.add, released=self._remove
        )
        self._commands = CommandRunner(timeline)
        self._ringing: list[TrunkCall] = []

    def take(self, call: Call, incoming: messages.Incoming) -> bool:
        """Take or refuse a call if it is to the host of a trunk; returns whether it is."""
        host = SipAddress.received(incoming.request_uri).uri.host
        admitted = trunk_at(self._domain, host)
        if admitted is None:
            return False
        if not self._gateway.has_admitted(call, host):
            admitted = PAST_FRONT_DOOR
        if isinstance(admitted, inputs.Refusal):
            status = f"{admitted.status} {admitted.reason}"
            record_invite(self._timeline, incoming, refused=status, because=admitted.explanation)
            self._commands.start(call.reject(admitted.status, admitted.reason), sip_call_id=call.sip_call_id)
            return True
        ringing = TrunkCall(self._context, admitted, call, incoming)
        self._ringing.append(ringing)
        record_invite(self._timeline, incoming, trunk=admitted.name)
        ringing.feed(inputs.InviteReceived())
        return True

    def session_started(self, room: Room) -> None:
        """Tell the first client of a room of the caller who waits there, of whom nobody could be told before."""
        self._lone_callers.session_started(room)

    def stop_all(self) -> list[asyncio.Event]:
        """Refuse all calls that ring; returns one event per call, set when it is over."""
        self._lone_callers.clear()
        ringing = tuple(self._ringing)
        for call in ringing:
            call.feed(inputs.StopRequested())
        return [call.over for call in ringing]

    async def close(self) -> None:
        """Remove temporary files and close connections."""
        await self._context.posts.close()
        await self._lone_callers.close()

    def _remove(self, call: TrunkCall) -> None:
        self._ringing.remove(call)
