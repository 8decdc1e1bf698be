"""The telephony of a server: its interface for rooms, the gateway and the server itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.facts import Fact
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.media.bridge import Bridge
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.codec_choice import CodecChoice, with_fallbacks
from fake_daily_server.telephony.dialling import Dialler
from fake_daily_server.telephony.digit_faults import DigitFaults
from fake_daily_server.telephony.facts import EndpointRegistered
from fake_daily_server.telephony.incoming import IncomingCalls
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.legs import Legs
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.replacing import ReplacingCalls
from fake_daily_server.telephony.room_entry import RoomEntry
from fake_daily_server.telephony.roomless.callers import RoomlessCallers
from fake_daily_server.telephony.session_limit import SessionLimits
from fake_daily_server.telephony.transfers.transfers import Transfers
from fake_daily_server.telephony.trunks.trunk_calls import TrunkCalls
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.ids import SipEndpoint
from fake_daily_server.values.telephony_requests import (
    PinlessCallUpdate,
    SendDtmf,
    SipCallTransfer,
    SipRefer,
    StartDialOut,
)
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.errors import CallEnded, SimulatorError
from simulator.gateway import Gateway
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call

HANG_UP_TIMEOUT_S = 2.0
"""The longest wait, at the end of a room's session, for SIP to confirm that its calls are over."""


