"""All callers of a server that are in no room yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from fake_daily_server.domain.facts import Fact
from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.machines import inputs
from fake_daily_server.telephony.machines.held_caller import HeldCallerRules, HeldCallerState
from fake_daily_server.telephony.machines.pin_caller import PinCallerRules
from fake_daily_server.telephony.room_entry import RoomEntry
from fake_daily_server.telephony.roomless.caller import RoomlessCaller, RoomlessContext
from fake_daily_server.telephony.roomless.held_caller import HeldCaller
from fake_daily_server.telephony.roomless.pin_caller import PinCaller
from fake_daily_server.telephony.roomless.room_creation import RoomCreationClient
from fake_daily_server.telephony.roomless.sounds import Sounds, duration_s
from fake_daily_server.telephony.timeline_records import record_invite
from fake_daily_server.values.dialin_config import DialinConfig
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.telephony_requests import PinlessCallUpdate
from fake_daily_server.web.outgoing import OutgoingHttp
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec

REMEMBERED_CALLS = 1000
"""How many held calls are remembered, past ones included, so that pinlessCallUpdate can report a call's outcome."""

DEFAULT_HOLD_LIMIT_S = 40.0
"""The longest hold if neither of the settings `hold_limit` and `hold_music` determines it."""

HOLD_MUSIC_PLAYS = 2
"""How often the hold music is played: twice, as Daily documents."""


class RoomlessCallers:
    """Holds callers, asks for codes, and moves callers to rooms. Used on the server's loop."""

    def __init__(
        self,
        settings: Settings,
        timeline: Timeline,
        entry: RoomEntry,
        codecs: Callable[[], Sequence[AudioCodec]],
        announce: Callable[[Fact], None],
        outgoing: OutgoingHttp,
    ) -> None:
        self._settings = settings
        self._timeline = timeline
        self._entry = entry
        self._context = RoomlessContext(
            settings,
            timeline,
            entry,
            codecs,
            sounds=Sounds(settings.hold_music),
            room_creation=RoomCreationClient(settings, timeline, outgoing),
            announce=announce,
            released=self._remove,
        )
        self._callers: list[RoomlessCaller] = []
        self._held: dict[str, HeldCaller] = {}
        """Callers that are or were on hold, by call id, oldest first."""

    def hold(self, call: Call, incoming: messages.Incoming, config: DialinConfig) -> None:
        """Answer a call and hold it until pinlessCallUpdate moves it."""
        rules = HeldCallerRules(self._hold_limit_s, self._settings.when_no_room_is_made, config.timeout_message)
        caller = HeldCaller(self._context, call, incoming, config, rules)
        self._held[caller.id] = caller
        while len(self._held) > REMEMBERED_CALLS:
            del self._held[next(iter(self._held))]
        self._add(caller, held_for=config.phone_number or config.sip_user)

    def ask_for_code(self, call: Call, incoming: messages.Incoming, greeting: str | None) -> None:
        """Answer a call and ask for the code of a room."""
        rules = PinCallerRules(self._settings.code_key_timeout, greeting)
        self._add(PinCaller(self._context, call, incoming, rules))

    def move_held_caller(self, update: PinlessCallUpdate) -> None:
        """Move a held caller to the endpoint of a room.

        Raises NotFound if the call is unknown or no longer held, InvalidRequest if it has been moved already or the
        room does not take it; in the last case it stays on hold.
        """
        caller = self._find_held(update)
        endpoint = update.endpoint
        room = self._entry.room_of(endpoint)
        refusal = self._entry.refusal(room, endpoint)
        if refusal is not None or room is None:
            because = refusal.explanation if refusal else "no room has this SIP endpoint"
            raise InvalidRequest(f"call {caller.id} cannot go to {update.sip_uri}: {because}")
        caller.move_to(room, endpoint)

    def _find_held(self, update: PinlessCallUpdate) -> HeldCaller:
        caller = self._held.get(update.call_id)
        if caller is None:
            raise NotFound(
                f"callId: no call {update.call_id!r} is held here; use the callId in the request to room_creation_api"
            )
        domain_id = self._settings.domain_id
        if update.call_domain != domain_id:
            raise InvalidRequest(
                f"callDomain was {update.call_domain!r} but call {caller.id} came to domain {domain_id!r}"
            )
        if caller.moved_to is not None:
            room, endpoint = caller.moved_to
            raise InvalidRequest(
                f"call {caller.id} has already been moved to endpoint {endpoint.index} of room {room.name!r}; "
                "call pinlessCallUpdate once for each call"
            )
        if caller.machine.state is not HeldCallerState.HELD:
            why = caller.machine.why_over or f"its state is {caller.machine.state.value!r}"
            raise NotFound(f"call {caller.id} is not held any more: {why}")
        return caller

    def meeting_started(self, room: Room) -> None:
        """Move the callers who wait for the meeting of this room into the room."""
        for caller in self._waiting_for(room):
            caller.meeting_started()

    def room_closed(self, room: Room, reason: str) -> None:
        """Hang up on the callers who wait for the meeting of this room, after a sound."""
        for caller in self._waiting_for(room):
            caller.feed(inputs.EntryRefused(reason))

    def stop_all(self) -> list[asyncio.Event]:
        """Hang up on all callers and forget past ones; returns one event per caller, set when its call is over."""
        self._held.clear()
        callers = tuple(self._callers)
        for caller in callers:
            caller.feed(inputs.StopRequested())
        return [caller.over for caller in callers]

    async def close(self) -> None:
        """Remove temporary files and close connections."""
        await self._context.room_creation.close()
        await self._context.sounds.close()

    @property
    def _hold_limit_s(self) -> float:
        if self._settings.hold_limit is not None:
            return self._settings.hold_limit
        music = self._settings.hold_music
        return HOLD_MUSIC_PLAYS * duration_s(music) if music is not None else DEFAULT_HOLD_LIMIT_S

    def _waiting_for(self, room: Room) -> list[PinCaller]:
        return [caller for caller in self._callers if isinstance(caller, PinCaller) and caller.room is room]

    def _add(self, caller: RoomlessCaller, **about: Any) -> None:
        self._callers.append(caller)
        record_invite(self._timeline, caller.incoming, **about)
        caller.feed(inputs.InviteReceived())

    def _remove(self, caller: RoomlessCaller) -> None:
        if caller in self._callers:
            self._callers.remove(caller)
