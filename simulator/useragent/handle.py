"""The parent's handles: a user agent in its worker process, and the calls on it.

Made and used on one asyncio loop. Verbs raise `CallEnded` on a call that is over, `CallRefused` when SIP said no,
`CallError` when the call is in no state for it, `ConfigurationError` for a value that cannot be used, and
`WorkerCrashed` when the process died.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from simulator.dtmf import check_digits
from simulator.errors import (
    CallEnded,
    CallError,
    CallRefused,
    ConfigurationError,
    ExpectationFailed,
    WorkerCrashed,
)
from simulator.useragent import messages as m
from simulator.useragent.channel import Channel
from simulator.useragent.messages import NOTICES, AnyCallNotice, AudioCodec, Command, DigitMethod, Done
from simulator.useragent.sip_text import (
    check_content_type,
    check_display_name,
    check_headers,
    check_reason,
    check_uri,
)

_LOG = logging.getLogger("simulator.useragent")
_CAUSE = 0.050
"""Seconds to wait for the cause of a death after its socket has closed."""
_REPLY = 10.0
"""Seconds that a worker may take to start."""

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
    ) -> None:
        """Accept an incoming call with the first of `codecs` that was offered.

        None in common is answered 488 and raises CallRefused.
        """
        await self._do(
            m.Answer,
            codecs=_codecs(codecs),
            telephone_event=telephone_event,
            headers=check_headers(headers),
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
            codecs=_codecs(codecs),
            telephone_event=telephone_event,
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
        await self._do(m.SendInfo, content_type=check_content_type(content_type), body=body)

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

    def notice(self, notice: AnyCallNotice) -> None:
        """Take in one notice and pass it on."""
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
            case m.Ringing():
                self.state = "ringing" if self.state == "dialling" else self.state
            case m.EarlyMedia():
                self.state = "early"
            case m.Answered():
                self.state = "answered"
            case m.Media():
                self.media = notice
                self._media_up.set()
            case m.Ended():
                self.state = "ended"
                self.ended = notice
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


class UserAgent:
    """One worker process: a SIP user agent at `address` with at most four calls.

    `calls` has the living ones by key. `on_incoming` is called synchronously with each new incoming call and its
    INVITE; it sets the call's `on_notice`. Without it the call is answered 480. `on_crash` is called once when
    the process dies by itself, after each call has got its `Ended` by "worker".
    """

    def __init__(
        self, pid: int, sock: socket.socket, death: asyncio.Future[str], on_log: Callable[[str], None]
    ) -> None:
        self.pid = pid
        self.address = ""
        self.codecs: frozenset[AudioCodec] = frozenset()
        """What it speaks."""
        self.calls: dict[str, Call] = {}
        self.on_incoming: Callable[[Call, m.Incoming], None] | None = None
        self.on_crash: Callable[[m.Crashed], None] | None = None
        self.gone: asyncio.Event = asyncio.Event()
        self._death = death
        self._on_log = on_log
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._pending: dict[int, tuple[asyncio.Future[tuple[Done, list[int]]], str]] = {}
        self._last_id = 0
        self._dialled = 0
        self._closing = False
        self._crash: WorkerCrashed | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._channel = Channel(sock, self._line, self._end)

    def __repr__(self) -> str:
        return f"<UserAgent {self.pid} at {self.address}, {len(self.calls)} calls>"

    async def ready(self) -> None:
        """Wait until the worker listens. Raises WorkerCrashed, also when it takes too long and is killed."""
        done, _ = await asyncio.wait([self._ready], timeout=_REPLY)
        if not done:
            os.kill(self.pid, signal.SIGKILL)
            raise WorkerCrashed(self.pid, f"killed, for it did not start within {_REPLY:g} s")
        self._ready.result()

    @property
    def alive(self) -> bool:
        """Whether the process can still be used."""
        return not self._closing and self._crash is None

    async def dial(
        self,
        uri: str,
        *,
        via_proxy: bool = False,
        codecs: Sequence[AudioCodec] = ("PCMU",),
        telephone_event: bool = True,
        headers: HeaderPairs = (),
        caller: str | None = None,
        display_name: str | None = None,
        on_notice: Callable[[AnyCallNotice], None] | None = None,
    ) -> Call:
        """Send an INVITE to a SIP URI and return the call as soon as it is out.

        `codecs` is the offer in order of preference, `caller` a SIP URI for From. Notices that come before this
        returns reach `on_notice` too.
        """
        check_uri("uri", uri)
        if caller is not None:
            check_uri("caller", caller)
        pairs, wanted = check_headers(headers), _codecs(codecs)
        check_display_name(display_name)
        self._dialled += 1
        call = Call(self, f"o{self._dialled}", incoming=False)
        call.on_notice = on_notice
        self.check_alive()
        self.calls[call.key] = call
        try:
            await self.request(
                m.Dial,
                call=call.key,
                uri=uri,
                via_proxy=via_proxy,
                codecs=wanted,
                telephone_event=telephone_event,
                headers=pairs,
                caller=caller,
                display_name=display_name,
            )
        except (CallError, ConfigurationError):
            self.calls.pop(call.key, None)
            raise
        return call

    async def reset(self) -> None:
        """Hang up everything and be as new. CallError when calls did not end in time."""
        self.on_incoming = None
        await self.request(m.Reset)

    async def close(self) -> None:
        """Hang up everything and end the process."""
        if not self.alive:
            return
        self._closing = True
        try:
            async with asyncio.timeout(0.5):
                await self.request(m.Quit)
        except (TimeoutError, WorkerCrashed):
            pass
        self._end()

    # --- protocol --------------------------------------------------------------------------------------------

    def next_id(self) -> int:
        """A fresh command id."""
        self._last_id += 1
        return self._last_id

    def check_alive(self) -> None:
        """Raise WorkerCrashed when the process is gone."""
        if self._crash is not None:
            raise WorkerCrashed(self._crash.pid, self._crash.how)

    async def request(self, kind: type[Command], **fields: Any) -> tuple[Done, list[int]]:
        """Send a command and wait for its `Done`; an error for its `Refused`."""
        self.check_alive()
        if self._channel.closed:
            raise WorkerCrashed(self.pid, "it was closed" if self._closing else "its command socket closed")
        fields.setdefault("id", self.next_id())
        try:
            command = kind(**fields)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigurationError(".".join(map(str, first["loc"])), first["input"], first["msg"]) from None
        reply: asyncio.Future[tuple[Done, list[int]]] = self._loop.create_future()
        self._pending[command.id] = (reply, str(kind.model_fields["op"].default))
        self._channel.send(command.model_dump_json().encode())
        try:
            return await reply
        finally:
            self._pending.pop(command.id, None)

    def _line(self, line: bytes) -> None:
        notice = NOTICES.validate_json(line)
        match notice:
            case m.Done():
                self._done(notice)
            case m.Refused():
                self._refused(notice)
            case m.Ready():
                self.address = f"{notice.host}:{notice.port}"
                self.codecs = notice.codecs
                if not self._ready.done():
                    self._ready.set_result(None)
            case m.LogLine():
                self._on_log(f"[{self.pid}] {notice.level}: {notice.text}")
            case m.Crashed():
                pass
            case _:
                self._call_notice(notice)

    def _call_notice(self, notice: AnyCallNotice) -> None:
        if isinstance(notice, m.Incoming):
            self._incoming(notice)
            return
        call = self.calls.get(notice.call)
        if call is None:
            return
        if isinstance(notice, m.Ended):
            del self.calls[notice.call]
        call.notice(notice)

    def _incoming(self, notice: m.Incoming) -> None:
        call = Call(self, notice.call, incoming=True)
        self.calls[call.key] = call
        call.notice(notice)
        if self.on_incoming is None:
            self._start(call.reject(480, "Temporarily Unavailable"))
            return
        try:
            self.on_incoming(call, notice)
        except Exception:  # noqa: BLE001  # a user's callback
            _LOG.exception("on_incoming failed", extra={"sip_call_id": call.sip_call_id})
            self._start(call.reject(500))

    def _start(self, verb: Any) -> None:
        async def carry_out() -> None:
            try:
                await verb
            except (CallError, WorkerCrashed) as error:
                _LOG.debug("a call was over before it was refused: %s", error)

        task = self._loop.create_task(carry_out())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _done(self, done: Done) -> None:
        descriptors = self._channel.take(done.descriptors)
        reply, _ = self._pending.get(done.id, (None, ""))
        if reply is None or reply.done():
            for descriptor in descriptors:
                socket.close(descriptor)
            return
        reply.set_result((done, descriptors))

    def _refused(self, refused: m.Refused) -> None:
        reply, what = self._pending.get(refused.id, (None, ""))
        if reply is None or reply.done():
            return
        if refused.call_ended:
            reply.set_exception(CallEnded(what, refused.status, refused.reason))
        elif refused.status:
            reply.set_exception(CallRefused(f"{what}: {refused.error}", refused.status, refused.reason))
        else:
            reply.set_exception(CallError(f"{what}: {refused.error}"))

    # --- death -----------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """The process's end of the socket is closed."""
        self._channel.close()
        if self._closing or self._death.done():
            self._bury()
            return
        self._loop.call_later(_CAUSE, self._bury)
        self._death.add_done_callback(lambda _: self._bury())

    def _bury(self) -> None:
        if self._crash is not None:
            return
        how = self._death.result() if self._death.done() else "its command socket closed"
        self._crash = WorkerCrashed(self.pid, "it was closed" if self._closing else how)
        calls, self.calls = list(self.calls.values()), {}
        for call in calls:
            by: m.Side = "local" if self._closing else "worker"
            status, reason = (200, "Closed") if self._closing else (503, "Worker Crashed")
            call.notice(m.Ended(at=time.monotonic(), call=call.key, status=status, reason=reason, by=by))
        for reply, _ in self._pending.values():
            if not reply.done():
                reply.set_exception(WorkerCrashed(self.pid, self._crash.how))
        if not self._ready.done():
            self._ready.set_exception(WorkerCrashed(self.pid, self._crash.how))
            self._ready.exception()
        self.gone.set()
        if not self._closing and self.on_crash is not None:
            try:
                self.on_crash(m.Crashed(at=time.monotonic(), pid=self.pid, how=how))
            except Exception:  # noqa: BLE001  # a user's callback
                _LOG.exception("on_crash failed", extra={"pid": self.pid})


def _codecs(codecs: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
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
