"""The parent's handles: a user agent in its worker process, and the calls on it.

Made and used on one asyncio loop. Verbs raise `CallEnded` on a call that is over, `CallRefused` when SIP said no,
`CallError` when the call is in no state for it, `ConfigurationError` for a value that cannot be used, and
`WorkerCrashed` when the process died.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simulator.errors import (
    CallEnded,
    CallError,
    CallRefused,
    ConfigurationError,
    WorkerCrashed,
)
from simulator.useragent import messages as m
from simulator.useragent.call_handle import Call, HeaderPairs, check_codecs
from simulator.useragent.channel import Channel
from simulator.useragent.media_path import MediaRelay
from simulator.useragent.messages import NOTICES, AnyCallNotice, AudioCodec, Command, Done
from simulator.useragent.sip_text import (
    check_display_name,
    check_headers,
    check_uri,
)

if TYPE_CHECKING:
    from simulator.video.preferences import VideoPreferences

__all__ = ["Call", "UserAgent"]

_LOG = logging.getLogger("simulator.useragent")
_CAUSE = 0.050
"""Seconds to wait for the cause of a death after its socket has closed."""
_REPLY = 10.0
"""Seconds that a worker may take to start."""


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
        self.on_referred: Callable[[Call, m.Dialling], None] | None = None
        self.gone: asyncio.Event = asyncio.Event()
        self.relay: MediaRelay | None = None
        """Gives the calls that begin from now on a path for their media."""
        self.on_message: Callable[[m.SipTraced], None] | None = None
        """Told of every SIP message while `trace` is on."""
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
        video: VideoPreferences | None = None,
        on_notice: Callable[[AnyCallNotice], None] | None = None,
    ) -> Call:
        """Send an INVITE to a SIP URI and return the call as soon as it is out.

        `codecs` is the offer in order of preference, `caller` a SIP URI for From. Notices that come before this
        returns reach `on_notice` too.
        """
        check_uri("uri", uri)
        if caller is not None:
            check_uri("caller", caller)
        pairs, wanted = check_headers(headers), check_codecs(codecs)
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
                relay=call.relay(),
                video=await call.open_video(video),
            )
        except (CallError, ConfigurationError):
            self.calls.pop(call.key, None)
            call.close_video()
            if call.path is not None:
                call.path.close()
            raise
        return call

    async def follow_refers(self, status: int = 202) -> None:
        """Answer REFERs of peers with `status` from now on: 202 calls whom they name, others refuse (603 until then).

        `on_referred` is called with each call that comes of it, whose `Dialling` says which call's peer asked.
        """
        if status != 202 and not 300 <= status <= 699:
            raise ConfigurationError("status", status, "202, or a refusal from 300 to 699")
        await self.request(m.FollowRefers, status=status)

    async def reset(self) -> None:
        """Hang up everything and be as new. CallError when calls did not end in time."""
        self.on_incoming = self.on_referred = None
        await self.request(m.Reset)

    async def trace(self, tell: Callable[[m.SipTraced], None] | None) -> None:
        """Tell of every SIP message from now on; with None no longer, and all before that have been told."""
        if tell is not None:
            self.on_message = tell
        await self.request(m.Trace, on=tell is not None)
        if tell is None:
            self.on_message = None

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
            case m.SipTraced():
                if self.on_message is not None:
                    self.on_message(notice)
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
        if isinstance(notice, m.Dialling) and notice.referred_by is not None:
            self._referred(notice)
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

    def _referred(self, notice: m.Dialling) -> None:
        call = self.calls[notice.call] = Call(self, notice.call, incoming=False)
        call.notice(notice)
        if self.on_referred is not None:
            try:
                self.on_referred(call, notice)
            except Exception:  # noqa: BLE001  # a user's callback
                _LOG.exception("on_referred failed", extra={"sip_call_id": call.sip_call_id})

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
