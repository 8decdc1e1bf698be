"""Callers who are in no room yet: on hold until claimed (pinless, SIP interconnect), or dialling a code (PIN)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony import inputs, outputs
from fake_daily_server.telephony.addresses import x_headers
from fake_daily_server.telephony.commands import Commands
from fake_daily_server.telephony.held import HeldCall, HeldRules, HeldState
from fake_daily_server.telephony.line import Line
from fake_daily_server.telephony.notices import dialin_input
from fake_daily_server.telephony.pin import PinCall, PinRules, PinState
from fake_daily_server.telephony.record import record_notice
from fake_daily_server.telephony.room_creation import RoomCreation, request_body
from fake_daily_server.telephony.sounds import Sounds, length_s
from fake_daily_server.values.dialin_config import DialinConfig
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import SipEndpoint, new_uuid
from fake_daily_server.values.telephony_requests import PinlessCallUpdate
from simulator.errors import CallRefused, ConfigurationError
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec

REMEMBERED_CALLS = 1000
"""How many calls that are held no more pinlessCallUpdate can still tell from those that never were."""

HOLD_LIMIT_S = 40.0
"""How long a caller is held when neither the settings nor a piece of music say: the music is played twice."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that goes from the lobby into a room. `endpoint` is None for callers who dialled a code."""

    line: Line
    incoming: messages.Incoming
    media: inputs.MediaUp
    room: Room
    endpoint: SipEndpoint | None


class Rooms(Protocol):
    """What the lobby needs of the telephony of rooms."""

    def by_code(self, code: str) -> Room | None:
        """The room whose `dialin_code` this is; not one that has expired."""

    def refusal(self, room: Room | None, endpoint: SipEndpoint | None) -> inputs.Refusal | None:
        """Why a room does not take one more caller now."""

    def room_of(self, endpoint: SipEndpoint) -> Room | None:
        """The room that has the endpoint."""

    def expires_in(self, room: Room) -> float | None:
        """Seconds until nobody can come into the room any more; None when that is never."""

    def enter(self, arrival: Arrival) -> str:
        """Make a call a session of a room; returns its session id."""


