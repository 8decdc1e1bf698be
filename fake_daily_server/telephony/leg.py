"""One SIP or PSTN session of a room: runs a call machine that controls the SIP call and its place in the room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.events import dtmf_event
from fake_daily_server.telephony.facts import CallProgressed
from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.dialin import DialInMachine, DialInState
from fake_daily_server.telephony.machines.dialout import DialOutMachine
from fake_daily_server.telephony.notices import dialin_input, dialout_input
from fake_daily_server.telephony.timeline_records import feed_recorded, record_notice
from fake_daily_server.telephony.video_leg import VideoLeg
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Participant, Permissions
from simulator.errors import CallRefused, ConfigurationError
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.video.negotiated import NegotiatedVideo
    from simulator.video.preferences import VideoPreferences
    from simulator.video.stream import VideoStream

ACK_WAIT_S = 5.0
"""How long a request about an accepted call waits for the ACK to the 200 response and for media."""
EXTENSION_DIGIT_MS = 200
"""Duration of each digit of an extension; Daily documents none."""


class Leg:
    """Feeds a session's SIP notices and requests to its machine and performs the machine's outputs, in order.

    Used on the server's loop.
    """

    def __init__(
        self,
        room: Room,
        machine: DialOutMachine | DialInMachine,
        *,
        settings: Settings,
        timeline: Timeline,
        released: Callable[[Leg], None],
        codecs: Sequence[AudioCodec] = (),
        permissions: Permissions = DEFAULT_PERMISSIONS,
    ) -> None:
        """Create the leg. `codecs` are for answering an incoming call; `released` is called when the session ends."""
        self.room = room
        self.machine = machine
        self.session_id = machine.session_id
        self.followed_call = FollowedCall(self.notice)
        """The SIP call and its follower; other objects may follow the call before and after this session."""
        self.video: VideoPreferences | None = None
        """The video to negotiate for the call; None for audio only."""
        self.over = asyncio.Event()
        """Set once the session has ended and its events have been published."""
        self._codecs = tuple(codecs)
        self._permissions = permissions
        self._settings = settings
        self._timeline = timeline
        self._released = released
        self._ring_timer: asyncio.TimerHandle | None = None
        self._extension: asyncio.Task[None] | None = None
        self._audio_attached = False
        self._video_leg: VideoLeg | None = None
        self._commands = CommandRunner(timeline, session_id=self.session_id)
        self._changes = Changes()

    @property
    def call(self) -> Call | None:
        """The SIP call; None until the INVITE of a dialled call has been sent."""
        return self.followed_call.call

    def follow(self, followed_call: FollowedCall) -> None:
        """Take over an existing SIP call and receive its notices from now on."""
        self.followed_call = followed_call
        followed_call.follower = self.notice

    # --- inputs ----------------------------------------------------------------------------------------------

    def feed(self, given: inputs.DialOutInput | inputs.DialInInput) -> None:
        """Feed one input to the machine and perform its outputs."""
        about = {"room": self.room.name, "session_id": self.session_id}
        for output in self._in_order(feed_recorded(self._timeline, self.machine, given, **about)):
            self._perform(output)
        self._changes.notify()

    async def wait_confirmed(self) -> None:
        """Wait while an incoming call has been accepted, but its ACK or media is missing.

        Clients learn of such a call from `dialin-connected`, so their requests can arrive before the caller's ACK.
        Raises InvalidRequest after ACK_WAIT_S.
        """

        def confirmed() -> bool | None:
            return None if self.machine.state in (DialInState.ANSWERING, DialInState.CONFIRMED) else True

        if await self._changes.until(confirmed, within=ACK_WAIT_S) is None:
            missing = "ACK" if self.machine.state is DialInState.ANSWERING else "media"
            raise InvalidRequest(
                f"session {self.session_id} is {self.machine.state.value}, not answered: the caller's {missing} "
                f"has not come within {ACK_WAIT_S:g} s"
            )

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the SIP call."""
        sip_call_id = call.sip_call_id
        record_notice(self._timeline, notice, room=self.room.name, session_id=self.session_id, sip_call_id=sip_call_id)
        if isinstance(notice, messages.DigitEnd):
            self.room.publish(dtmf_event(self.session_id, notice.digit, notice.method).payload())
            return
        is_dialled = isinstance(self.machine, DialOutMachine)
        given = dialout_input(notice) if is_dialled else dialin_input(notice)
        if given is not None:
            self.feed(given)
        if isinstance(notice, messages.Held | messages.Resumed):
            self.room.media.hold(self.session_id, held=isinstance(notice, messages.Held))
        elif isinstance(notice, messages.Media | messages.VideoMedia):
            self._attach_media()

    async def send_digits(
        self, digits: str, method: messages.DigitMethod | None, duration_ms: int, *, by_other_method: bool = False
    ) -> None:
        """Send DTMF digits to the far end; without `method`, as telephone-events if negotiated, otherwise as SIP INFO.

        With `by_other_method`, by the one of the two that this is not, if it is negotiated. Returns once the worker has
        accepted the digits. Raises CallRefused if the call has no media or the method was not negotiated.
        """
        call = self.call
        media = await call.wait_media() if call is not None and call.state in ("early", "answered") else None
        if call is None or media is None:
            raise CallRefused(
                f"session {self.session_id} cannot send digits", 400, "it has no media yet; wait for the answer"
            )
        if method is None:
            method = "sip-info" if media.telephone_event is None else "telephone-event"
        if by_other_method and media.telephone_event is not None:
            method = "sip-info" if method == "telephone-event" else "telephone-event"
        await call.send_digits(digits, method=method, duration_ms=duration_ms)

    # --- outputs ---------------------------------------------------------------------------------------------

    def _in_order(self, todo: tuple[outputs.Output, ...]) -> tuple[outputs.Output, ...]:
        """With the setting `stopped_order: stopped-first`, move the removal of the participant after the last event."""
        if self._settings.stopped_order == "left-first":
            return todo
        leaving = tuple(output for output in todo if isinstance(output, outputs.RemoveParticipant))
        others = [output for output in todo if output not in leaving]
        last = max((at for at, output in enumerate(others) if isinstance(output, outputs.Publish)), default=-1)
        return (*others[: last + 1], *leaving, *others[last + 1 :])

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.Publish(event):
                self.room.publish(event.payload())
                self.room.announce(CallProgressed(event, self.machine.plan.user_name))
            case outputs.AddParticipant():
                self._add_participant(output)
            case outputs.RemoveParticipant(session_id):
                self.room.remove_participant(session_id)
            case outputs.DialExtension(wait_s, digits):
                self._extension = asyncio.create_task(self._dial_extension(wait_s, digits))
            case outputs.StartRingTimer(seconds):
                loop = asyncio.get_running_loop()
                self._ring_timer = loop.call_later(seconds, self.feed, inputs.RingTimeout())
            case outputs.StopRingTimer():
                self._stop_ring_timer()
            case outputs.Release():
                self._release()
            case outputs.HangUp() | outputs.Answer() | outputs.Reject():
                if self.call is not None:
                    self._commands.start(self._command(self.call, output))

    def _command(
        self, call: Call, output: outputs.HangUp | outputs.Answer | outputs.Reject
    ) -> Coroutine[Any, Any, None]:
        match output:
            case outputs.HangUp():
                return call.hang_up()
            case outputs.Answer():
                return self._answer(call)
            case outputs.Reject(status, reason):
                return call.reject(status, reason)

    def _add_participant(self, added: outputs.AddParticipant) -> None:
        self.room.add_participant(
            Participant.telephony(
                added.participant_type,
                added.session_id,
                user_name=added.user_name,
                user_id=added.user_id,
                permissions=self._permissions,
            )
        )
        self._attach_media()

    def _attach_media(self) -> None:
        """Attach the call's audio, and its video if any, to the room's media if it is a participant with media."""
        call = self.call
        if call is None or call.media is None or self.session_id not in self.room.participants:
            return
        if not self._audio_attached:
            self._audio_attached = True
            self.room.media.attach_call(self.session_id, call)
        if call.video is not None and call.video.media is not None:
            self._attach_video(call.video, call.video.media)

    def _attach_video(self, stream: VideoStream, media: NegotiatedVideo) -> None:
        """Attach the call to the room's video. The participant's `video` is off while the call sends none (on hold)."""
        if self._video_leg is None:
            self._video_leg = VideoLeg(self.room, self.session_id, stream)
        participant = self.room.participants[self.session_id]
        sends = media.direction in ("sendrecv", "sendonly")
        if participant.video != sends:
            self.room.replace_participant(replace(participant, video=sends))

    async def _answer(self, call: Call) -> None:
        try:
            await call.answer(codecs=self._codecs, video=self.video)
        except (CallRefused, ConfigurationError) as refusal:
            self.feed(inputs.NegotiationFailed(str(refusal)))

    async def _dial_extension(self, wait_s: float, digits: str) -> None:
        await asyncio.sleep(wait_s)
        self._timeline.append("client", action="dials extension", digits=digits, session_id=self.session_id)
        await self._commands.run(self.send_digits(digits, None, EXTENSION_DIGIT_MS))

    def _stop_ring_timer(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None

    def _release(self) -> None:
        self._stop_ring_timer()
        if self._extension is not None:
            self._extension.cancel()
        if self._video_leg is not None:
            self._video_leg.close()
        self._released(self)
        self.over.set()
