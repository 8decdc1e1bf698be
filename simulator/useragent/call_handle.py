"""The parent's handle of one call in a worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from simulator.dtmf import PAUSE, InfoType, check_digits
from simulator.errors import CallEnded, CallError, ConfigurationError, ExpectationFailed
from simulator.sip_dialog import SipDialog
from simulator.useragent import messages as m
from simulator.useragent.call_user_agent import CallUserAgent
from simulator.useragent.call_video import open_video_stream
from simulator.useragent.codecs import check_codecs
from simulator.useragent.dialog_tracker import DialogTracker
from simulator.useragent.digit_queue import DigitQueue, DigitSequence
from simulator.useragent.heard_digits import HeardDigits
from simulator.useragent.media_path import MediaPath, Role
from simulator.useragent.messages import AnyCallNotice, AudioCodec, Command, DigitMethod, Done
from simulator.useragent.outgoing_digit import OutgoingDigit, check_not_held
from simulator.useragent.pending_commands import OnDone
from simulator.useragent.sip_text import check_body, check_content_type, check_headers, check_reason, check_uri
from simulator.useragent.sip_waits import SipWaits
from simulator.useragent.whole_number import check_number

if TYPE_CHECKING:
    from simulator.video.negotiated import VideoPort
    from simulator.video.preferences import VideoPreferences
    from simulator.video.stream import VideoStream

_LOG = logging.getLogger("simulator.useragent")

CallState = Literal["dialling", "incoming", "ringing", "early", "answered", "ended"]
HeaderPairs = Iterable[tuple[str, str]]


class Call:
    """One SIP dialog of a user agent, until `state` is "ended".

    `on_notice` is called with every notice of the call, synchronously and in order; `Ended` is the last.
    """

    def __init__(self, user_agent: CallUserAgent, key: str, *, incoming: bool) -> None:
        self.user_agent = user_agent
        self.key = key
        self.incoming = incoming
        self.sip_call_id = ""
        self.state: CallState = "incoming" if incoming else "dialling"
        self.media: m.Media | None = None
        """The audio that was negotiated last."""
        self.ended: m.Ended | None = None
        self._tracker = DialogTracker()
        self.waits = SipWaits(user_agent.timers)
        self.on_notice: Callable[[AnyCallNotice], None] | None = None
        self.path: MediaPath | None = None
        """The relay path that its media goes through; None when it goes directly to the peer."""
        self.video: VideoStream | None = None
        """Its video, when it was dialled or answered with video; `video.media` is None until the peer has accepted."""
        self._opened_path = False
        """Whether this side opened `path`, and not the peer, which can be one of our user agents too."""
        self._has_ended: asyncio.Event = asyncio.Event()
        self._has_media_or_ended: asyncio.Event = asyncio.Event()
        self._digits = DigitQueue(self, key, self._deliver)
        self._heard = HeardDigits(key, self._deliver)

    def __repr__(self) -> str:
        return f"<Call {self.key} {self.state} {self.sip_call_id}>"

    @property
    def dialog(self) -> SipDialog | None:
        """Its SIP dialog, once the peer has responded to our INVITE, or acknowledged our answer to its own."""
        return self._tracker.dialog

    # --- verbs -----------------------------------------------------------------------------------------------

    async def answer(
        self,
        *,
        codecs: Sequence[AudioCodec] = ("PCMU",),
        telephone_event: bool = True,
        offered_order: bool = False,
        headers: HeaderPairs = (),
        video: VideoPreferences | None = None,
    ) -> None:
        """Accept an incoming call with the first of `codecs` that was offered, and with `video` if it was offered.

        With `offered_order` the offer's first codec that is one of `codecs` is used instead (RFC 3264 §6.1). Without a
        common codec the call is answered 488, and this raises CallRefused.
        """
        await self._request(
            m.Answer,
            codecs=check_codecs(codecs),
            telephone_event=telephone_event,
            offered_order=offered_order,
            headers=check_headers(headers),
            relay=self.open_path(),
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
        offered_order: bool = False,
    ) -> None:
        """Send a provisional response (101 to 199): by default 180, or with `early_media` 183 with an SDP answer."""
        await self._request(
            m.Ring,
            status=check_number("status", status if status is not None else 183 if early_media else 180, 101, 199),
            reason=check_reason(reason),
            early_media=early_media,
            codecs=check_codecs(codecs),
            telephone_event=telephone_event,
            offered_order=offered_order,
            relay=self.open_path() if early_media else None,
        )
        if self.state in ("incoming", "ringing"):
            self.state = "early" if early_media else "ringing"

    async def reject(self, status: int = 486, reason: str | None = None, headers: HeaderPairs = ()) -> None:
        """Refuse an incoming call with a final response from 300 to 699."""
        await self._request(
            m.Reject,
            status=check_number("status", status, 300, 699),
            reason=check_reason(reason),
            headers=check_headers(headers, status=status),
        )

    async def hang_up(self, headers: HeaderPairs = ()) -> None:
        """End the call in any state, with CANCEL, BYE or 603; `headers` are added to that message."""
        await self._request(m.HangUp, headers=check_headers(headers))

    async def hold(self) -> None:
        """Put the peer on hold (a re-INVITE with sendonly); returns when the peer has accepted it."""
        await self._request(m.Hold)

    async def resume(self) -> None:
        """Take the peer off hold; returns when the peer has accepted it."""
        await self._request(m.Resume)

    async def renegotiate(self, codecs: Sequence[AudioCodec]) -> None:
        """Offer these codecs in a re-INVITE, in order of preference; returns when the peer has accepted one.

        The new codec comes in a `Media` notice. CallRefused (488) when the peer accepts none; the call goes on as
        before.
        """
        await self._request(m.Renegotiate, codecs=check_codecs(codecs))

    async def send_digits(
        self,
        digits: str,
        *,
        method: DigitMethod = "telephone-event",
        duration_ms: int = 100,
        gap_ms: int = 100,
        info_type: InfoType = "application/dtmf-relay",
        wait: bool = False,
    ) -> None:
        """Send digits 0-9 A-D * #, with `,` for a pause of 1 s, after those that are still being sent.

        Returns when the digits are queued, or with `wait` when the last one was sent. `DigitsSent` or `DigitsFailed`
        reports what became of them. CallError when the call is not answered or telephone-event was not negotiated.
        """
        check_digits(digits, pauses=True)
        check_number("duration_ms", duration_ms, 20, 8000)
        check_number("gap_ms", gap_ms, 0, 8000)
        self._check_not_ended("send_digits")
        await self.wait_media()  # a callee has answered, but the ACK is on its way
        if self.state not in ("early", "answered"):
            raise CallError("send_digits: the call is not answered yet")
        if method == "telephone-event":
            for digit in digits.replace(PAUSE, ""):
                self._outgoing_digit(digit, duration_ms)
        finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._digits.enqueue(DigitSequence(digits, method, duration_ms, gap_ms, info_type, finished))
        if wait:
            await finished

    async def send_telephone_event(self, digit: str, duration_ms: int, on_sent: Callable[[], None]) -> float:
        """Send one digit as telephone-event; returns the moment (`time.monotonic()`) at which it began.

        With a relay path it returns when the last packet was sent, without one at once. CallError when it cannot be
        sent: telephone-event is not negotiated, or the peer holds the call.
        """
        outgoing = self._outgoing_digit(digit, duration_ms)
        check_not_held(self.media)
        if self.path is None:
            await self._request(m.SendDigit, on_done=on_sent, digit=digit, duration_ms=duration_ms)
            return time.monotonic()
        try:
            began = await self.path.send_digit(self._role, outgoing)
        except CallError:
            check_not_held(self.media)
            raise
        on_sent()
        return began

    def _outgoing_digit(self, digit: str, duration_ms: int) -> OutgoingDigit:
        return OutgoingDigit.in_media(self.media, digit, duration_ms, segments=self.path is not None)

    async def send_info(self, content_type: str, body: str, on_accepted: OnDone = None) -> None:
        """Send a SIP INFO; returns when the peer has accepted it. CallRefused when the peer refuses it."""
        content_type = check_content_type(content_type)
        await self._request(m.SendInfo, on_done=on_accepted, content_type=content_type, body=check_body(body))

    async def transfer(self, to: str) -> None:
        """Ask the peer with a REFER to call `to`; `TransferProgress` notices follow. This call goes on."""
        check_uri("to", to, headers=True)
        await self._request(m.Transfer, to=to)

    async def transfer_replacing(self, other: Call) -> None:
        """Ask the peer to take our place in another answered call (REFER with Replaces, RFC 5589 §7)."""
        if other is self or other.dialog is None or not other.dialog.answered:
            raise ConfigurationError("other", other, "another answered call")
        await self.transfer(other.dialog.replacing_uri)

    async def play(self, path: str | Path, *, loop: bool = False) -> None:
        """Play a WAV file (16-bit PCM) into the call, as soon as the call has media."""
        await self._request(m.Play, path=str(path), loop=loop)

    async def stop_playing(self) -> None:
        """Stop the file that `play` started."""
        await self._request(m.StopPlaying)

    async def record(self, path: str | Path) -> None:
        """Record what the call receives to a WAV file (16 kHz, 16-bit mono)."""
        await self._request(m.Record, path=str(path))

    async def stop_recording(self) -> None:
        """Stop recording; the file is complete when this returns."""
        await self._request(m.StopRecording)

    async def open_pcm(self, rate: m.PcmRate = 16000) -> socket.socket:
        """Open the call's audio as a non-blocking datagram socket, which the caller owns.

        Each datagram is one 20 ms frame of 16-bit mono PCM in native byte order, at `rate` Hz, both ways. Frames that
        are not read in time are dropped. The worker closes its end when the call ends.
        """
        if rate not in get_args(m.PcmRate):
            raise ConfigurationError("rate", rate, "8000, 16000 or 48000")
        _, descriptors = await self._request(m.OpenPcm, rate=rate)
        sock = socket.socket(fileno=descriptors[0])
        sock.setblocking(False)
        return sock

    async def statistics(self) -> m.Statistics:
        """Return the current RTP counters. CallError before there is media."""
        done, _ = await self._request(m.GetStatistics)
        assert done.statistics is not None  # noqa: S101  # the worker's side of the protocol
        return done.statistics

    async def wait_media(self, within: float = 1.0) -> m.Media | None:
        """Wait for the negotiated audio; None when the call ends first, or there is none within `within` seconds.

        `Media` comes a moment after `Answered`, so code that acts on the answer waits here.
        """
        if self.media is None and self.ended is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_media_or_ended.wait(), within)
        return self.media

    async def wait_ended(self, within: float) -> m.Ended:
        """Wait for the end of the call. ExpectationFailed when it does not come within `within` seconds."""
        try:
            await asyncio.wait_for(self._has_ended.wait(), within)
        except TimeoutError:
            raise ExpectationFailed(
                f"the end of call {self.sip_call_id} within {within:g} s", nearest=f"the call is {self.state}"
            ) from None
        assert self.ended is not None  # noqa: S101  # set before the event
        return self.ended

    # --- for the user agent ----------------------------------------------------------------------------------

    def open_path(self) -> m.RelayPorts | None:
        """Return the relay ports to dial or to answer with.

        None without a relay, and when the peer, another of our user agents, has opened a path for the call already.
        """
        relay = self.user_agent.relay
        if self.path is None and relay is not None:
            self.path = relay.open(answering=self.sip_call_id if self.incoming else None)
            self._opened_path = self.path is not None
            self._take_digits_from_path()
        return self.path.ports if self.path is not None and self._opened_path else None

    async def open_video(self, wish: VideoPreferences | None) -> VideoPort | None:
        """Open the video stream that `wish` describes; None without a wish, and when the call has ended meanwhile."""
        if wish is None or self.ended is not None:
            return None
        if self.video is None:
            permitted = self.user_agent.permitted_video
            stream = await open_video_stream(
                wish,
                host=self.user_agent.host,
                permitted=lambda host, port: permitted(host, port, self.sip_call_id),
                symmetric=self.user_agent.symmetric_rtp,
            )
            if self.ended is not None:
                stream.close()
                return None
            self.video = stream
        return self.video.port

    def abandon(self) -> None:
        """Close the video stream and the relay path of a call that could not be dialled."""
        if self.video is not None:
            self.video.close()
        if self.path is not None:
            self.path.close()

    def _set_call_id(self, notice: m.Dialling | m.Incoming) -> None:
        self.sip_call_id = notice.sip_call_id
        if isinstance(notice, m.Incoming) and self.user_agent.relay is not None:
            self.path = self.user_agent.relay.find_path(notice)
            self._take_digits_from_path()
        if self.path is not None:
            self.path.set_call_id(notice.sip_call_id)

    def _take_digits_from_path(self) -> None:
        if self.path is not None:
            self.path.on_digits(self._role, self._heard.hear)

    @property
    def _role(self) -> Role:
        return "callee" if self.incoming else "caller"

    def handle_notice(self, notice: AnyCallNotice) -> None:
        """Handle one notice of the worker and pass it to `on_notice`.

        With a relay path, telephone-events are taken from the path's packets instead. What is only about the dialog and
        the relay is not passed on.
        """
        if isinstance(notice, m.Ended):
            self._digits.stop(CallEnded("send_digits", notice.status, notice.reason))
        if self.path is not None:
            if self._opened_path:
                self.path.handle_notice(notice)
            if isinstance(notice, m.DigitStart | m.DigitEnd) and notice.method == "telephone-event":
                return
        self.waits.follow(notice)
        self._tracker.follow(notice)
        if not isinstance(notice, m.MediaAgreed | m.Trying | m.TargetChanged):
            self._deliver(notice)
            self._heard.follow(notice)

    def _deliver(self, notice: AnyCallNotice) -> None:
        self._update(notice)
        if self.on_notice is not None:
            try:
                self.on_notice(notice)
            except Exception:  # noqa: BLE001  # a user's callback must not stop the notices
                _LOG.exception("on_notice failed", extra={"sip_call_id": self.sip_call_id})
        if isinstance(notice, m.Ended):
            self._has_ended.set()

    def _update(self, notice: AnyCallNotice) -> None:
        match notice:
            case m.Dialling() | m.Incoming():
                self._set_call_id(notice)
            case m.Ringing():
                self.state = "ringing" if self.state == "dialling" else self.state
            case m.EarlyMedia():
                self.state = "early"
            case m.Answered():
                self.state = "answered"
            case m.Media():
                self.media = notice
                self._has_media_or_ended.set()
            case m.VideoMedia() if self.video is not None:
                self.video.start(notice)
            case m.Ended():
                self.state = "ended"
                self.ended = notice
                if self.video is not None:
                    self.video.close()
                self._has_media_or_ended.set()

    def _check_not_ended(self, what: str) -> None:
        if self.ended is not None:
            if self.ended.by == "worker":
                self.user_agent.check_alive()
            raise CallEnded(what, self.ended.status, self.ended.reason)

    async def _request(self, kind: type[Command], *, on_done: OnDone = None, **fields: Any) -> tuple[Done, list[int]]:
        self._check_not_ended(str(kind.model_fields["op"].default))
        with self.waits.during(kind):
            return await self.user_agent.request(kind, on_done=on_done, call=self.key, **fields)
