"""One call of a simulated phone: its state, and methods for tests that act on the call or wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.audio.e_model import Quality, rating_of_statistics
from simulator.audio.sound_verbs import SoundVerbs
from simulator.call_answering import CallAnswering
from simulator.call_timeline import CallTimeline
from simulator.call_waits import CallWaits
from simulator.dtmf import PAUSE_MS, check_digits
from simulator.errors import CallError, ConfigurationError, ExpectationFailed
from simulator.header_fields import HeaderFields, header_fields
from simulator.network_audio import NetworkAudio
from simulator.numbers import check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.persona_call import PersonaCall
from simulator.phone_spec import CallPlan, PhoneSpec
from simulator.received_digits import HeardDigit, ReceivedDigits
from simulator.relayed_call import RelayedCall
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec
from simulator.video_call import VideoCall
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine
    from simulator.personas.persona import BoundPersona
    from simulator.phone_audio import PhoneAudio

PressMethod = Literal["telephone-event", "sip-info", "in-band", "auto"]


class PhoneCall(CallWaits, RelayedCall, SoundVerbs, PersonaCall, VideoCall):
    """A call of a `Phone`, in either direction. Its methods can be awaited from any loop.

    Methods about audio (`say`, `expect_tones`, …) are in `SoundVerbs`, about RTP packets in `RelayedCall`, and waits in
    `CallWaits`.
    """

    def __init__(
        self,
        call: Call,
        spec: PhoneSpec,
        name: str,
        timeline: Timeline,
        owner_loop: OwnerLoop,
        network_audio: NetworkAudio,
        on_end: Callable[[PhoneCall], None],
        domain: str,
    ) -> None:
        """`domain` is the host and port of the SIP URIs of numbers."""
        super().__init__(call)
        self._domain = domain
        self._spec = spec
        self.phone: str = name
        """Name of the phone."""
        self.incoming: bool = call.incoming
        """Whether the phone was called; False when it dialled."""
        self.plan: CallPlan | None = None
        """The plan by which the phone takes the call; None for a call that it dialled."""
        self.replaces_another: bool = False
        """Whether it takes the place of another call of the phone, as its INVITE asks with Replaces (RFC 3891)."""
        self._digits = ReceivedDigits()
        self.heard: list[HeardDigit] = self._digits.heard
        """The digits received as telephone-events or SIP INFO, oldest first."""
        self.infos: list[messages.InfoReceived] = []
        """SIP INFO requests whose bodies are not DTMF digits, oldest first."""
        self.headers: dict[str, str] = {}
        """Received header fields: of the INVITE for an incoming call, of the 200 response for a dialled one."""
        self.remote: str = ""
        """SIP URI of the peer."""
        self.remote_name: str = ""
        """Display name of the peer."""
        self.held_by: messages.Side | None = None
        """The side that has put the call on hold: `local`, `remote`, or None."""
        self._plays_hold_music = False
        self._owner_loop = owner_loop
        self._timeline = CallTimeline(timeline, name, call)
        self._answering = CallAnswering(call, spec, self._timeline)
        self._changes = Changes()
        self._network_audio = network_audio
        self._audio: PhoneAudio | None = None
        self._opening_audio = asyncio.Lock()
        self._on_end = on_end
        call.on_notice = self.notice

    def __repr__(self) -> str:
        direction = "from" if self.incoming else "to"
        return f"<call of {self.phone} {direction} {self.remote}: {self.state}>"

    @property
    def owner_loop(self) -> OwnerLoop:
        """The network's loop, on which the call's methods run."""
        return self._owner_loop

    # --- state -----------------------------------------------------------------------------------------------

    @property
    def sip_call_id(self) -> str:
        """The Call-ID of the SIP messages."""
        return self._call.sip_call_id

    @property
    def state(self) -> str:
        """The state of the call: `dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`."""
        return self._call.state

    @property
    def needs_line(self) -> bool:
        """Whether it occupies a line of its phone: until it has ended, or the phone hangs up or refuses it."""
        return self.state != "ended" and not self._answering.over

    @property
    def media(self) -> messages.Media | None:
        """The negotiated codec, clock rate and payload types, and telephone-event if both support it; None before."""
        return self._call.media

    @property
    def ended(self) -> messages.Ended | None:
        """The end of the call: SIP status, reason phrase, and the side that ended it; None before."""
        return self._call.ended

    @property
    def digits(self) -> str:
        """The digits in `heard` as one string."""
        return self._digits.text

    @property
    def explanation(self) -> str | None:
        """Why the call is not answered, if its end or the phone's plan is the reason; otherwise None."""
        known = self._answering.explanation(self.plan, self.phone)
        return "; ".join(filter(None, (known, self.persona_place))) or None

    # --- SIP -------------------------------------------------------------------------------------------------

    @on_owner_loop
    async def answer(self) -> None:
        """Answer an incoming call with the phone's codecs."""
        await self._answering.answer()

    @on_owner_loop
    async def ring(self, *, early_media: bool = False) -> None:
        """Send 180 Ringing, or 183 Session Progress with media."""
        await self._answering.ring(early_media=early_media)

    @on_owner_loop
    async def reject(self, status: int = 486, reason: str | None = None, headers: HeaderFields | None = None) -> None:
        """Refuse an incoming call with a final SIP status, 300 to 699, and additional header fields."""
        await self._answering.reject(status, reason, header_fields(headers or {}))

    @on_owner_loop
    async def hang_up(self) -> None:
        """End the call in any state. Does nothing if it has ended."""
        await self._answering.hang_up()

    @on_owner_loop
    async def hold(self, *, music: bool = False) -> None:
        """Put the peer on hold (re-INVITE with sendonly, RFC 3264 §8.4), and send it silence.

        With `music`, 390 and 490 Hz are sent in turn, a second each, until `resume`; a room hears them.
        """
        self._timeline.record("holds", music=music or None)
        self._plays_hold_music = music
        if music:
            await self.audio_line()
        await self._call.hold()

    @on_owner_loop
    async def resume(self) -> None:
        """Take the peer off hold (re-INVITE with sendrecv)."""
        self._timeline.record("resumes")
        await self._call.resume()

    @on_owner_loop
    async def change_codec(self, codecs: Sequence[AudioCodec]) -> None:
        """Offer these codecs for the rest of the call (re-INVITE), in order of preference; return after the answer.

        Raises CallRefused (488) if the peer accepts none of them; the call then continues as before.
        """
        self._timeline.record("offers", codecs=list(codecs))
        await self._call.renegotiate(codecs)

    @on_owner_loop
    async def send_info(self, content_type: str, body: str) -> None:
        """Send a SIP INFO request with this Content-Type and body."""
        self._timeline.record("sends INFO", content_type=content_type)
        await self._call.send_info(content_type, body)

    @on_owner_loop
    async def transfer(self, to: str) -> None:
        """Transfer the peer to a number or a SIP URI (REFER, RFC 3515).

        Returns once the REFER has been sent; the timeline shows the peer's answer and the progress that it reports.
        """
        self._timeline.record("transfers", to=to)
        await self._call.transfer(f"sip:{check_number(to, name='to')}@{self._domain}" if to.startswith("+") else to)

    @on_owner_loop
    async def transfer_to_call(self, other: PhoneCall) -> None:
        """Transfer the peer to the place of this phone in another of its calls (REFER with Replaces, RFC 5589 §7).

        Raises ConfigurationError unless the other one is an answered call of the same phone.
        """
        if other is self or other._spec is not self._spec or other.state != "answered":
            raise ConfigurationError("other", other, f"another answered call of {self.phone!r}")
        self._timeline.record("transfers", to=other.remote, replaces=other.sip_call_id)
        await self._call.transfer_replacing(other._call)

    # --- digits ----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def press(
        self, digits: str, *, method: PressMethod = "auto", duration_ms: int = 100, gap_ms: int = 100
    ) -> None:
        """Send digits (0-9 A-D * #, and `,` for a pause of 1 s); return once the last one has ended.

        `auto` is telephone-event if it was negotiated, otherwise SIP INFO; `in-band` sends tones in the audio.
        """
        check_digits(digits, pauses=True)
        if method == "in-band":
            await self._press_in_band(digits, duration_ms, gap_ms)
            return
        if method == "auto":
            media = await self._call.wait_media()
            method = "telephone-event" if media and media.telephone_event is not None else "sip-info"
        self._timeline.record("presses", digits=digits, method=method)
        await self._call.send_digits(digits, method=method, duration_ms=duration_ms, gap_ms=gap_ms, wait=True)

    async def _press_in_band(self, digits: str, duration_ms: int, gap_ms: int) -> None:
        line = await self.audio_line()
        self._timeline.record("presses", digits=digits, method="in-band")
        line.send_in_band_digits(digits, duration_ms, gap_ms)
        await line.all_sent(within=len(digits) * (duration_ms + gap_ms + PAUSE_MS) / 1000 + 30)

    # --- audio and video -------------------------------------------------------------------------------------

    @on_owner_loop
    async def play(self, path: str | Path, *, loop: bool = False) -> None:
        """Play a WAV file (16-bit PCM) to the peer."""
        self._timeline.record("plays", path=str(path))
        await self._call.play(str(path), loop=loop)

    @on_owner_loop
    async def stop_playing(self) -> None:
        """Stop the file that `play` started, if one is playing."""
        await self._call.stop_playing()

    @on_owner_loop
    async def hush(self) -> None:
        """Stop the current sound, also of `play`, and discard the queued ones, including in-band digits."""
        await self._call.stop_playing()
        await super().hush()

    @on_owner_loop
    async def record(self, path: str | Path) -> None:
        """Record the peer's audio to a WAV file, until `stop_recording` or the end of the call."""
        await self._call.record(str(path))

    @on_owner_loop
    async def stop_recording(self) -> None:
        """Stop recording, and complete the file."""
        await self._call.stop_recording()

    @on_owner_loop
    async def statistics(self) -> messages.Statistics:
        """Return the current RTP counters of the call."""
        return await self._call.statistics()

    @on_owner_loop
    async def quality(self, *, delay_ms: float | None = None) -> Quality:
        """Rate the received audio with the E-model, from the RTP counters: `mos` is from 1 (bad) to 4.41."""
        codec = self.media.codec if self.media else ""
        return rating_of_statistics(await self._call.statistics(), codec, delay_ms=delay_ms)

    @on_owner_loop
    async def audio_line(self) -> AudioLine:
        """Return the audio line, for both directions; the first call opens it."""
        from simulator.phone_audio import PhoneAudio  # noqa: PLC0415  # loads numpy, for those who use audio

        async with self._opening_audio:
            if self._audio is None:
                audio = PhoneAudio(self._call, self._spec, self.phone, self._timeline, self._network_audio.speech)
                await audio.open()
                self._audio = audio
                self._mute_on_hold()
        return self._audio.line

    def _failure(self, expected: str, within: float, because: str | None = None, **facts: Any) -> ExpectationFailed:
        reasons = "; ".join(filter(None, (because, self.explanation))) or None
        return self._timeline.failure(expected, within, because=reasons, **facts)

    # --- for the phone ---------------------------------------------------------------------------------------

    def follow(self, plan: CallPlan, *, because: str | None = None) -> None:
        """Start to take an incoming call by `plan`, in the background; `because` is the reason for a refusal."""
        self.plan = plan
        self._answering.follow(plan, self.phone, because)

    def replace(self, incoming: messages.Incoming, others: Iterable[PhoneCall]) -> bool:
        """Take the place of the one of the phone's `others` that the INVITE names; False if it is refused."""
        answering = {other._call: other._answering for other in others if other is not self}
        self.replaces_another = self._answering.replace(incoming, answering, self.phone)
        return self.replaces_another

    def follow_persona(self, persona: BoundPersona) -> None:
        """Start to take an incoming call, or to go on with a dialled one, as a persona does."""
        from simulator.python_far_end import far_end_of  # noqa: PLC0415  # the models of personas take 20 ms of a start

        far_end = far_end_of(self, persona, self._timeline.record)
        self._follow_persona(far_end, delay_ms=self._spec.dial_delay_ms)

    def notice(self, notice: messages.AnyCallNotice) -> None:
        """Update the state of the call from a notice of the user agent, and record it."""
        match notice:
            case messages.DigitEnd():
                heard = HeardDigit(notice.digit, notice.method, notice.duration_ms, notice.stated_ms)
                self._digits.heard.append(heard)
                self._timeline.record("hears", at=notice.at, **asdict(heard))
                self._persona_hears_digit()
            case messages.InfoReceived():
                self.infos.append(notice)
            case messages.Answered() if not self.incoming:
                self.headers = dict(notice.headers)
            case messages.Media():
                self._impair_new_path()
                if self._spec.noise is not None and self._audio is None:
                    self._noise = asyncio.create_task(self._start_noise(), name=f"noise of {self.phone}")
            case messages.VideoMedia():
                self._start_video(notice)
            case messages.Held() | messages.Resumed():
                self.held_by = notice.by if isinstance(notice, messages.Held) else None
                self._mute_on_hold()
            case messages.Ended():
                self._end(notice)
        self._timeline.record_notice(notice)
        self._changes.notify()

    def _mute_on_hold(self) -> None:
        """Send silence or music while this phone has the peer on hold."""
        if self._audio is not None:
            self._audio.hold(self.held_by == "local", music=self._plays_hold_music)

    async def _start_noise(self) -> None:
        with contextlib.suppress(CallError):  # it has ended
            await self.audio_line()

    def _record_sound(self, action: str, **fields: Any) -> None:
        self._timeline.record(action, **fields)

    def _end(self, notice: messages.Ended) -> None:
        self._answering.stop_following()
        self._stop_persona()
        if self._audio is not None:
            self._audio.close(f"the call ended with {notice.status} {notice.reason}, by {notice.by}")
            self._network_audio.kept_sounds.ended(self._audio.line)
        if self._video is not None:
            self._video.close()
        self._timeline.record("call ended", at=notice.at, status=notice.status, reason=notice.reason, by=notice.by)
        self._on_end(self)