class Guest:
    """One caller: a machine, its SIP call, and the doing of what the machine says. Base of both kinds."""

    machine: HeldCall | PinCall

    def __init__(self, lobby: Lobby, call: Call, incoming: messages.Incoming) -> None:
        self.id = new_uuid()
        self.incoming = incoming
        self.over = asyncio.Event()
        """Set when the call has ended or is in a room."""
        self.line = Line(self.notice, call)
        self._lobby = lobby
        self._call = call
        self._timer: asyncio.TimerHandle | None = None
        self._sound: outputs.Sound | None = None
        """What should be played now; making it takes a moment."""
        self._commands = Commands(lobby.timeline, sip_call_id=call.sip_call_id)

    @property
    def caller(self) -> str:
        """The caller's number, or SIP URI where it has none."""
        return SipAddress.parse(self.incoming.from_uri).uri.global_phone_number or self.incoming.from_uri

    def feed(self, fact: inputs.HeldInput | inputs.PinInput) -> None:
        """Take one input of the machine and do what it says."""
        for output in self.machine.feed(fact):  # type: ignore[arg-type]  # each gets only its own
            self._do(output)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Take what SIP says of the call."""
        record_notice(self._lobby.timeline, notice, sip_call_id=call.sip_call_id)
        fact = dialin_input(notice)
        if fact is not None:
            self.feed(fact)

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.Answer():
                self._commands.start(self._answer())
            case outputs.HangUp():
                self._commands.start(self._call.hang_up())
            case outputs.Reject(status, reason):
                self._commands.start(self._call.reject(status, reason))
            case outputs.PlaySound(sound, text):
                self._sound = sound
                self._commands.start(self._play(sound, text))
            case outputs.StopSound():
                self._sound = None
                self._commands.start(self._call.stop_playing())
            case outputs.StartHoldTimer(within_s):
                self._after(within_s, inputs.HoldTimeout())
            case outputs.StopHoldTimer():
                self._stop_timer()
            case outputs.Release():
                self._stop_timer()
                self._lobby.leave(self)
                self.over.set()

    async def _answer(self) -> None:
        try:
            await self._call.answer(codecs=self._lobby.codecs())
        except (CallRefused, ConfigurationError) as refusal:
            self.feed(inputs.NegotiationFailed(str(refusal)))

    async def _play(self, sound: outputs.Sound, text: str | None) -> None:
        file = await self._lobby.sounds.file(sound, text)
        if self._sound is not sound:
            return
        self.say(f"plays {sound}", **({"text": text} if text else {}))
        await self._call.play(file, loop=sound == "hold music")
        if sound in ("timeout message", "refusal"):
            self._after(length_s(file), inputs.SoundOver())

    def _after(self, delay_s: float, fact: inputs.HoldTimeout | inputs.SoundOver | inputs.NoRoom) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(delay_s, self.feed, fact)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _move(self, room: Room, endpoint: SipEndpoint | None) -> None:
        if self.machine.media is None:
            raise ValueError("a call without media cannot be moved")
        session_id = self._lobby.rooms.enter(Arrival(self.line, self.incoming, self.machine.media, room, endpoint))
        self.say("moves to the room", room=room.name, session_id=session_id)

    def say(self, action: str, **fields: Any) -> None:
        """Put something on the timeline about this caller."""
        self._lobby.timeline.append(
            "lobby", action=action, call_id=self.id, sip_call_id=self._call.sip_call_id, **fields
        )


class HeldGuest(Guest):
    """A caller on hold; `id` is the `callId` that pinlessCallUpdate names."""

    machine: HeldCall

    def __init__(
        self, lobby: Lobby, call: Call, incoming: messages.Incoming, config: DialinConfig, rules: HeldRules
    ) -> None:
        super().__init__(lobby, call, incoming)
        self.machine = HeldCall(rules)
        self.config = config
        self.moved_to: tuple[Room, SipEndpoint] | None = None

    @property
    def called(self) -> str:
        """The number that was dialled, or the SIP URI."""
        return SipAddress.parse(self.incoming.request_uri).uri.global_phone_number or self.incoming.request_uri

    def claim(self, room: Room, endpoint: SipEndpoint) -> None:
        """Go to a room, which takes the call."""
        self.moved_to = (room, endpoint)
        self.feed(inputs.Claimed())

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.AskForRoom():
                self._commands.start(self._ask())
            case outputs.MoveToRoom() if self.moved_to is not None:
                self._move(*self.moved_to)
            case _:
                super()._do(output)

    async def _ask(self) -> None:
        body = request_body(
            self.id,
            to=self.called,
            caller=self.caller,
            domain_id=self._lobby.settings.domain_id,
            sip_headers=x_headers(self.incoming.headers),
        )
        failure = await self._lobby.room_creation.post(
            self.config, body, call_id=self.id, sip_call_id=self._call.sip_call_id
        )
        if failure is not None:
            self.feed(inputs.RoomNotMade(failure))


class PinGuest(Guest):
    """A caller who dials the code of a room."""

    machine: PinCall

    def __init__(self, lobby: Lobby, call: Call, incoming: messages.Incoming, rules: PinRules) -> None:
        super().__init__(lobby, call, incoming)
        self.machine = PinCall(rules)
        self.room: Room | None = None
        """Once the code is known."""

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Keys are what this is about."""
        super().notice(call, notice)
        if isinstance(notice, messages.DigitEnd):
            self.feed(inputs.Pressed(notice.digit))

    def meeting_started(self) -> None:
        """Somebody is in the room that the caller waits for."""
        refusal = self._lobby.rooms.refusal(self.room, None)
        self.feed(inputs.NoRoom(refusal.because) if refusal else inputs.MeetingStarted())

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.LookUp(code):
                self.feed(self._found(code))
                self._wait_no_longer_than_the_room()
            case outputs.MoveToRoom() if self.room is not None:
                self._move(self.room, None)
            case _:
                super()._do(output)

    def _wait_no_longer_than_the_room(self) -> None:
        if self.machine.state is PinState.WAITING and self.room is not None:
            expires_in = self._lobby.rooms.expires_in(self.room)
            if expires_in is not None:
                self._after(expires_in, inputs.NoRoom("the room has expired"))

    def _found(self, code: str) -> inputs.RoomFound | inputs.NoRoom:
        room = self._lobby.rooms.by_code(code)
        if room is None or room.properties.dialin is None:
            self.say("dials a code that no room has", digits=code)
            return inputs.NoRoom("no room has this code")
        self.say("dials the code", room=room.name, digits=code)
        self.room = room
        waits = room.properties.dialin.wait_for_meeting_start
        if not room.endpoints_registered:
            return inputs.RoomFound(live=False, waits=waits)
        refusal = self._lobby.rooms.refusal(room, None)
        return inputs.NoRoom(refusal.because) if refusal else inputs.RoomFound(live=True, waits=waits)


