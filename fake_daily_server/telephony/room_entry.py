"""Turns incoming calls into sessions of a room: finds the room, checks whether it takes the call, adds the session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.call_admission import CallAdmission, RoomAvailability
from fake_daily_server.telephony.caller_display_name import caller_display_name
from fake_daily_server.telephony.codec_choice import CodecChoice, with_fallbacks
from fake_daily_server.telephony.events import DialInEvents, DialinReady, dialin_ready
from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.legs import Legs
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInPlan
from fake_daily_server.telephony.session_limit import SessionLimits
from fake_daily_server.telephony.timeline_records import record_invite
from fake_daily_server.telephony.video_leg import dialin_video, requested_video_codec
from fake_daily_server.telephony.x_headers import x_headers
from fake_daily_server.values.ids import SipEndpoint, new_uuid
from fake_daily_server.values.telephony_types import Provider
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call


@dataclass(frozen=True, slots=True)
class MovedCall:
    """An answered call in no room that is to be moved into a room."""

    followed_call: FollowedCall
    incoming: messages.Incoming
    """The INVITE of the call."""
    media: inputs.MediaUp
    room: Room
    endpoint: SipEndpoint | None
    """The endpoint of the room that the call uses; None for a caller who dialled the room's code."""


class RoomEntry:
    """Admits incoming calls to rooms."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        *,
        sip_address: str,
        rooms: RoomStore,
        legs: Legs,
        limits: SessionLimits,
        codecs: CodecChoice,
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._sip_address = sip_address
        self._rooms = rooms
        self._legs = legs
        self._limits = limits
        self._codecs = codecs
        self._admission = CallAdmission()

    # --- which room ------------------------------------------------------------------------------------------

    def room_of(self, endpoint: SipEndpoint) -> Room | None:
        """The room that has the endpoint; None if no room has it."""
        room = self._rooms.find(endpoint.room)
        return room if room is not None and endpoint in room.dialin.endpoints else None

    def room_with_code(self, code: str) -> Room | None:
        """The room with this `dialin_code`; None if there is none or it has expired."""
        for room in self._rooms.rooms.values():
            if room.dialin.code == code and not room.expired:
                return room
        return None

    def seconds_to_expiry(self, room: Room) -> float | None:
        """Seconds until the room's `exp`; None if it has none."""
        exp = room.properties.exp
        return None if exp is None else max(0.0, exp - self._rooms.clock())

    def ready_events(self, room: Room, endpoints: Iterable[SipEndpoint]) -> list[DialinReady]:
        """The `dialin-ready` event of each of these endpoints of a room."""
        return [dialin_ready(self._uri(endpoint), self._provider(room)) for endpoint in endpoints]

    # --- whether the room takes the call ---------------------------------------------------------------------

    def refusal(self, room: Room | None, endpoint: SipEndpoint | None) -> inputs.Refusal | None:
        """Why `room` would refuse a call to `endpoint` now; None if it would accept it.

        `endpoint` is None for a caller who dialled the room's code.
        """
        if room is None:
            return self._admission.unknown
        now, limit = self._legs.in_use(room), self._limits.of(room)
        within_limit = limit.allows_call_at_endpoint(now) if endpoint else limit.allows_call_without_endpoint(now)
        return self._admission.refusal(
            RoomAvailability(
                exists=True,
                room_expired=room.expired,
                session_live=room.endpoints_registered,
                endpoint_open=endpoint is None or endpoint in room.dialin.open_endpoints,
                endpoint_busy=endpoint is not None and self._legs.is_busy(self._uri(endpoint)),
                within_limit=within_limit,
            )
        )

    def refusal_of_trunk_call(self, room: Room) -> inputs.Refusal | None:
        """Why `room` would refuse a call to a SIP trunk now; None if it would accept it.

        The call starts the room, so that nobody else has to be in it.
        """
        within_limit = self._limits.of(room).allows_call_without_endpoint(self._legs.in_use(room))
        exists = self._rooms.find(room.name) is room
        return self._admission.refusal(
            RoomAvailability(exists=exists, room_expired=room.expired, within_limit=within_limit)
        )

    # --- the session -----------------------------------------------------------------------------------------

    def take_call(
        self, followed_call: FollowedCall, incoming: messages.Incoming, endpoint: SipEndpoint | None
    ) -> inputs.Refusal | None:
        """Answer a call to an endpoint as a session of its room, or return why the call is refused."""
        room = self.room_of(endpoint) if endpoint else None
        refusal = self.refusal(room, endpoint)
        if room is None or endpoint is None or refusal is not None:
            return refusal
        self._answer(followed_call, incoming, room, endpoint)
        return None

    def take_in_place_of(self, replaced: Leg, call: Call, incoming: messages.Incoming) -> Leg:
        """Answer a call as another session of the room of `replaced`, at the same endpoint if that has one.

        The call counts in its place, so that neither a busy endpoint nor the session limit refuses it.
        """
        events = replaced.machine.events
        endpoint = events.sip_endpoint if isinstance(events, DialInEvents) else None
        followed_call = FollowedCall.of(call)
        return self._answer(followed_call, incoming, replaced.room, SipEndpoint.parse(endpoint) if endpoint else None)

    def take_trunk_call(self, followed_call: FollowedCall, incoming: messages.Incoming, room: Room) -> Leg:
        """Answer a call to a SIP trunk, which the provider `daily` carries, as a session of its room."""
        return self._answer(followed_call, incoming, room, None, provider="daily")

    def _answer(
        self,
        followed_call: FollowedCall,
        incoming: messages.Incoming,
        room: Room,
        endpoint: SipEndpoint | None,
        *,
        provider: Provider | None = None,
    ) -> Leg:
        machine = DialInMachine(
            self._events(room, endpoint, incoming, provider),
            DialInPlan(
                _user_name(room, incoming, of_code=endpoint is None and provider is None),
                preferred_codec=self._codecs.requested_for_dialin(room),
                preferred_video_codec=requested_video_codec(room.properties),
            ),
        )
        leg = self._legs.add(room, machine, with_fallbacks(self._codecs.for_endpoint(room)))
        leg.video = dialin_video(room.properties)
        leg.follow(followed_call)
        if provider is None:  # calls to trunks have been recorded when they came
            record_invite(self._timeline, incoming, room=room.name, session_id=leg.session_id)
        leg.feed(inputs.InviteReceived())
        return leg

    def move_in(self, moved: MovedCall) -> str:
        """Make an answered call a session of a room, in the same SIP dialog; returns the session id."""
        room, endpoint, incoming = moved.room, moved.endpoint, moved.incoming
        plan = DialInPlan(
            _user_name(room, incoming, of_code=endpoint is None),
            participant_type="sip-dial-in" if endpoint else "pstn-dial-in",
            preferred_codec=self._codecs.requested_for_dialin(room) if endpoint else None,
        )
        leg = self._legs.add(room, DialInMachine(self._events(room, endpoint, incoming), plan))
        leg.follow(moved.followed_call)
        leg.feed(inputs.MovedIn(incoming.sip_call_id, moved.media))
        return leg.session_id

    def _events(
        self, room: Room, endpoint: SipEndpoint | None, incoming: messages.Incoming, provider: Provider | None = None
    ) -> DialInEvents:
        return DialInEvents(
            session_id=new_uuid(),
            sip_call_id=incoming.sip_call_id,
            sip_from=incoming.from_uri,
            sip_endpoint=self._uri(endpoint) if endpoint else None,
            sip_headers=x_headers(incoming.headers),
            provider=provider or self._provider(room),
        )

    def _provider(self, room: Room) -> Provider:
        sip = room.properties.sip
        return (sip and sip.provider) or self._settings.provider

    def _uri(self, endpoint: SipEndpoint) -> str:
        return endpoint.at(self._sip_address)


def _user_name(room: Room, incoming: messages.Incoming, *, of_code: bool) -> str:
    """The name of a caller; `of_code`: one who has dialled the code of the room."""
    properties = room.properties.dialin if of_code else room.properties.sip
    return caller_display_name(
        request_uri=incoming.request_uri,
        to_uri=incoming.to_uri,
        headers=incoming.headers,
        room_name=properties.display_name if properties else None,
        from_name=incoming.from_name,
        from_uri=incoming.from_uri,
    )
