"""Daily's telephony of all rooms: verbs in, calls on the gateway, and callers that the gateway brings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.media.bridge import Bridge
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.settings import Settings
from fake_daily_server.telephony import inputs
from fake_daily_server.telephony.addresses import caller_display_name, x_headers
from fake_daily_server.telephony.admission import Admission, Door
from fake_daily_server.telephony.dialin import DialInPlan, DialInSession
from fake_daily_server.telephony.dialout import DialOutPlan, DialOutRules, DialOutSession
from fake_daily_server.telephony.events import DialInLeg, DialOutLeg, dialin_ready
from fake_daily_server.telephony.facts import EndpointRegistered
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.limits import SessionLimit, SessionsInUse
from fake_daily_server.telephony.line import Line
from fake_daily_server.telephony.lobby import Arrival, Lobby
from fake_daily_server.telephony.transfers import TargetLeg, Transfers
from fake_daily_server.telephony.video_leg import wish_of_dialin, wish_of_dialout
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import SipEndpoint, new_uuid
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Permissions
from fake_daily_server.values.telephony_requests import (
    PinlessCallUpdate,
    SendDtmf,
    SipCallTransfer,
    SipRefer,
    StartDialOut,
)
from fake_daily_server.values.telephony_types import ParticipantType, Provider
from simulator.errors import CallEnded, SimulatorError
from simulator.gateway import Gateway
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec

DAILY_CODECS: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
"""All that Daily speaks, in the order in which fallbacks are offered."""

_LEGS_GONE_WITHIN_S = 2.0


def offer(preferred: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
    """What goes into an offer: the preferred codecs first, then the others to fall back to."""
    return (*preferred, *(codec for codec in DAILY_CODECS if codec not in preferred))


class Telephony:
    """The shell around the machines. One for all rooms of a server, on the server's loop."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        gateway: Gateway,
        rooms: RoomStore,
        domain: DomainStore,
        media_clock: MediaClock,
    ) -> None:
        self._gateway = gateway
        self.legs: dict[str, Leg] = {}
        """By session id; a session that has ended is gone."""
        self._rooms = rooms
        self._domain = domain
        self._settings = settings
        self._timeline = timeline
        self._limit = SessionLimit(
            settings.max_sip_pstn_sessions_per_room,
            "provisioned" if settings.session_limit_counts == "endpoints" else "connections",
        )
        self.lobby = Lobby(settings, timeline, self, self._lobby_codecs)
        self._transfers = Transfers(
            settings,
            timeline,
            take_back=self._take_back,
            new_bridge=lambda: Bridge(media_clock),
        )
        self._rules = DialOutRules(settings.ring_timeout, settings.dialed_participant_joins)
        self._admission = Admission()
        self._dialling: set[asyncio.Task[None]] = set()

    # --- verbs -----------------------------------------------------------------------------------------------

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        """Begin a call and return its session id at once; its fate comes as events."""
        self._check_dialout(room)
        if request.phone_number is not None:
            self._domain.check_may_dial(request.phone_number)
        preferred = request.audio_codecs or self._default_codecs(request)
        is_phone = request.phone_number is not None
        caller = self._domain.numbers.caller_number(request.caller_id) if is_phone else None
        own_uri = f"sip:{caller}@{self._gateway.address}" if caller else self._endpoint_uri(SipEndpoint(room.name, 0))
        leg = DialOutLeg(
            session_id=new_uuid(),
            destination=request.target,
            origin=caller or own_uri,
            caller_id=caller,
            user_id=request.user_id,
            provider=request.provider or self._settings.provider,
        )
        plan = DialOutPlan(
            user_name=request.name,
            participant_type="pstn-dial-out" if is_phone else "sip-dial-out",
            preferred_codec=preferred[0],
            extension=request.extension,
            wait_before_extension_s=request.wait_before_extension_dial_sec,
        )
        own = self._new_leg(room, DialOutSession(leg, plan, self._rules), preferred, permissions=_permissions(request))
        own.video = wish_of_dialout(request)
        self._start(self._dial(own, request, offer(preferred), own_uri), f"dialling for session {own.session_id}")
        return own.session_id

    async def stop_dialout(self, room: Room, session_id: str) -> None:
        """End a session of the room in whatever state it is."""
        self._leg(room, session_id).feed(inputs.StopRequested())

    async def send_dtmf(self, room: Room, request: SendDtmf) -> None:
        """Press keys towards the far end; returns when they are accepted, not when they are sent."""
        leg = self._leg(room, request.session_id)
        method = None if request.method == "auto" else request.method
        try:
            await leg.send_digits(request.tones, method, request.digit_duration_ms)
        except CallEnded as ended:
            raise InvalidRequest(f"the call was closed before the tones were delivered: {ended}") from ended
        except SimulatorError as refusal:
            raise InvalidRequest(str(refusal)) from refusal

    async def eject(self, room: Room, session_id: str) -> None:
        """End the call behind a telephony participant."""
        await self.stop_dialout(room, session_id)

    async def session_started(self, room: Room) -> None:
        """The room is live: its SIP endpoints can be called from now on."""
        for index in range(room.properties.sip_endpoints):
            endpoint = self._endpoint_uri(SipEndpoint(room.name, index))
            room.publish(dialin_ready(endpoint, self._provider(room)).payload())
            room.announce(EndpointRegistered(endpoint))
        self.lobby.meeting_started(room)

    async def client_joined(self, room: Room, session_id: str) -> None:
        """A late client hears of the endpoints where the settings say so."""
        if self._settings.replay_dialin_ready:
            for index in range(room.properties.sip_endpoints):
                endpoint = self._endpoint_uri(SipEndpoint(room.name, index))
                room.send(session_id, dialin_ready(endpoint, self._provider(room)).payload())

    async def room_closed(self, room: Room) -> None:
        """The room is gone; callers who wait for its meeting are sent away."""
        self.lobby.room_closed(room, "the room was deleted")

    async def session_ended(self, room: Room) -> None:
        """Nobody is left: every leg is cut. Returns when SIP has confirmed it, or after 2 s."""
        await _all_over(self._stopped(leg for leg in tuple(self.legs.values()) if leg.room is room))

    async def stop_all(self) -> None:
        """End every call: in rooms, on the way out of them, and not in one yet."""
        transfers, guests = self._transfers.stop_all(), self.lobby.stop_all()
        await _all_over([*transfers, *guests, *self._stopped(tuple(self.legs.values()))])

    async def close(self) -> None:
        """Free files and connections."""
        await self.lobby.close()

    def _stopped(self, legs: Iterable[Leg]) -> list[asyncio.Event]:
        over = []
        for leg in legs:
            leg.feed(inputs.StopRequested())
            over.append(leg.over)
        return over

    # --- calls that move -------------------------------------------------------------------------------------

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        """Send a held caller to a room. Raises NotFound or InvalidRequest."""
        self.lobby.claim(update)

    async def sip_call_transfer(self, room: Room, request: SipCallTransfer) -> None:
        """Connect a leg to another end and stay between; returns once the other end is being called.

        Raises NotFound for an unknown leg, InvalidRequest when it cannot be transferred; it stays in the room then.
        """
        leg = self._leg(room, request.session_id)
        self._check_reachable(request.to_end_point)
        domain = self._domain
        if request.is_phone:
            domain.check_may_dial(request.to_end_point)
        caller = domain.numbers.caller_number(request.caller_id) if request.is_phone else None
        own_uri = f"sip:{caller}@{self._gateway.address}" if caller else self._endpoint_uri(SipEndpoint(room.name, 0))
        settings = self._settings
        preferred = self._spoken(settings.pstn_dialout_codecs if request.is_phone else settings.sip_dialout_codecs)
        plan = DialOutPlan(
            user_name=request.to_end_point,
            participant_type="pstn-dial-out" if request.is_phone else "sip-dial-out",
            preferred_codec=preferred[0],
            extension=request.extension,
            wait_before_extension_s=request.wait_before_extension_dial_sec,
        )
        session = DialOutSession(
            DialOutLeg(
                session_id=new_uuid(),
                destination=request.to_end_point,
                origin=caller or own_uri,
                caller_id=caller,
                provider=settings.provider,
            ),
            plan,
            DialOutRules(settings.ring_timeout, "never"),
        )
        target = TargetLeg(
            room,
            session,
            codecs=preferred,
            settings=settings,
            timeline=self._timeline,
            released=lambda _: None,
        )

        async def dial() -> None:
            await self._send_invite(target, request.to_end_point, offer(preferred), own_uri)

        await self._transfers.bridge(leg, target, request, dial)

    async def sip_refer(self, room: Room, request: SipRefer) -> None:
        """Ask the far end of a leg to call somebody else; returns once it has agreed.

        Raises NotFound for an unknown leg, InvalidRequest when the far end does not agree.
        """
        leg = self._leg(room, request.session_id)
        self._check_reachable(request.to_end_point)
        await self._transfers.refer(leg, request)

    def _check_reachable(self, target: str) -> None:
        try:
            self._gateway.check_reachable(target)
        except SimulatorError as refusal:
            raise InvalidRequest(str(refusal)) from refusal

    def _take_back(self, gone: Leg) -> None:
        """A call whose transfer failed comes back into its room, as a new session."""
        call, media, room = gone.call, gone.machine.media, gone.room
        if call is None or media is None:
            return
        if room.session is None:
            self._start(self._hang_up(call), "hanging up on a caller whose room is gone")
            return
        old = gone.machine
        if isinstance(old, DialInSession):
            back: DialInSession | DialOutSession = DialInSession(replace(old.leg, session_id=new_uuid()), old.plan)
        else:
            back = DialOutSession(replace(old.leg, session_id=new_uuid()), old.plan, old.rules)
        leg = self._new_leg(room, back, ())
        leg.take_over(gone.line)
        leg.feed(inputs.Arrived(call.sip_call_id, media))

    def takes_number(self, number: str) -> bool:
        """Whether calls to this E.164 number come here."""
        return self._domain.numbers.owns(number) or number == self._settings.dialin_number

    # --- callers ---------------------------------------------------------------------------------------------

    def take_call(self, call: Call, incoming: messages.Incoming) -> None:
        """An INVITE reached the gateway: hold it, let it into a room, or refuse it."""
        address = SipAddress.parse(incoming.request_uri).uri
        number = address.global_phone_number
        domain = self._domain
        held = (
            domain.dialin_configs.pinless_for_number(number)
            if number
            else domain.dialin_configs.pinless_for_sip_user(address.user or "")
        )
        if held is not None:
            self.lobby.hold(call, incoming, held)
        elif number is not None:
            self._take_number(call, incoming, number)
        else:
            self._take_endpoint(call, incoming, SipEndpoint.parse(incoming.request_uri))

    def _take_number(self, call: Call, incoming: messages.Incoming, number: str) -> None:
        config = self._domain.dialin_configs.pin_for_number(number)
        if config is not None or self._asks_for_codes(number):
            self.lobby.ask_for_code(call, incoming, config.greeting if config else None)
            return
        because = f"number {number} has no dial-in configuration"
        self._turn_away(call, incoming, inputs.Refusal(404, "Not Found", because))

    def _asks_for_codes(self, number: str) -> bool:
        """Rooms with PIN dial-in are called at the global number, the domain's oldest, and those they name."""
        oldest = self._domain.numbers.oldest
        if number in (self._settings.dialin_number, oldest):
            return True
        dialins = (room.properties.dialin for room in self._rooms.rooms.values())
        return any(number == named.phone_number for dialin in dialins if dialin for named in dialin.room_numbers or ())

    def _take_endpoint(self, call: Call, incoming: messages.Incoming, endpoint: SipEndpoint | None) -> None:
        room = self.room_of(endpoint) if endpoint else None
        refusal = self.refusal(room, endpoint)
        if room is None or endpoint is None or refusal is not None:
            self._turn_away(call, incoming, refusal or self._admission.unknown)
            return
        preferred = self._dialin_codecs(room)
        machine = DialInSession(
            self._dialin_leg(room, endpoint, incoming),
            DialInPlan(self._caller_name(room, endpoint, incoming), preferred_codec=preferred[0]),
        )
        leg = self._new_leg(room, machine, offer(preferred))
        leg.video = wish_of_dialin(room.properties)
        leg.take_over(Line(leg.notice, call))
        self._record_invite(incoming, room=room.name, session_id=leg.session_id)
        leg.feed(inputs.Offered())

    def enter(self, arrival: Arrival) -> str:
        """Make a call from the lobby a session of a room, its SIP dialog unchanged; returns the session id."""
        room, endpoint, incoming = arrival.room, arrival.endpoint, arrival.incoming
        kind: ParticipantType = "sip-dial-in" if endpoint else "pstn-dial-in"
        asked_for = room.properties.sip and room.properties.sip.codecs and room.properties.sip.codecs.audio
        preferred = asked_for[0] if endpoint and asked_for else None
        plan = DialInPlan(self._caller_name(room, endpoint, incoming), kind, preferred)
        leg = self._new_leg(room, DialInSession(self._dialin_leg(room, endpoint, incoming), plan), ())
        leg.take_over(arrival.line)
        leg.feed(inputs.Arrived(incoming.sip_call_id, arrival.media))
        return leg.session_id

    def by_code(self, code: str) -> Room | None:
        """The room whose `dialin_code` this is; not one that has expired."""
        for room in self._rooms.rooms.values():
            if room.dialin_code == code and not room.expired:
                return room
        return None

    def expires_in(self, room: Room) -> float | None:
        """Seconds until the room's `exp`; None when it has none."""
        exp = room.properties.exp
        return None if exp is None else max(0.0, exp - self._rooms.clock())

    def room_of(self, endpoint: SipEndpoint) -> Room | None:
        """The room that has the endpoint."""
        room = self._rooms.find(endpoint.room)
        return room if room is not None and endpoint.index < room.properties.sip_endpoints else None

    def refusal(self, room: Room | None, endpoint: SipEndpoint | None) -> inputs.Refusal | None:
        """Why a room does not take one more caller now, at an endpoint or (None) by its code; None when it does."""
        if room is None:
            return self._admission.unknown
        now = self._in_use(room)
        return self._admission.judge(
            Door(
                known=True,
                room_expired=room.expired,
                session_live=room.endpoints_registered,
                endpoint_busy=endpoint is not None and self._at_endpoint(self._endpoint_uri(endpoint)) is not None,
                within_limit=self._limit.allows_dial_in(now) if endpoint else self._limit.allows_more(now),
            )
        )

    def _dialin_leg(self, room: Room, endpoint: SipEndpoint | None, incoming: messages.Incoming) -> DialInLeg:
        return DialInLeg(
            session_id=new_uuid(),
            sip_call_id=incoming.sip_call_id,
            sip_from=incoming.from_uri,
            sip_endpoint=self._endpoint_uri(endpoint) if endpoint else None,
            sip_headers=x_headers(incoming.headers),
            provider=self._provider(room),
        )

    def _provider(self, room: Room) -> Provider:
        sip = room.properties.sip
        return (sip and sip.provider) or self._settings.provider

    @staticmethod
    def _caller_name(room: Room, endpoint: SipEndpoint | None, incoming: messages.Incoming) -> str:
        how = room.properties.sip if endpoint else room.properties.dialin
        return caller_display_name(
            request_uri=incoming.request_uri,
            to_uri=incoming.to_uri,
            headers=incoming.headers,
            room_name=how.display_name if how else None,
            from_name=incoming.from_name,
            from_uri=incoming.from_uri,
        )

    def _turn_away(self, call: Call, incoming: messages.Incoming, refusal: inputs.Refusal) -> None:
        self._record_invite(incoming, refused=f"{refusal.status} {refusal.reason}", because=refusal.because)
        self._start(self._reject(call, refusal), "refusing a caller")

    async def _reject(self, call: Call, refusal: inputs.Refusal) -> None:
        try:
            await call.reject(refusal.status, refusal.reason)
        except SimulatorError as failure:
            self._timeline.append("worker", action="refuses", error=str(failure), sip_call_id=call.sip_call_id)

    async def _hang_up(self, call: Call) -> None:
        with contextlib.suppress(SimulatorError):
            await call.hang_up()

    def _record_invite(self, incoming: messages.Incoming, **fields: object) -> None:
        self._timeline.append(
            "sip",
            at=incoming.at,
            message="INVITE",
            to=incoming.request_uri,
            **{"from": incoming.from_uri},
            sip_call_id=incoming.sip_call_id,
            **fields,
        )

    # --- inside ----------------------------------------------------------------------------------------------

    async def _dial(self, leg: Leg, request: StartDialOut, codecs: tuple[AudioCodec, ...], caller: str) -> None:
        try:
            await self._send_invite(leg, request.target, codecs, caller, dict(request.sip_headers))
        except SimulatorError as failure:
            leg.feed(inputs.DialFailed(str(failure)))

    async def _send_invite(
        self,
        leg: Leg,
        target: str,
        codecs: tuple[AudioCodec, ...],
        caller: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        await self._gateway.dial(
            target,
            codecs=codecs,
            headers=headers or {},
            caller=caller,
            display_name=None,
            on_notice=leg.line.notice,
            video=leg.video,
        )

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    def _new_leg(
        self,
        room: Room,
        machine: DialOutSession | DialInSession,
        codecs: Sequence[AudioCodec],
        *,
        permissions: Permissions = DEFAULT_PERMISSIONS,
    ) -> Leg:
        leg = Leg(
            room,
            machine,
            codecs=codecs,
            settings=self._settings,
            timeline=self._timeline,
            released=self._forget,
            permissions=permissions,
        )
        self.legs[leg.session_id] = leg
        return leg

    def _forget(self, over: Leg) -> None:
        self.legs.pop(over.session_id, None)

    def _leg(self, room: Room, session_id: str) -> Leg:
        leg = self.legs.get(session_id)
        if leg is None or leg.room is not room:
            live = ", ".join(own.session_id for own in self.legs.values() if own.room is room) or "none"
            raise NotFound(f"no telephony session {session_id!r} in room {room.name!r}; live ones: {live}")
        return leg

    def _check_dialout(self, room: Room) -> None:
        if not room.properties.enable_dialout:
            raise InvalidRequest(
                f"NOT_ALLOWED: dial-out is not enabled for room {room.name!r}; set its property enable_dialout to true"
            )
        if room.session is None:
            raise NotFound(f"room {room.name!r} has no call; somebody must have joined it before it can dial out")
        dialled = [leg for leg in self.legs.values() if leg.room is room and isinstance(leg.machine, DialOutSession)]
        if dialled and not self._settings.concurrent_dialouts:
            raise InvalidRequest(
                f"DIALOUT_IN_PROGRESS: session {dialled[0].session_id} of room {room.name!r} is in progress"
            )
        now = self._in_use(room)
        if not self._limit.allows_more(now):
            raise InvalidRequest(
                f"max_sip_pstn_sessions_per_room is {self._limit.most} and room {room.name!r} uses "
                f"{self._limit.used(now)} ({now.provisioned_endpoints} endpoints, {now.dial_outs} dial-outs)"
            )
        if self._gateway.full:
            raise InvalidRequest("TEMPORARILY_NOT_AVAILABLE: no SIP worker is free; try again shortly")

    def _in_use(self, room: Room) -> SessionsInUse:
        legs = [leg for leg in self.legs.values() if leg.room is room]
        dialled = sum(isinstance(leg.machine, DialOutSession) for leg in legs)
        pstn = sum(isinstance(leg.machine, DialInSession) and leg.machine.leg.sip_endpoint is None for leg in legs)
        return SessionsInUse(
            provisioned_endpoints=room.properties.sip_endpoints,
            busy_endpoints=len(legs) - dialled - pstn,
            dial_outs=dialled,
            pstn_dial_ins=pstn,
        )

    def _at_endpoint(self, uri: str) -> Leg | None:
        for leg in self.legs.values():
            if isinstance(leg.machine, DialInSession) and leg.machine.leg.sip_endpoint == uri:
                return leg
        return None

    def _endpoint_uri(self, endpoint: SipEndpoint) -> str:
        return endpoint.at(self._gateway.address)

    def _lobby_codecs(self) -> tuple[AudioCodec, ...]:
        return offer(self._spoken(self._settings.dialin_codecs))

    def _default_codecs(self, request: StartDialOut) -> tuple[AudioCodec, ...]:
        settings = self._settings
        return self._spoken(settings.pstn_dialout_codecs if request.phone_number else settings.sip_dialout_codecs)

    def _dialin_codecs(self, room: Room) -> tuple[AudioCodec, ...]:
        sip = room.properties.sip
        asked_for = sip.codecs.audio if sip and sip.codecs else None
        return asked_for or self._spoken(self._settings.dialin_codecs)

    def _spoken(self, codecs: tuple[AudioCodec, ...]) -> tuple[AudioCodec, ...]:
        """A default preference as far as the SIP workers speak it; what a caller asks for is never changed."""
        return tuple(codec for codec in codecs if codec in self._gateway.codecs) or ("PCMU",)


def _permissions(request: StartDialOut) -> Permissions:
    asked_for = request.permissions
    if asked_for is None or asked_for.can_receive is None:
        return DEFAULT_PERMISSIONS
    return Permissions(can_receive=asked_for.can_receive.complete()).over(DEFAULT_PERMISSIONS)


async def _all_over(ends: Sequence[asyncio.Event]) -> None:
    """Wait until all these have happened, or 2 s."""
    waits = [asyncio.create_task(end.wait()) for end in ends]
    if waits:
        _, late = await asyncio.wait(waits, timeout=_LEGS_GONE_WITHIN_S)
        for task in late:
            task.cancel()
