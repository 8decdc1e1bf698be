"""Daily's telephony of all rooms: verbs in, calls on the gateway, and callers that the gateway brings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fake_daily_server.domain import number_id
from fake_daily_server.errors import InvalidRequest, NotFound
from fake_daily_server.ids import SipEndpoint, new_uuid
from fake_daily_server.participants import EVERYBODY, Permissions
from fake_daily_server.rest.models import SendDtmf, StartDialOut
from fake_daily_server.room import Room
from fake_daily_server.rooms import RoomStore
from fake_daily_server.settings import Settings
from fake_daily_server.telephony import inputs
from fake_daily_server.telephony.addresses import caller_display_name, x_headers
from fake_daily_server.telephony.admission import Admission, Door
from fake_daily_server.telephony.dialin import DialInPlan, DialInSession
from fake_daily_server.telephony.dialout import DialOutPlan, DialOutRules, DialOutSession
from fake_daily_server.telephony.events import DialInLeg, DialOutLeg, dialin_ready
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.limits import SessionLimit, SessionsInUse
from simulator.errors import CallEnded, SimulatorError
from simulator.gateway import Gateway
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec

DAILY_CODECS: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
"""All that Daily speaks, in the order in which fallbacks are offered."""

__all__ = ["DAILY_CODECS", "Telephony", "number_id", "offer"]

_LEGS_GONE_WITHIN_S = 2.0


def offer(preferred: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
    """What goes into an offer: the preferred codecs first, then the others to fall back to."""
    return (*preferred, *(codec for codec in DAILY_CODECS if codec not in preferred))


class Telephony:
    """The shell around the machines. One for all rooms of a server, on the server's loop."""

    def __init__(self, settings: Settings, timeline: Timeline) -> None:
        self.legs: dict[str, Leg] = {}
        """By session id; a session that has ended is gone."""
        self.rooms: RoomStore
        """Set by the server once both exist."""
        self.gateway: Gateway
        """Likewise."""
        self._settings = settings
        self._timeline = timeline
        self._limit = SessionLimit(
            settings.max_sip_pstn_sessions_per_room,
            "provisioned" if settings.session_limit_counts == "endpoints" else "connections",
        )
        self._rules = DialOutRules(settings.ring_timeout, settings.dialed_participant_joins)
        self._admission = Admission()
        self._dialling: set[asyncio.Task[None]] = set()

    # --- verbs -----------------------------------------------------------------------------------------------

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        """Begin a call and return its session id at once; its fate comes as events."""
        self._check_dialout(room)
        if request.phone_number is not None:
            self.rooms.domain.check_may_dial(request.phone_number)
        preferred = request.audio_codecs or self._default_codecs(request)
        is_phone = request.phone_number is not None
        caller = self.rooms.domain.caller_number(request.caller_id) if is_phone else None
        own_uri = f"sip:{caller}@{self.gateway.address}" if caller else self._endpoint_uri(SipEndpoint(room.name, 0))
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
        task = asyncio.create_task(
            self._dial(own, request, offer(preferred), own_uri), name=f"dialling for session {own.session_id}"
        )
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
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
            room.publish(dialin_ready(endpoint, self._settings.provider).payload())

    async def session_ended(self, room: Room) -> None:
        """Nobody is left: every leg is cut. Returns when SIP has confirmed it, or after 2 s."""
        await self._stop([leg for leg in self.legs.values() if leg.room is room])

    async def stop_all(self) -> None:
        """End every session of every room."""
        await self._stop(list(self.legs.values()))

    async def _stop(self, legs: list[Leg]) -> None:
        for leg in legs:
            leg.feed(inputs.StopRequested())
        gone = [asyncio.create_task(leg.over.wait()) for leg in legs]
        if gone:
            _, late = await asyncio.wait(gone, timeout=_LEGS_GONE_WITHIN_S)
            for task in late:
                task.cancel()

    # --- callers ---------------------------------------------------------------------------------------------

    def take_call(self, call: Call, incoming: messages.Incoming) -> None:
        """An INVITE reached the gateway: let it in or refuse it."""
        endpoint = SipEndpoint.parse(incoming.request_uri)
        room = self.rooms.find(endpoint.room) if endpoint else None
        if endpoint is None or room is None or endpoint.index >= room.properties.sip_endpoints:
            self._turn_away(call, incoming, Door(known=False))
            return
        uri = self._endpoint_uri(endpoint)
        door = Door(
            known=True,
            room_expired=room.expired,
            session_live=room.session is not None,
            endpoint_busy=self._at_endpoint(uri) is not None,
            within_limit=self._limit.allows_dial_in(self._in_use(room)),
        )
        if self._admission.judge(door) is not None:
            self._turn_away(call, incoming, door)
            return
        sip = room.properties.sip
        preferred = self._dialin_codecs(room)
        machine = DialInSession(
            DialInLeg(
                session_id=new_uuid(),
                sip_call_id=incoming.sip_call_id,
                sip_from=incoming.from_uri,
                sip_endpoint=uri,
                sip_headers=x_headers(incoming.headers),
                provider=(sip and sip.provider) or self._settings.provider,
            ),
            DialInPlan(
                user_name=caller_display_name(
                    request_uri=incoming.request_uri,
                    to_uri=incoming.to_uri,
                    headers=incoming.headers,
                    room_name=sip.display_name if sip else None,
                    from_name=incoming.from_name,
                    from_uri=incoming.from_uri,
                ),
                preferred_codec=preferred[0],
            ),
        )
        leg = self._new_leg(room, machine, offer(preferred))
        leg.call = call
        call.on_notice = lambda notice: leg.notice(call, notice)
        self._record_invite(incoming, room=room.name, session_id=leg.session_id)
        leg.feed(inputs.Offered())

    def _turn_away(self, call: Call, incoming: messages.Incoming, door: Door) -> None:
        refusal = self._admission.judge(door)
        if refusal is None:
            raise ValueError(f"{door} lets the call in")
        self._record_invite(incoming, refused=f"{refusal.status} {refusal.reason}", because=refusal.because)
        task = asyncio.create_task(self._reject(call, refusal), name="refusing a caller")
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)

    async def _reject(self, call: Call, refusal: inputs.Refusal) -> None:
        try:
            await call.reject(refusal.status, refusal.reason)
        except SimulatorError as failure:
            self._timeline.append("worker", action="refuses", error=str(failure), sip_call_id=call.sip_call_id)

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
            await self.gateway.dial(
                request.target,
                codecs=codecs,
                headers=dict(request.sip_headers),
                caller=caller,
                display_name=None,
                on_notice=leg.notice,
            )
        except SimulatorError as failure:
            leg.feed(inputs.DialFailed(str(failure)))

    def _new_leg(
        self,
        room: Room,
        machine: DialOutSession | DialInSession,
        codecs: Sequence[AudioCodec],
        *,
        permissions: Permissions = EVERYBODY,
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
        if not self._limit.allows_dial_out(now):
            raise InvalidRequest(
                f"max_sip_pstn_sessions_per_room is {self._limit.most} and room {room.name!r} uses "
                f"{self._limit.used(now)} ({now.provisioned_endpoints} endpoints, {now.dial_outs} dial-outs)"
            )
        if self.gateway.full:
            raise InvalidRequest("TEMPORARILY_NOT_AVAILABLE: no SIP worker is free; try again shortly")

    def _in_use(self, room: Room) -> SessionsInUse:
        legs = [leg for leg in self.legs.values() if leg.room is room]
        dialled = sum(isinstance(leg.machine, DialOutSession) for leg in legs)
        return SessionsInUse(
            provisioned_endpoints=room.properties.sip_endpoints,
            busy_endpoints=len(legs) - dialled,
            dial_outs=dialled,
        )

    def _at_endpoint(self, uri: str) -> Leg | None:
        for leg in self.legs.values():
            if isinstance(leg.machine, DialInSession) and leg.machine.leg.sip_endpoint == uri:
                return leg
        return None

    def _endpoint_uri(self, endpoint: SipEndpoint) -> str:
        return endpoint.at(self.gateway.address)

    def _default_codecs(self, request: StartDialOut) -> tuple[AudioCodec, ...]:
        settings = self._settings
        return self._spoken(settings.pstn_dialout_codecs if request.phone_number else settings.sip_dialout_codecs)

    def _dialin_codecs(self, room: Room) -> tuple[AudioCodec, ...]:
        sip = room.properties.sip
        asked_for = sip.codecs.audio if sip and sip.codecs else None
        return asked_for or self._spoken(self._settings.dialin_codecs)

    def _spoken(self, codecs: tuple[AudioCodec, ...]) -> tuple[AudioCodec, ...]:
        """A default preference as far as the SIP workers speak it; what a caller asks for is never changed."""
        return tuple(codec for codec in codecs if codec in self.gateway.codecs) or ("PCMU",)


def _permissions(request: StartDialOut) -> Permissions:
    asked_for = request.permissions
    if asked_for is None or asked_for.can_receive is None:
        return EVERYBODY
    return Permissions(can_receive=asked_for.can_receive).over(EVERYBODY)
