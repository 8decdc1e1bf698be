"""The parent's handle of one call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.dtmf import check_digits
from simulator.errors import CallEnded, CallError, ConfigurationError, ExpectationFailed
from simulator.useragent import messages as m
from simulator.useragent.media_path import MediaPath, Role
from simulator.useragent.messages import AnyCallNotice, AudioCodec, Command, DigitMethod, Done
from simulator.useragent.sip_text import check_body, check_content_type, check_headers, check_reason, check_uri

if TYPE_CHECKING:
    from simulator.useragent.handle import UserAgent
    from simulator.video.preferences import VideoPreferences
    from simulator.video.stream import VideoStream

_LOG = logging.getLogger("simulator.useragent")

CallState = Literal["dialling", "incoming", "ringing", "early", "answered", "ended"]
HeaderPairs = Iterable[tuple[str, str]]


class Call:
    """One SIP dialog of a user agent, until `state` is "ended".

    `on_notice` is called with every notice of the call, synchronously and in order, the `Ended` last.
    """

    def __init__(self, user_agent: UserAgent, key: str, *, incoming: bool) -> None:
        self.user_agent = user_agent
        self.key = key
        self.incoming = incoming
        self.sip_call_id = ""
        self.state: CallState = "incoming" if incoming else "dialling"
        self.media: m.Media | None = None
        self.ended: m.Ended | None = None
        self.on_notice: Callable[[AnyCallNotice], None] | None = None
        self.path: MediaPath | None = None
        """What its media passes, if anything stands between it and its peer."""
        self.video: VideoStream | None = None
        """Its video, if it was dialled or answered with any; `video.media` is None until the peer has agreed."""
        self._leads_path = False
        self._over: asyncio.Event = asyncio.Event()
        self._media_up: asyncio.Event = asyncio.Event()
        self._sent: dict[int, asyncio.Future[None]] = {}

    def __repr__(self) -> str:
        return f"<Call {self.key} {self.state} {self.sip_call_id}>"

    # --- verbs -----------------------------------------------------------------------------------------------

    async def answer(
        self,
        *,
        codecs: Sequence[AudioCodec] = ("PCMU",),
        telephone_event: bool = True,
        headers: HeaderPairs = (),
        video: VideoPreferences | None = None,
    ) -> None:
        """Accept an incoming call with the first of `codecs` that was offered, and with `video` if that was.

        None in common is answered 488 and raises CallRefused.
        """
        await self._do(
            m.Answer,
            codecs=check_codecs(codecs),
            telephone_event=telephone_event,
            headers=check_headers(headers),
            relay=self.relay(),
            video=await self.open_video(video),
        )

    async def ring(
        self,
        status: int | None = None,
        reason: str | None = None,
        *,
        early_media: bool = False,
        codecs: Sequence[AudioCodec] = ("PCMU",),
        telephone_event: bool = True,
    ) -> None:
        """Send a provisional response (101 to 199): 180, or 183 with an SDP answer for early media."""
        await self._do(
            m.Ring,
            status=_status(status if status is not None else 183 if early_media else 180, 101, 199),
            reason=check_reason(reason),
            early_media=early_media,
            codecs=check_codecs(codecs),
            telephone_event=telephone_event,
            relay=self.relay() if early_media else None,
        )
        if self.state in ("incoming", "ringing"):
            self.state = "early" if early_media else "ringing"

    async def reject(self, status: int = 486, reason: str | None = None, headers: HeaderPairs = ()) -> None:
        """Refuse an incoming call with any final response from 300 to 699."""
        await self._do(
            m.Reject,
            status=_status(status, 300, 699),
            reason=check_reason(reason),
            headers=check_headers(headers),
        )

    async def hang_up(self, headers: HeaderPairs = ()) -> None:
        """End the call in whatever state it is: CANCEL, BYE, or 603. `headers` go into that message."""
        await self._do(m.HangUp, headers=check_headers(headers))

    async def hold(self) -> None:
        """Put the peer on hold (re-INVITE with sendonly); returns when it has agreed."""
        await self._do(m.Hold)

    async def resume(self) -> None:
        """Take the peer off hold; returns when it has agreed."""
        await self._do(m.Resume)

    async def renegotiate(self, codecs: Sequence[AudioCodec]) -> None:
        """Offer these codecs instead (re-INVITE), the best first; returns when the peer has taken one.

        CallRefused (488) when it takes none: the call goes on as before. A `Media` notice tells of the new codec.
        """
        await self._do(m.Renegotiate, codecs=check_codecs(codecs))

    async def send_digits(
        self,
        digits: str,
        *,
        method: DigitMethod = "telephone-event",
        duration_ms: int = 100,
        gap_ms: int = 100,
        info_type: Literal["application/dtmf-relay", "application/dtmf"] = "application/dtmf-relay",
        wait: bool = False,
    ) -> None:
        """Send keys 0-9 A-D * #, `,` for a pause of 1 s, after those that are still being sent.

        Returns when the digits are accepted, or with `wait` when the last one is over. CallError when
        telephone-event was not negotiated.
        """
        check_digits(digits, pauses=True)
        _number("duration_ms", duration_ms, 20, 8000)
        _number("gap_ms", gap_ms, 0, 8000)
        number = self.user_agent.next_id()
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if wait:
            self._sent[number] = over
        try:
            await self._do(
                m.SendDigits,
                id=number,
                digits=digits,
                method=method,
                duration_ms=duration_ms,
                gap_ms=gap_ms,
                info_type=info_type,
            )
            if wait:
                await over
        finally:
            self._sent.pop(number, None)

    async def send_info(self, content_type: str, body: str) -> None:
        """Send a SIP INFO; returns when the peer has accepted it, CallRefused when it has not."""
        await self._do(m.SendInfo, content_type=check_content_type(content_type), body=check_body(body))

    async def transfer(self, to: str, replaces: Call | None = None) -> None:
        """Ask the peer to call `to` (REFER), or with `replaces` to take over that other call of ours.

        The peer's progress comes as `Transferred` notices. Our leg stays until it is hung up.
        """
        if replaces is not None and replaces.user_agent is not self.user_agent:
            raise ConfigurationError("replaces", replaces, "another call of the same user agent")
        await self._do(m.Transfer, to=check_uri("to", to), replaces=replaces.key if replaces else None)

    async def play(self, path: str | Path, *, loop: bool = False) -> None:
        """Play a WAV file (16-bit PCM) into the call; it starts with the media if there is none yet."""
        await self._do(m.Play, path=str(path), loop=loop)

    async def stop_playing(self) -> None:
        """Stop what `play` started."""
        await self._do(m.StopPlaying)

    async def record(self, path: str | Path) -> None:
        """Record what the call hears to a WAV file (16 kHz, 16-bit mono)."""
        await self._do(m.Record, path=str(path))

    async def stop_recording(self) -> None:
        """Finish the recording; the file is complete when this returns."""
        await self._do(m.StopRecording)

    async def open_pcm(self, rate: Literal[8000, 16000, 48000] = 16000) -> socket.socket:
        """The call's audio as a datagram socket, which the caller owns.

        Each datagram is one frame: 20 ms of 16-bit mono PCM in the machine's byte order, at `rate` Hz, both ways.
        What is not read in time is dropped. The socket ends with the call.
        """
        if rate not in (8000, 16000, 48000):
            raise ConfigurationError("rate", rate, "8000, 16000 or 48000")
        _, descriptors = await self._do(m.OpenPcm, rate=rate)
        sock = socket.socket(fileno=descriptors[0])
        sock.setblocking(False)
        return sock

    async def statistics(self) -> m.Statistics:
        """The RTP counters as of now. CallError before there is media."""
        done, _ = await self._do(m.GetStatistics)
        assert done.statistics is not None  # noqa: S101  # the worker's side of the protocol
        return done.statistics

    async def wait_media(self, within: float = 1.0) -> m.Media | None:
        """What was negotiated; None when the call ended, or brought no media in so many seconds.

        The notice of media follows that of the answer by a moment, so whoever acts on the answer waits here.
        """
        if self.media is None and self.ended is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._media_up.wait()
        return self.media

    async def wait_ended(self, within: float) -> m.Ended:
        """How the call ended. ExpectationFailed when it has not within so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._over.wait()
        except TimeoutError:
            raise ExpectationFailed(
                f"the end of call {self.sip_call_id} within {within:g} s", nearest=f"it is {self.state}"
            ) from None
        assert self.ended is not None  # noqa: S101  # the event is set with it
        return self.ended

    # --- for the user agent ----------------------------------------------------------------------------------

    def relay(self) -> m.RelayPorts | None:
        """The path to dial or to answer with, which ends with the call; None when there is none, or one already."""
        relay = self.user_agent.relay
        if self.path is None and relay is not None:
            self.path = relay.open(answering=self.sip_call_id if self.incoming else None)
            self._leads_path = self.path is not None
            self._hear_through_path()
        return self.path.ports if self.path is not None and self._leads_path else None

    async def open_video(self, wish: VideoPreferences | None) -> m.VideoPort | None:
        """Get ready for video as wished; None without a wish, and when the call has ended meanwhile."""
        if wish is None or self.ended is not None:
            return None
        if self.video is None:
            await asyncio.to_thread(_import_video)
            from simulator.video.stream import VideoStream  # noqa: PLC0415  # loads the codecs

            try:
                stream = await VideoStream.open(wish)
            except OSError as failure:
                raise CallError(f"video: {failure}") from failure
            if self.ended is not None:
                stream.close()
                return None
            self.video = stream
        return self.video.port

    def close_video(self) -> None:
        """The call is over, or did not begin. Can be repeated."""
        if self.video is not None:
            self.video.close()

    def _find_path(self, notice: m.Dialling | m.Incoming) -> None:
        if isinstance(notice, m.Incoming) and self.user_agent.relay is not None:
            self.path = self.user_agent.relay.path_of(notice)
            self._hear_through_path()
        if self.path is not None:
            self.path.called(notice.sip_call_id)

    def _hear_through_path(self) -> None:
        def hear(digit: m.DigitStart | m.DigitEnd) -> None:
            if self.ended is None:
                self._tell(digit.model_copy(update={"call": self.key}))

        role: Role = "callee" if self.incoming else "caller"
        if self.path is not None:
            self.path.on_digits(role, hear)

    def notice(self, notice: AnyCallNotice) -> None:
        """Take in one notice and pass it on. With a path, keys are those that the path has seen."""
        if self.path is not None:
            if self._leads_path:
                self.path.notice(notice)
            if isinstance(notice, m.DigitStart | m.DigitEnd) and notice.method == "telephone-event":
                return
        if not isinstance(notice, m.Described):
            self._tell(notice)

    def _tell(self, notice: AnyCallNotice) -> None:
        self._note(notice)
        if self.on_notice is not None:
            try:
                self.on_notice(notice)
            except Exception:  # noqa: BLE001  # a user's callback must not stop the notices
                _LOG.exception("on_notice failed", extra={"sip_call_id": self.sip_call_id})
        if isinstance(notice, m.Ended):
            self._over.set()
            for over in self._sent.values():
                if not over.done():
                    over.set_exception(CallEnded("send_digits", notice.status, notice.reason))

    def _note(self, notice: AnyCallNotice) -> None:
        match notice:
            case m.Dialling() | m.Incoming():
                self.sip_call_id = notice.sip_call_id
                self._find_path(notice)
            case m.Ringing():
                self.state = "ringing" if self.state == "dialling" else self.state
            case m.EarlyMedia():
                self.state = "early"
            case m.Answered():
                self.state = "answered"
            case m.Media():
                self.media = notice
                self._media_up.set()
            case m.VideoMedia() if self.video is not None:
                self.video.start(notice)
            case m.Ended():
                self.state = "ended"
                self.ended = notice
                self.close_video()
                self._media_up.set()
            case m.DigitsSent():
                self._digits_over(notice.id, None)
            case m.DigitsFailed():
                self._digits_over(notice.id, notice.error)

    def _digits_over(self, number: int, error: str | None) -> None:
        over = self._sent.get(number)
        if over is None or over.done():
            return
        if error is None:
            over.set_result(None)
        else:
            over.set_exception(CallError(f"send_digits: {error}"))

    async def _do(self, kind: type[Command], **fields: Any) -> tuple[Done, list[int]]:
        if self.ended is not None:
            if self.ended.by == "worker":
                self.user_agent.check_alive()
            what = str(kind.model_fields["op"].default)
            raise CallEnded(what, self.ended.status, self.ended.reason)
        return await self.user_agent.request(kind, call=self.key, **fields)


def _import_video() -> None:
    from simulator.video import stream  # noqa: F401, PLC0415  # that is the point


def check_codecs(codecs: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
    """`codecs`, or ConfigurationError when there is none or one has an unknown name."""
    known = AudioCodec.__args__  # type: ignore[attr-defined]  # a Literal has them
    wanted = tuple(codecs)
    if not wanted or isinstance(codecs, str):
        raise ConfigurationError("codecs", codecs, f"a sequence of at least one of {', '.join(known)}")
    for codec in wanted:
        if codec not in known:
            raise ConfigurationError("codecs", codec, ", ".join(known))
    return wanted


def _status(status: int, low: int, high: int) -> int:
    return _number("status", status, low, high)


def _number(field: str, value: int, low: int, high: int) -> int:
    if not isinstance(value, int) or not low <= value <= high:
        raise ConfigurationError(field, value, f"a whole number from {low} to {high}")
    return value