class Lobby:
    """All callers who are in no room yet. On the server's loop."""

    def __init__(
        self, settings: Settings, timeline: Timeline, rooms: Rooms, codecs: Callable[[], Sequence[AudioCodec]]
    ) -> None:
        self.settings = settings
        self.timeline = timeline
        self.rooms = rooms
        self.codecs = codecs
        self.sounds = Sounds(settings.hold_music)
        self.room_creation = RoomCreation(settings, timeline)
        self.guests: list[Guest] = []
        self._held: dict[str, HeldGuest] = {}
        """By call id, those that are gone too, oldest first."""

    def hold(self, call: Call, incoming: messages.Incoming, config: DialinConfig) -> None:
        """Take a call that waits to be claimed."""
        rules = HeldRules(self._hold_limit_s, self.settings.when_no_room_is_made, config.timeout_message)
        guest = HeldGuest(self, call, incoming, config, rules)
        self._held[guest.id] = guest
        while len(self._held) > REMEMBERED_CALLS:
            del self._held[next(iter(self._held))]
        self._admit(guest, held_for=config.phone_number or config.sip_user)

    def ask_for_code(self, call: Call, incoming: messages.Incoming, greeting: str | None) -> None:
        """Take a call that dials the code of a room."""
        self._admit(PinGuest(self, call, incoming, PinRules(self.settings.code_key_timeout, greeting)))

    def claim(self, update: PinlessCallUpdate) -> None:
        """Send a held caller to a room.

        Raises NotFound when the call is unknown or over, InvalidRequest when it cannot go there or has gone already.
        """
        guest = self._held.get(update.call_id)
        if guest is None:
            raise NotFound(f"no call {update.call_id!r} is held here")
        if update.call_domain != self.settings.domain_id:
            raise InvalidRequest(
                f"callDomain was {update.call_domain!r} but call {guest.id} came to domain {self.settings.domain_id}"
            )
        if guest.moved_to is not None:
            where = f"endpoint {guest.moved_to[1].index} of room {guest.moved_to[0].name}"
            raise InvalidRequest(f"call {guest.id} was moved to {where} already")
        if guest.machine.state is not HeldState.HELD:
            raise NotFound(f"call {guest.id} is not held any more: it is {guest.machine.state.value}")
        endpoint = update.endpoint
        room = self.rooms.room_of(endpoint)
        refusal = self.rooms.refusal(room, endpoint)
        if refusal is not None or room is None:
            because = refusal.because if refusal else "no room has this SIP endpoint"
            raise InvalidRequest(f"call {guest.id} cannot go to {update.sip_uri}: {because}")
        guest.claim(room, endpoint)

    def meeting_started(self, room: Room) -> None:
        """Let in who waits for this room."""
        for guest in tuple(self.guests):
            if isinstance(guest, PinGuest) and guest.room is room:
                guest.meeting_started()

    def room_closed(self, room: Room, because: str) -> None:
        """Send away who waits for this room."""
        for guest in tuple(self.guests):
            if isinstance(guest, PinGuest) and guest.room is room:
                guest.feed(inputs.NoRoom(because))

    def leave(self, guest: Guest) -> None:
        """A caller is in a room, or gone."""
        if guest in self.guests:
            self.guests.remove(guest)

    def stop_all(self) -> list[asyncio.Event]:
        """Hang up on everybody; returns what is set when each is gone. Nobody is remembered."""
        self._held.clear()
        guests = tuple(self.guests)
        for guest in guests:
            guest.feed(inputs.StopRequested())
        return [guest.over for guest in guests]

    async def close(self) -> None:
        """Free files and connections."""
        await self.room_creation.close()
        await self.sounds.close()

    @property
    def _hold_limit_s(self) -> float:
        if self.settings.hold_limit is not None:
            return self.settings.hold_limit
        return 2 * length_s(self.settings.hold_music) if self.settings.hold_music is not None else HOLD_LIMIT_S

    def _admit(self, guest: Guest, **about: Any) -> None:
        self.guests.append(guest)
        incoming = guest.incoming
        self.timeline.append(
            "sip",
            at=incoming.at,
            message="INVITE",
            to=incoming.request_uri,
            **{"from": incoming.from_uri},
            sip_call_id=incoming.sip_call_id,
            **about,
        )
        guest.feed(inputs.Offered())
