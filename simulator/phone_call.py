"""One call as the person at a simulated phone sees it: verbs, what was heard, and waits that explain themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.audio.quality import Quality, rating_of_statistics
from simulator.audio.sound_verbs import SoundVerbs
from simulator.behaviour import CallPlan, PhoneSpec
from simulator.dtmf import PAUSE_MS, DigitMethod, check_digits
from simulator.errors import CallError, ConfigurationError, ExpectationFailed, SimulatorError
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.relay import BadLine, Direction, Faults, RelayPath, Role, Tap
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call
from simulator.useragent.messages import AudioCodec, VideoCodec
from simulator.video.seen import VideoSeen
from simulator.video.wish import VideoWish
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.audio.audio_line import AudioLine
    from simulator.phone_audio import PhoneAudio
    from simulator.video.phone_video import PhoneVideo

PressMethod = Literal["telephone-event", "sip-info", "in-band", "auto"]


@dataclass(frozen=True, slots=True)
class HeardDigit:
    """A key that the other side pressed."""

    digit: str
    method: DigitMethod
    duration_ms: int


class PhoneCall(SoundVerbs):
    """A call of a `Phone`, in either direction. Every verb can be awaited from any loop."""

    def __init__(
        self,
        call: Call,
        spec: PhoneSpec,
        name: str,
        timeline: Timeline,
        owner_loop: OwnerLoop,
        over: Callable[[PhoneCall], None],
    ) -> None:
        self._owner_loop = owner_loop
        self.phone: str = name
        self.plan: CallPlan | None = None
        """How the phone was told to take it; None for calls that it dialled."""
        self.heard: list[HeardDigit] = []
        """Every key that the other side pressed, oldest first."""
        self.infos: list[messages.InfoReceived] = []
        """SIP INFO bodies that were no digits."""
        self.headers: dict[str, str] = {}
        """Header fields received: of the INVITE for an incoming call, of the answer for a dialled one."""
        self.remote: str = ""
        """The other side's SIP URI."""
        self.remote_name: str = ""
        """The other side's display name."""
        self.held_by: messages.Side | None = None
        self._call = call
        self._spec = spec
        self._timeline = timeline
        self._changes = Changes()
        self._consumed = 0
        self._behaving: asyncio.Task[None] | None = None
        self._audio: PhoneAudio | None = None
        self._video: PhoneVideo | None = None
        self._opening_audio = asyncio.Lock()
        self._over = over
        self._line: BadLine | None = None
        self._line_on: RelayPath | None = None
        call.on_notice = self.notice

    def __repr__(self) -> str:
        way = "from" if self.incoming else "to"
        return f"<call of {self.phone} {way} {self.remote}: {self.state}>"

    @property
    def owner_loop(self) -> OwnerLoop:
        """The network's."""
        return self._owner_loop

    # --- what is known ---------------------------------------------------------------------------------------

    @property
    def sip_call_id(self) -> str:
        """The Call-ID on the wire."""
        return self._call.sip_call_id

    @property
    def incoming(self) -> bool:
        """Whether the phone was called, not calling."""
        return self._call.incoming

    @property
    def state(self) -> str:
        """`dialling`, `incoming`, `ringing`, `early`, `answered` or `ended`."""
        return self._call.state

    @property
    def media(self) -> messages.Media | None:
        """What was negotiated: codec, clock rate, payload types, telephone-event or not."""
        return self._call.media

    @property
    def ended(self) -> messages.Ended | None:
        """How it ended: SIP status, reason, and by whom; None while it has not."""
        return self._call.ended

    @property
    def digits(self) -> str:
        """All keys heard so far, as one text."""
        return "".join(heard.digit for heard in self.heard)

    @property
    def video_seen(self) -> VideoSeen | None:
        """What the phone sees: how many pictures, how large, and which test cards; None when there is no video."""
        return self._video.seen if self._video else None

    @property
    def tap(self) -> RelayPath | None:
        """What the relay knows of the call's packets; None without a relay, or before it is dialled or answered."""
        return self._call.path if isinstance(self._call.path, RelayPath) else None

    @property
    def packets_heard(self) -> Tap | None:
        """Every packet that the other side sends, as far as it is kept."""
        return self.tap.taps["caller" if self.incoming else "callee"] if self.tap else None

    @property
    def packets_said(self) -> Tap | None:
        """Every packet that the phone sends, as far as it is kept."""
        return self.tap.taps["callee" if self.incoming else "caller"] if self.tap else None

    @property
    def codec_on_the_wire(self) -> str | None:
        """What the newest packets of voice are, "PCMU", or "PCMU, PCMA" when the phone hears another than it sends.

        None without a relay, and as long as a side is silent.
        """
        heard, said = (tap.codec if tap else None for tap in (self.packets_heard, self.packets_said))
        if heard is None or said is None:
            return None
        return said if heard == said else f"{said}, {heard}"

    @property
    def explanation(self) -> str | None:
        """Why the call is not where one might expect it, when the phone itself is the reason."""
        if self.ended:
            return f"the call of {self.phone!r} ended with {self.ended.status} {self.ended.reason}, by {self.ended.by}"
        if self.plan is None or self.state == "answered":
            return None
        if self.plan.then in ("no_answer", "wait"):
            return f"the phone {self.phone!r} was told to ring on (calls: {self.plan.then})"
        if self.plan.ring_ms:
            told = f"{self.plan.ring_ms / 1000:g} s before it does: {self.plan.then}"
            return f"the phone {self.phone!r} was told to ring for {told} (calls: ring_ms)"
        return None

    # --- verbs -----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def answer(self) -> None:
        """Pick up, with the phone's codecs."""
        self._say("answers")
        await self._call.answer(
            codecs=self._spec.codecs, telephone_event=self._spec.telephone_event, video=self._video_wish
        )

    @on_owner_loop
    async def ring(self, *, early_media: bool = False) -> None:
        """Say 180 Ringing, or 183 Session Progress with media."""
        self._say("rings", early_media=early_media or None)
        if early_media:
            await self._call.ring(
                183, early_media=True, codecs=self._spec.codecs, telephone_event=self._spec.telephone_event
            )
        else:
            await self._call.ring()

    @on_owner_loop
    async def reject(self, status: int = 486, reason: str | None = None) -> None:
        """Refuse an incoming call with any final SIP status."""
        self._say("rejects", status=status)
        await self._call.reject(status, reason)

    @on_owner_loop
    async def hang_up(self) -> None:
        """End the call in whatever state it is; nothing happens when it is over already."""
        if self._call.state != "ended":
            self._say("hangs up")
            await self._call.hang_up()

    @on_owner_loop
    async def hold(self) -> None:
        """Put the other side on hold."""
        self._say("holds")
        await self._call.hold()

    @on_owner_loop
    async def resume(self) -> None:
        """Take the other side off hold."""
        self._say("resumes")
        await self._call.resume()

    @on_owner_loop
    async def change_codec(self, codecs: Sequence[AudioCodec]) -> None:
        """Offer these codecs for the rest of the call (re-INVITE); returns when the other side has taken one.

        CallRefused (488) when it takes none: the call goes on as before.
        """
        self._say("offers", codecs=list(codecs))
        await self._call.renegotiate(codecs)

    @on_owner_loop
    async def press(
        self, digits: str, *, method: PressMethod = "auto", duration_ms: int = 100, gap_ms: int = 100
    ) -> None:
        """Press keys (0-9 A-D * #, `,` pauses 1 s) and return when the last one is released.

        `auto` takes telephone-event when it was negotiated, else SIP INFO; `in-band` are tones in the sound.
        """
        check_digits(digits, pauses=True)
        if method == "in-band":
            await self._press_in_band(digits, duration_ms, gap_ms)
            return
        if method == "auto":
            media = await self._call.wait_media()
            method = "telephone-event" if media and media.telephone_event is not None else "sip-info"
        self._say("presses", digits=digits, method=method)
        await self._call.send_digits(digits, method=method, duration_ms=duration_ms, gap_ms=gap_ms, wait=True)

    @on_owner_loop
    async def send_info(self, content_type: str, body: str) -> None:
        """Send a SIP INFO with any body."""
        self._say("sends INFO", content_type=content_type)
        await self._call.send_info(content_type, body)

    @on_owner_loop
    async def transfer(self, to: str) -> None:
        """Send the other side elsewhere with a REFER."""
        self._say("transfers", to=to)
        await self._call.transfer(to)

    @on_owner_loop
    async def play(self, path: str | Path, *, loop: bool = False) -> None:
        """Play a WAV file (16-bit PCM) to the other side."""
        self._say("plays", path=str(path))
        await self._call.play(str(path), loop=loop)

    @on_owner_loop
    async def record(self, path: str | Path) -> None:
        """Record what the other side says to a WAV file, until `stop_recording` or the end."""
        await self._call.record(str(path))

    @on_owner_loop
    async def stop_recording(self) -> None:
        """Finish the recording; the file is complete afterwards."""
        await self._call.stop_recording()

    @on_owner_loop
    async def statistics(self) -> messages.Statistics:
        """RTP counters of this moment."""
        return await self._call.statistics()

    # --- audio -----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def quality(self, *, delay_ms: float | None = None) -> Quality:
        """What listeners would say of what this call receives (E-model): `mos` 1 to 4.41, from its RTP counters."""
        codec = self.media.codec if self.media else ""
        return rating_of_statistics(await self._call.statistics(), codec, delay_ms=delay_ms)

    @on_owner_loop
    async def audio_line(self) -> AudioLine:
        """The audio of both directions; the first audio method opens it."""
        from simulator.phone_audio import PhoneAudio  # noqa: PLC0415  # loads numpy, for those who use sound

        async with self._opening_audio:
            if self._audio is None:
                audio = PhoneAudio(self._call, self.phone, latest_records=self._told)
                await audio.open()
                self._audio = audio
                self._mute()
        return self._audio.line

    def _record_sound(self, action: str, **fields: Any) -> None:
        self._say(action, **fields)

    def _mute(self) -> None:
        """Who has put the other side on hold does not talk to it."""
        if self._audio is not None:
            self._audio.line.muted = self.held_by == "local"

    async def _press_in_band(self, digits: str, duration_ms: int, gap_ms: int) -> None:
        line = await self.audio_line()
        self._say("presses", digits=digits, method="in-band")
        line.send_in_band_digits(digits, duration_ms, gap_ms)
        await line.all_sent(within=len(digits) * (duration_ms + gap_ms + PAUSE_MS) / 1000 + 30)

    # --- video -----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def expect_video(self, *, codec: VideoCodec | None = None, pictures: int = 5, within: float = 5) -> VideoSeen:
        """So many pictures come from now on, in `codec` when given. Returns all that was seen."""
        before = self._video.seen.pictures if self._video else 0

        def found() -> VideoSeen | bool | None:
            seen = self.video_seen
            if seen is not None and codec not in (None, seen.codec):
                return False
            return seen if seen and seen.pictures >= before + pictures else (False if self.ended else None)

        seen = await self._changes.until(found, within=within)
        if isinstance(seen, VideoSeen):
            return seen
        wanted = f"{self.phone} sees {pictures} pictures{f' in {codec}' if codec else ''}"
        raise self._failure(wanted, within, nearest=str(self.video_seen or "no video was agreed on"))

    @property
    def _video_wish(self) -> VideoWish | None:
        return VideoWish(self._spec.video) if self._spec.video else None

    def _sees(self, media: messages.VideoMedia) -> None:
        if self._video is None and self._call.video is not None:
            from simulator.video.phone_video import PhoneVideo  # noqa: PLC0415  # loads numpy

            self._video = PhoneVideo(self._call.video, self._changes.notify)
            self._say("shows its test card", at=media.at, codec=media.codec)

    # --- the line --------------------------------------------------------------------------------------------

    @on_owner_loop
    async def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Make the line bad from now on: what it does to the packets of one direction, or of both."""
        self.line_is(BadLine(faults, direction, seed))

    @on_owner_loop
    async def recover(self) -> None:
        """Make the line good again."""
        self.line_is(BadLine(Faults()))

    def line_is(self, line: BadLine) -> None:
        """Lead the packets through this line, as soon as there is a relay for them."""
        self._line = line
        if self.ended is None and self.tap is not None:
            self._put_on(self.tap, line)

    def _put_on(self, path: RelayPath, line: BadLine) -> None:
        own: Role = "callee" if self.incoming else "caller"
        other: Role = "caller" if self.incoming else "callee"
        towards: dict[Direction, Literal["caller", "callee", "both"]] = {
            "to_phone": own,
            "from_phone": other,
            "both": "both",
        }
        path.impair(line.faults, towards=towards[line.direction], seed=line.seed)
        self._line_on = path

    # --- waits -----------------------------------------------------------------------------------------------

    @on_owner_loop
    async def wait_answered(self, *, within: float = 5) -> messages.Media:
        """The negotiated media once the call is answered and media is up."""

        def found() -> messages.Media | messages.Ended | None:
            return self.ended or (self.media if self.state == "answered" else None)

        outcome = await self._changes.until(found, within=within)
        if isinstance(outcome, messages.Media):
            return outcome
        raise self._failure(f"{self.phone}: the call is answered", within)

    @on_owner_loop
    async def wait_for_digits(self, digits: str, *, method: DigitMethod | None = None, within: float = 5) -> None:
        """The next keys heard are `digits`, by `method` when given. What was matched is not looked at again."""
        check_digits(digits)
        start = self._consumed

        def found() -> bool | None:
            heard = self.heard[start : start + len(digits)]
            text = "".join(key.digit for key in heard)
            if not digits.startswith(text) or any(method and key.method != method for key in heard):
                return False
            if text == digits:
                return True
            return False if self.ended else None

        if await self._changes.until(found, within=within):
            self._consumed = start + len(digits)
            return
        by = f" by {method}" if method else ""
        raise self._failure(
            f"{self.phone} hears {digits}{by}",
            within,
            nearest=" ".join(f"{key.digit} ({key.method}, {key.duration_ms} ms)" for key in self.heard[start:]),
        )

    @on_owner_loop
    async def wait_for_end(self, *, within: float = 5) -> messages.Ended:
        """How the call ended, once it has."""
        ended = await self._changes.until(lambda: self.ended, within=within)
        if ended is None:
            raise self._failure(f"{self.phone}: the call ends", within)
        return ended

    # --- inside ----------------------------------------------------------------------------------------------

    def behave(self, plan: CallPlan) -> None:
        """Take an incoming call as planned, in the background, until the plan or the call is over."""
        self.plan = plan
        self._behaving = asyncio.create_task(self._behave(plan), name=f"{self.phone} takes a call")

    async def _behave(self, plan: CallPlan) -> None:
        try:
            if plan.ring_ms or plan.early_media or plan.then in ("no_answer", "wait"):
                await self.ring(early_media=plan.early_media)
                await asyncio.sleep(plan.ring_ms / 1000)
            if plan.refusal:
                status, reason = plan.refusal
                self._say("rejects", status=status)
                await self._call.reject(status, reason, tuple(plan.headers.items()))
            elif plan.then in ("answer", "drop"):
                self._say("answers")
                await self._call.answer(
                    codecs=self._spec.codecs,
                    telephone_event=self._spec.telephone_event,
                    headers=tuple(plan.headers.items()),
                    video=self._video_wish,
                )
                if plan.then == "drop":
                    await asyncio.sleep((plan.after_ms or 0) / 1000)
                    await self.hang_up()
        except SimulatorError as failure:
            if not isinstance(failure, CallError) or not self.ended:
                self._say("fails", error=str(failure))

    def notice(self, notice: messages.AnyCallNotice) -> None:
        """Take note of what SIP says."""
        match notice:
            case messages.DigitEnd():
                self.heard.append(HeardDigit(notice.digit, notice.method, notice.duration_ms))
                self._say(
                    "hears", at=notice.at, digit=notice.digit, method=notice.method, duration_ms=notice.duration_ms
                )
            case messages.InfoReceived():
                self.infos.append(notice)
                self._say("hears INFO", at=notice.at, content_type=notice.content_type)
            case messages.Ringing() | messages.EarlyMedia():
                self._say("is told", at=notice.at, status=notice.status, reason=notice.reason)
            case messages.Answered():
                if not self.incoming:
                    self.headers = dict(notice.headers)
                    self._say("is told", at=notice.at, status=notice.status, reason=notice.reason)
            case messages.Media():
                self._talks(notice)
            case messages.VideoMedia():
                self._sees(notice)
            case messages.Held():
                self.held_by = notice.by
                self._mute()
                self._say("is held" if notice.by == "remote" else "has held", at=notice.at)
            case messages.Resumed():
                self.held_by = None
                self._mute()
            case messages.Ended():
                self._is_done(notice)
            case _:
                pass
        self._changes.notify()

    def _is_done(self, notice: messages.Ended) -> None:
        if self._behaving is not None:
            self._behaving.cancel()
        if self._audio is not None:
            self._audio.close(f"the call ended with {notice.status} {notice.reason}, by {notice.by}")
        if self._video is not None:
            self._video.close()
        self._say("is done", at=notice.at, status=notice.status, reason=notice.reason, by=notice.by)
        self._over(self)

    def _talks(self, media: messages.Media) -> None:
        if self._line is not None and self.tap is not None and self._line_on is not self.tap:
            self._put_on(self.tap, self._line)  # a foreign caller's path begins with the answer
        self._say("talks", at=media.at, codec=media.codec, telephone_event=media.telephone_event)

    def _say(self, action: str, *, at: float | None = None, **fields: object) -> None:
        fields = {name: value for name, value in fields.items() if value is not None}
        self._timeline.append("phone", at=at, phone=self.phone, action=action, sip_call_id=self.sip_call_id, **fields)

    def _failure(self, expected: str, within: float, *, nearest: str | None = None) -> ExpectationFailed:
        return ExpectationFailed(
            f"{expected}  within {within:g} s",
            nearest=nearest or f"the call is {self.state}",
            because=self.explanation,
            happened=self._told(),
        )

    def _told(self) -> list[str]:
        records = self._timeline.records()
        return [str(record) for record in records if record.fields.get("sip_call_id") == self.sip_call_id][-12:]


def as_headers(headers: Mapping[str, str]) -> messages.Headers:
    """A mapping as header fields in order; values must be text."""
    for name, value in headers.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"headers.{name}", value, "text")
    return tuple(headers.items())
