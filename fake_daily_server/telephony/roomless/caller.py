"""A caller in no room yet: runs a call machine that controls a SIP call answered outside of any room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fake_daily_server.domain.facts import Fact
from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.events import DialInEvents
from fake_daily_server.telephony.facts import CallProgressed
from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine
from fake_daily_server.telephony.machines.pin_caller import PinCallerMachine
from fake_daily_server.telephony.notices import roomless_input
from fake_daily_server.telephony.room_entry import MovedCall, RoomEntry
from fake_daily_server.telephony.roomless.room_creation import RoomCreationClient
from fake_daily_server.telephony.roomless.sounds import Sounds, duration_s
from fake_daily_server.telephony.timeline_records import feed_recorded, record_notice
from fake_daily_server.telephony.x_headers import x_headers
from fake_daily_server.values.ids import SipEndpoint, new_uuid
from simulator.errors import CallRefused, ConfigurationError
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec


@dataclass(frozen=True, slots=True)
class RoomlessContext:
    """The settings and services that all roomless callers of a server share."""

    settings: Settings
    timeline: Timeline
    entry: RoomEntry
    codecs: Callable[[], Sequence[AudioCodec]]
    """Returns the codecs for answering a caller."""
    sounds: Sounds
    room_creation: RoomCreationClient
    announce: Callable[[Fact], None]
    """Reports what belongs to no room to webhooks."""
    released: Callable[[RoomlessCaller], None]
    """Called when a caller has been moved to a room or its call is over."""


class RoomlessCaller:
    """A caller in no room: feeds SIP notices to its machine and performs the outputs. Base of both kinds of caller."""

    machine: HeldCallerMachine | PinCallerMachine

    def __init__(self, context: RoomlessContext, call: Call, incoming: messages.Incoming) -> None:
        self.id = new_uuid()
        self.incoming = incoming
        """The INVITE of the call."""
        self.over = asyncio.Event()
        """Set when the call is over or has been moved to a room."""
        self._context = context
        self._call = call
        self._followed_call = FollowedCall(self.notice, call)
        self._timer: asyncio.TimerHandle | None = None
        self._wanted_sound: outputs.Sound | None = None
        """The sound that plays now, or will play once its file has been made; None after the call."""
        self._commands = CommandRunner(context.timeline, sip_call_id=call.sip_call_id)

    @property
    def caller(self) -> str:
        """The caller's phone number, or the From URI of a caller without a number."""
        return SipAddress.received(self.incoming.from_uri).number or self.incoming.from_uri

    def feed(self, given: inputs.HeldCallerInput | inputs.PinCallerInput) -> None:
        """Feed one input to the machine and perform its outputs."""
        ids = {"sip_call_id": self._call.sip_call_id}
        for output in feed_recorded(self._context.timeline, self.machine, given, **ids):
            self._perform(output)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the SIP call."""
        record_notice(self._context.timeline, notice, sip_call_id=call.sip_call_id)
        given = roomless_input(notice)
        if given is not None:
            self.feed(given)

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.Answer():
                self._commands.start(self._answer())
            case outputs.HangUp():
                self._wanted_sound = None
                self._commands.start(self._call.hang_up())
            case outputs.Reject(status, reason):
                self._commands.start(self._call.reject(status, reason))
            case outputs.ReportStartFailure(error):
                self._report_failure(error)
            case outputs.PlaySound(sound, text):
                self._wanted_sound = sound
                self._commands.start(self._play(sound, text))
            case outputs.StopSound():
                self._wanted_sound = None
                self._commands.start(self._call.stop_playing())
            case outputs.StartWaitTimer(seconds):
                self._feed_after(seconds, inputs.WaitTimeout())
            case outputs.StopWaitTimer():
                self._stop_timer()
            case outputs.Release():
                self._stop_timer()
                self._wanted_sound = None
                self._context.released(self)
                self.over.set()

    def _report_failure(self, error: str) -> None:
        self._record("fails", error=error)
        events = DialInEvents(
            session_id=self.id,
            sip_call_id=self._call.sip_call_id,
            sip_from=self.incoming.from_uri,
            sip_endpoint=None,
            sip_headers=x_headers(self.incoming.headers),
            provider=self._context.settings.provider,
        )
        self._context.announce(CallProgressed(events.error(error, start_failed=True), self.incoming.from_name))

    async def _answer(self) -> None:
        try:
            await self._call.answer(codecs=self._context.codecs())
        except (CallRefused, ConfigurationError) as refusal:
            self.feed(inputs.NegotiationFailed(str(refusal)))

    async def _play(self, sound: outputs.Sound, text: str | None) -> None:
        file = await self._context.sounds.file(sound, text)
        if self._wanted_sound is not sound:
            return
        self._record(f"plays {sound}", played=self._played(sound), **({"text": text} if text else {}))
        await self._call.play(file, loop=sound == "hold music")
        if sound in ("timeout message", "refusal"):
            self._feed_after(duration_s(file), inputs.SoundFinished())

    def _played(self, sound: outputs.Sound) -> str:
        """Say what the caller hears, and why, for audio expectations of the phone that fail."""
        return f"Daily plays the {sound}, since the caller is in no room"

    def _feed_after(
        self, seconds: float, given: inputs.WaitTimeout | inputs.SoundFinished | inputs.EntryRefused
    ) -> None:
        """Feed an input after `seconds`, and cancel the input that the timer would have fed."""
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.feed, given)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _move_to(self, room: Room, endpoint: SipEndpoint | None) -> None:
        media = self.machine.media
        if media is None:
            raise ValueError(f"call {self.id} cannot be moved to room {room.name!r}: it has no media")
        moved = MovedCall(self._followed_call, self.incoming, media, room, endpoint)
        session_id = self._context.entry.move_in(moved)
        self._record("moves to the room", room=room.name, session_id=session_id, played=None)

    def _record(self, action: str, **fields: Any) -> None:
        """Append a record about this caller to the timeline."""
        self._context.timeline.append(
            "roomless", action=action, call_id=self.id, sip_call_id=self._call.sip_call_id, **fields
        )
