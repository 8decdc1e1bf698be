"""One SIP or PSTN session of a room: its pure machine, its SIP call, and the doing of what the machine says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony import inputs, outputs
from fake_daily_server.telephony.commands import Commands
from fake_daily_server.telephony.dialin import DialInSession
from fake_daily_server.telephony.dialout import DialOutSession
from fake_daily_server.telephony.events import dtmf_event
from fake_daily_server.telephony.facts import CallProgressed
from fake_daily_server.telephony.line import Line
from fake_daily_server.telephony.notices import dialin_input, dialout_input
from fake_daily_server.telephony.record import record_notice
from fake_daily_server.telephony.video_leg import VideoLeg
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Participant, Permissions
from simulator.errors import CallRefused, ConfigurationError
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec

if TYPE_CHECKING:
    from simulator.video.stream import VideoStream
    from simulator.video.wish import VideoWish

EXTENSION_DIGIT_MS = 200
"""How long each digit of an extension is held; Daily documents no figure."""


class Leg:
    """Feeds SIP notices and wishes to a machine and does its outputs, in order. Lives on the server's loop."""

    def __init__(
        self,
        room: Room,
        machine: DialOutSession | DialInSession,
        *,
        codecs: Sequence[AudioCodec],
        settings: Settings,
        timeline: Timeline,
        released: Callable[[Leg], None],
        permissions: Permissions = DEFAULT_PERMISSIONS,
    ) -> None:
        self.room = room
        self.machine = machine
        self.session_id = machine.leg.session_id
        self.line = Line(self.notice)
        """Its SIP call, which may have been elsewhere before and may go on elsewhere."""
        self.video: VideoWish | None = None
        """What video the call shall have, if any."""
        self.over = asyncio.Event()
        """Set when the session has ended and its events are out."""
        self._codecs = tuple(codecs)
        self._permissions = permissions
        self._settings = settings
        self._timeline = timeline
        self._released = released
        self._ring_timer: asyncio.TimerHandle | None = None
        self._extension: asyncio.Task[None] | None = None
        self._takes_part = False
        self._seen: VideoLeg | None = None
        """Its place in the room's video."""
        self._commands = Commands(timeline, session_id=self.session_id)

    @property
    def call(self) -> Call | None:
        """Its SIP call; None before the INVITE of a dialled one."""
        return self.line.call

    def take_over(self, line: Line) -> None:
        """Follow a call that is there already."""
        self.line = line
        line.follower = self.notice

    # --- what comes in ---------------------------------------------------------------------------------------

    def feed(self, fact: inputs.DialOutInput | inputs.DialInInput) -> None:
        """Take one input of the machine and do what it says."""
        for output in self._in_order(self.machine.feed(fact)):  # type: ignore[arg-type]  # each gets only its own
            self._do(output)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Take what SIP says of the call."""
        sip_call_id = call.sip_call_id
        record_notice(self._timeline, notice, room=self.room.name, session_id=self.session_id, sip_call_id=sip_call_id)
        if isinstance(notice, messages.DigitEnd):
            self.room.publish(dtmf_event(self.session_id, notice.digit, notice.method).payload())
            return
        is_dialled = isinstance(self.machine, DialOutSession)
        fact = dialout_input(notice) if is_dialled else dialin_input(notice)
        if fact is not None:
            self.feed(fact)
        if isinstance(notice, messages.Held | messages.Resumed):
            self.room.media.hold(self.session_id, held=isinstance(notice, messages.Held))
        elif isinstance(notice, messages.Media | messages.VideoMedia):
            self._take_part()

    async def send_digits(
        self, digits: str, method: messages.DigitMethod | None, duration_ms: int, *, wait: bool = False
    ) -> None:
        """Press keys towards the far end; without a method telephone-event when negotiated, else SIP INFO.

        Raises CallRefused when the call is not answered or the method was not negotiated.
        """
        call = self.call
        media = await call.wait_media() if call is not None and call.state in ("early", "answered") else None
        if call is None or media is None:
            raise CallRefused(f"session {self.session_id} cannot send digits", 400, "it has no media yet")
        if method is None:
            method = "sip-info" if media.telephone_event is None else "telephone-event"
        await call.send_digits(digits, method=method, duration_ms=duration_ms, wait=wait)

    # --- what goes out ---------------------------------------------------------------------------------------

    def _in_order(self, todo: tuple[outputs.Output, ...]) -> tuple[outputs.Output, ...]:
        if self._settings.stopped_order == "left-first":
            return todo
        leaving = tuple(output for output in todo if isinstance(output, outputs.LeaveParticipant))
        others = [output for output in todo if output not in leaving]
        last = max((at for at, output in enumerate(others) if isinstance(output, outputs.Publish)), default=-1)
        return (*others[: last + 1], *leaving, *others[last + 1 :])

    def _do(self, output: outputs.Output) -> None:
        match output:
            case outputs.Publish(event):
                self.room.publish(event.payload())
                self.room.announce(CallProgressed(event, self.machine.plan.user_name))
            case outputs.JoinParticipant():
                self._join(output)
            case outputs.LeaveParticipant(session_id):
                self.room.remove_participant(session_id)
            case outputs.DialExtension(wait_s, digits):
                self._extension = asyncio.create_task(self._dial_extension(wait_s, digits))
            case outputs.StartRingTimer(within_s):
                loop = asyncio.get_running_loop()
                self._ring_timer = loop.call_later(within_s, self.feed, inputs.RingTimeout())
            case outputs.StopRingTimer():
                self._stop_ring_timer()
            case outputs.Release():
                self._release()
            case outputs.HangUp() | outputs.Answer() | outputs.Reject():
                if self.call is not None:
                    self._commands.start(self._sip_verb(self.call, output))

    def _sip_verb(
        self, call: Call, output: outputs.HangUp | outputs.Answer | outputs.Reject
    ) -> Coroutine[Any, Any, None]:
        match output:
            case outputs.HangUp():
                return call.hang_up()
            case outputs.Answer():
                return self._answer(call)
            case outputs.Reject(status, reason):
                return call.reject(status, reason)

    def _join(self, joining: outputs.JoinParticipant) -> None:
        self.room.add_participant(
            Participant.telephony(
                joining.participant_type,
                joining.session_id,
                user_name=joining.user_name,
                user_id=joining.user_id,
                permissions=self._permissions,
            )
        )
        self._take_part()

    def _take_part(self) -> None:
        """Into the room's sound, once: as soon as the participant is there and the call has media; then its video."""
        call = self.call
        if call is None or call.media is None or self.session_id not in self.room.participants:
            return
        if not self._takes_part:
            self._takes_part = True
            self.room.media.attach_call(self.session_id, call)
        if call.video is not None and call.video.media is not None:
            self._show_video(call.video, call.video.media)

    def _show_video(self, stream: VideoStream, media: messages.VideoMedia) -> None:
        """Everybody sees whether it sends video, which it does not while it is held."""
        if self._seen is None:
            self._seen = VideoLeg(self.room, self.session_id, stream)
        me = self.room.participants[self.session_id]
        sends = media.direction in ("sendrecv", "sendonly")
        if me.video != sends:
            self.room.replace_participant(replace(me, video=sends))

    async def _answer(self, call: Call) -> None:
        try:
            await call.answer(codecs=self._codecs, video=self.video)
        except (CallRefused, ConfigurationError) as refusal:
            self.feed(inputs.NegotiationFailed(str(refusal)))

    async def _dial_extension(self, wait_s: float, digits: str) -> None:
        await asyncio.sleep(wait_s)
        self._timeline.append("client", action="dials extension", digits=digits, session_id=self.session_id)
        await self._commands.guarded(self.send_digits(digits, None, EXTENSION_DIGIT_MS))

    def _stop_ring_timer(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None

    def _release(self) -> None:
        self._stop_ring_timer()
        if self._extension is not None:
            self._extension.cancel()
        if self._seen is not None:
            self._seen.close()
        self._released(self)
        self.over.set()