class Telephony:
    """The telephony of all rooms of a server; delegates each request to one of its parts. Used on the server's loop."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        gateway: Gateway,
        rooms: RoomStore,
        domain: DomainStore,
        media_clock: MediaClock,
        announce: Callable[[str, Fact], None],
        digit_faults: DigitFaults,
    ) -> None:
        """`announce` gets the name of a room, or an empty one, and what has happened there."""
        self._settings = settings
        self._digit_faults = digit_faults
        codecs = CodecChoice(settings, lambda: gateway.codecs)
        limits = SessionLimits(settings, domain)
        self._legs = legs = Legs(settings, timeline)
        self._dialler = Dialler(
            settings, timeline, gateway=gateway, domain=domain, legs=legs, limits=limits, codecs=codecs
        )
        self._entry = entry = RoomEntry(
            settings, timeline, sip_address=gateway.address, rooms=rooms, legs=legs, limits=limits, codecs=codecs
        )
        outgoing = OutgoingHttp(gateway.destinations)
        self._roomless = RoomlessCallers(
            settings,
            timeline,
            entry,
            lambda: with_fallbacks(codecs.for_dialin()),
            announce=lambda fact: announce("", fact),
            outgoing=outgoing,
        )
        self._trunk_calls = TrunkCalls(
            settings, timeline, gateway=gateway, domain=domain, rooms=rooms, entry=entry, outgoing=outgoing
        )
        self._incoming = IncomingCalls(
            settings,
            timeline,
            gateway=gateway,
            domain=domain,
            rooms=rooms,
            entry=entry,
            roomless=self._roomless,
            trunk_calls=self._trunk_calls,
            replacing=ReplacingCalls(gateway, legs, entry),
        )
        self._transfers = Transfers(settings, timeline, legs=legs, new_bridge=lambda: Bridge(media_clock))

    @property
    def legs(self) -> Mapping[str, Leg]:
        """The telephony sessions of all rooms, by session id."""
        return self._legs

    # --- calls of a room -------------------------------------------------------------------------------------

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        """Start a dial-out and return its session id without waiting for the INVITE; events report its progress.

        Raises NotFound if nobody is in the room, InvalidRequest if the room or the domain may not dial the target.
        """
        return await self._dialler.dial_out(room, request)

    async def stop_dialout(self, room: Room, session_id: str) -> None:
        """End a telephony session of the room, whatever its state. Raises NotFound if the room has no such session."""
        self._legs.find(room, session_id).feed(inputs.StopRequested())

    async def eject(self, room: Room, session_id: str) -> None:
        """End the session of a telephony participant. Raises NotFound if the room has no such session."""
        await self.stop_dialout(room, session_id)

    async def send_dtmf(self, room: Room, request: SendDtmf) -> None:
        """Send digits to the far end of a session; returns once they are accepted, before they have been sent.

        Raises NotFound for an unknown session, InvalidRequest if the call has no media or ends before it accepts them.
        """
        leg = await self._confirmed(room, request.session_id)
        method = None if request.method == "auto" else request.method
        try:
            for digits, by_other in self._digit_faults.apply(request.tones, request.session_id):
                await leg.send_digits(digits, method, request.digit_duration_ms, by_other_method=by_other)
        except CallEnded as ended:
            raise InvalidRequest(f"the call was closed before the tones were delivered: {ended}") from ended
        except SimulatorError as refusal:
            raise InvalidRequest(str(refusal)) from refusal

    async def _confirmed(self, room: Room, session_id: str) -> Leg:
        """The leg of a session, once an accepted call is confirmed. Raises NotFound, or InvalidRequest if it is not."""
        await self._legs.find(room, session_id).wait_confirmed()
        return self._legs.find(room, session_id)

    # --- calls that move -------------------------------------------------------------------------------------

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        """Move a held caller to a room. Raises NotFound or InvalidRequest; see `RoomlessCallers.move_held_caller`."""
        self._roomless.move_held_caller(update)

    async def sip_call_transfer(self, room: Room, request: SipCallTransfer) -> None:
        """Connect the call of a session to a target, and bridge their audio; returns once the INVITE has been sent.

        Raises NotFound for an unknown session, InvalidRequest if it cannot be transferred; it then stays in the room.
        """
        leg = await self._confirmed(room, request.session_id)
        target, send_invite = self._dialler.prepare_target(room, request)
        await self._transfers.bridge(leg, target, send_invite, request.to_end_point)

    async def sip_refer(self, room: Room, request: SipRefer) -> None:
        """Ask the far end of a session, with a REFER, to call a target itself; returns once the far end has accepted.

        Raises NotFound for an unknown session, InvalidRequest if the far end does not accept.
        """
        leg = await self._confirmed(room, request.session_id)
        self._dialler.check_reachable(request.to_end_point)
        await self._transfers.refer(leg, request.to_end_point)

    # --- sessions of rooms -----------------------------------------------------------------------------------

    async def session_started(self, room: Room) -> None:
        """Register the room's SIP endpoints, and move the callers who wait for its meeting into the room.

        Called once per meeting, when the first client has joined; whether a hidden client counts is the setting
        `hidden_participants_start_sip`.
        """
        await self.endpoints_opened(room, room.dialin.open_endpoints)
        self._roomless.meeting_started(room)
        self._trunk_calls.session_started(room)

    async def endpoints_opened(self, room: Room, endpoints: Sequence[SipEndpoint]) -> None:
        """Tell the clients and webhooks that callers can reach these endpoints of a room."""
        for ready in self._entry.ready_events(room, endpoints):
            room.publish(ready.payload())
            room.announce(EndpointRegistered(ready.sip_endpoint))

    async def client_joined(self, room: Room, session_id: str) -> None:
        """Send the room's `dialin-ready` events to a client that joined later, if `replay_dialin_ready` is set."""
        if self._settings.replay_dialin_ready:
            for ready in self._entry.ready_events(room, room.dialin.open_endpoints):
                room.send(session_id, ready.payload())

    async def session_ended(self, room: Room) -> None:
        """Hang up all calls of the room; returns once SIP has confirmed their ends, after 2 s at the latest."""
        await _wait_for_all(self._stop(self._legs.of_room(room)))

    async def room_closed(self, room: Room) -> None:
        """Hang up on the callers who wait for a meeting in a room that has been deleted, or who are alone in it."""
        self._stop(self._legs.of_room(room))
        self._roomless.room_closed(room, "the room was deleted")

    def fail_dialouts(self, cause: str, count: int) -> None:
        """Let the next `count` dial-outs be accepted and fail before they have a session; 0 takes that back."""
        self._dialler.fail_starts(cause, count)

    # --- the gateway and the server --------------------------------------------------------------------------

    def takes_number(self, number: str) -> bool:
        """Whether calls to this number (E.164) are for Daily."""
        return self._incoming.takes_number(number)

    def has_endpoint(self, uri: str) -> bool:
        """Whether a SIP URI is that of an endpoint that a room has registered."""
        return self._incoming.has_endpoint(uri)

    def take_call(self, call: Call, incoming: messages.Incoming) -> None:
        """Answer, hold or refuse a call that has reached the gateway."""
        self._incoming.take(call, incoming)

    async def stop_all(self) -> None:
        """Hang up all calls: those in rooms, those being transferred, and those in no room yet."""
        transfers, callers = self._transfers.stop_all(), [*self._roomless.stop_all(), *self._trunk_calls.stop_all()]
        await _wait_for_all([*transfers, *callers, *self._stop(tuple(self._legs.values()))])

    async def close(self) -> None:
        """Remove temporary files and close connections."""
        await self._roomless.close()
        await self._trunk_calls.close()

    @staticmethod
    def _stop(legs: Iterable[Leg]) -> list[asyncio.Event]:
        """Request the end of these sessions; returns one event per session, set when that session is over."""
        over = []
        for leg in legs:
            leg.feed(inputs.StopRequested())
            over.append(leg.over)
        return over


async def _wait_for_all(events: Sequence[asyncio.Event]) -> None:
    """Wait until all events are set, for at most `HANG_UP_TIMEOUT_S`."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    if waits:
        _, late = await asyncio.wait(waits, timeout=HANG_UP_TIMEOUT_S)
        for task in late:
            task.cancel()
