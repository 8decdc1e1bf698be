"""Routes incoming calls: to an endpoint of a room, on hold, to the code prompt, or to a refusal."""

from __future__ import annotations

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.machines.inputs import Refusal
from fake_daily_server.telephony.replacing import ReplacingCalls
from fake_daily_server.telephony.room_entry import RoomEntry
from fake_daily_server.telephony.roomless.callers import RoomlessCallers
from fake_daily_server.telephony.timeline_records import record_invite
from fake_daily_server.telephony.trunks.trunk_calls import TrunkCalls
from fake_daily_server.values.ids import SipEndpoint
from simulator.gateway import Gateway
from simulator.numbers import SipAddress
from simulator.replacing import replaces_values
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call


class IncomingCalls:
    """Answers or refuses the calls that reach the gateway."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        gateway: Gateway,
        domain: DomainStore,
        rooms: RoomStore,
        entry: RoomEntry,
        roomless: RoomlessCallers,
        trunk_calls: TrunkCalls,
        replacing: ReplacingCalls,
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._gateway = gateway
        self._domain = domain
        self._rooms = rooms
        self._entry = entry
        self._roomless = roomless
        self._trunk_calls = trunk_calls
        self._replacing = replacing
        self._commands = CommandRunner(timeline)

    def takes_number(self, number: str) -> bool:
        """Whether calls to `number` (E.164) are for Daily: a number of the domain, or the global dial-in number."""
        return self._domain.numbers.owns(number) or number == self._settings.dialin_number

    def has_endpoint(self, uri: str) -> bool:
        """Whether a SIP URI is that of an endpoint that a room has registered."""
        endpoint = SipEndpoint.parse(uri)
        room = None if endpoint is None else self._entry.room_of(endpoint)
        return room is not None and room.endpoints_registered

    def take(self, call: Call, incoming: messages.Incoming) -> None:
        """Answer, hold or refuse a call, by the call it replaces, the trunk it is to, or its number or SIP user."""
        if replaces_values(incoming):
            refusal = self._replacing.take(call, incoming)
            if refusal is not None:
                self._refuse(call, incoming, refusal)
            return
        if self._trunk_calls.take(call, incoming):
            return
        address = SipAddress.received(incoming.request_uri)
        number = address.number
        configs = self._domain.dialin_configs
        pinless = configs.pinless_for_number(number) if number else configs.pinless_for_sip_user(address.uri.user or "")
        if pinless is not None:
            self._roomless.hold(call, incoming, pinless)
        elif number is not None:
            self._take_number(call, incoming, number)
        else:
            self._take_endpoint(call, incoming)

    def _take_number(self, call: Call, incoming: messages.Incoming, number: str) -> None:
        config = self._domain.dialin_configs.pin_for_number(number)
        if config is not None or self._is_pin_number(number):
            self._roomless.ask_for_code(call, incoming, config.greeting if config else None)
            return
        self._refuse(call, incoming, Refusal(404, "Not Found", f"number {number} has no dial-in configuration"))

    def _is_pin_number(self, number: str) -> bool:
        """Whether `number` is for PIN dial-in: the global number, the domain's oldest number, or a room's own."""
        oldest = self._domain.numbers.oldest
        if number in (self._settings.dialin_number, oldest):
            return True
        dialins = (room.properties.dialin for room in self._rooms.rooms.values())
        return any(number == named.phone_number for dialin in dialins if dialin for named in dialin.room_numbers or ())

    def _take_endpoint(self, call: Call, incoming: messages.Incoming) -> None:
        followed_call, endpoint = FollowedCall.of(call), SipEndpoint.parse(incoming.request_uri)
        refusal = self._entry.take_call(followed_call, incoming, endpoint)
        if refusal is not None and refusal.is_busy:
            self._commands.start(self._try_again(call, followed_call, incoming, endpoint))
        elif refusal is not None:
            self._refuse(call, incoming, refusal)

    async def _try_again(
        self, call: Call, followed_call: FollowedCall, incoming: messages.Incoming, endpoint: SipEndpoint | None
    ) -> None:
        """Take or refuse a call when the ends of others are known: its caller may have had one of them until now."""
        await self._gateway.hear_pending_ends()
        if call.state == "ended":
            record_invite(self._timeline, incoming, refused="487 Request Terminated", because="the caller gave up")
            return
        refusal = self._entry.take_call(followed_call, incoming, endpoint)
        if refusal is not None:
            self._refuse(call, incoming, refusal)

    def _refuse(self, call: Call, incoming: messages.Incoming, refusal: Refusal) -> None:
        status = f"{refusal.status} {refusal.reason}"
        record_invite(self._timeline, incoming, refused=status, because=refusal.explanation)
        self._commands.start(call.reject(refusal.status, refusal.reason), sip_call_id=call.sip_call_id)
