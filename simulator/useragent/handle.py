"""The parent's handle of a user agent, which runs in a worker process, and its calls.

Handles are made and used on one asyncio loop. Their verbs raise `CallEnded` for a call that has ended, `CallRefused`
when a SIP response refused the request, `CallError` when the call's state does not allow it, `ConfigurationError` for
a value that cannot be used, and `WorkerCrashed` when the process has exited.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simulator.destinations import Destinations
from simulator.errors import CallError, ConfigurationError, WorkerCrashed
from simulator.sip_dialog import SipDialog
from simulator.sip_timers import RFC_TIMERS, SipTimers
from simulator.useragent import messages as m
from simulator.useragent.call_handle import Call, HeaderPairs
from simulator.useragent.channel import Channel
from simulator.useragent.codecs import check_codecs
from simulator.useragent.crash_report import CrashReport
from simulator.useragent.heartbeat import INTERVAL, MOST_MISSED, Heartbeat
from simulator.useragent.media_path import MediaRelay
from simulator.useragent.messages import NOTICES, AnyCallNotice, AudioCodec, Command, Done
from simulator.useragent.pending_commands import OnDone, PendingCommands
from simulator.useragent.sip_text import check_display_name, check_headers, check_uri

if TYPE_CHECKING:
    from simulator.video.preferences import VideoPreferences

__all__ = ["Call", "UserAgent"]

_LOG = logging.getLogger("simulator.useragent")
_EXIT_REPORT_TIMEOUT = 0.300
"""Seconds to wait, after a worker's socket has closed, for the fork server's report of how it exited."""
_START_TIMEOUT = 10.0
"""Seconds that a worker may take to start."""
_QUIT_TIMEOUT = 0.5
"""Seconds that a worker may take to hang up and exit."""


class UserAgent:
    """One worker process: a SIP user agent at `address` (`host:port`) with at most four calls.

    `on_incoming` is called with each new incoming call and its INVITE, and sets the call's `on_notice`; without it
    the call is answered 480. `on_crash` is called once when the process exits unexpectedly, after each call has got
    its `Ended` by "worker"; at once if it has exited already. A process that does not answer for some seconds is
    killed. All callbacks are synchronous.
    """

    def __init__(
        self,
        pid: int,
        sock: socket.socket,
        exit_report: asyncio.Future[str],
        on_log: Callable[[str], None],
        timers: SipTimers = RFC_TIMERS,
    ) -> None:
        self.pid = pid
        self.timers = timers
        """How long the worker waits for answers of its peers."""
        self.address = ""
        self.codecs: frozenset[AudioCodec] = frozenset()
        """The codecs that the worker has."""
        self.calls: dict[str, Call] = {}
        """Calls that have not ended, by key."""
        self.on_incoming: Callable[[Call, m.Incoming], None] | None = None
        self.on_referred: Callable[[Call, m.Dialling], None] | None = None
        """Called with each call that a peer asked for with a REFER."""
        self.message_listeners: set[Callable[[m.SipTraced], None]] = set()
        """Called with the SIP messages that `trace` chooses, at first the direct ones."""
        self.on_message_refused: Callable[[m.MessageRefused], None] | None = None
        """Called with each received message that the worker refused for its form or ignored as unusable."""
        self.orphaned: tuple[SipDialog, ...] = ()  # the dialogs that the worker had when it died
        self.exited = asyncio.Event()
        """Set when the process has exited or was closed."""
        self.held_slots = 0
        """Call slots that are occupied by calls which have ended: their BYEs were not answered yet."""
        self.on_held_slots: Callable[[], None] | None = None
        """Called when `held_slots` has changed."""
        self.relay: MediaRelay | None = None
        """The relay that the media of later calls goes through."""
        self.symmetric_rtp = True
        self.destinations: Destinations | None = None
        """Where this process may send packets of its calls; it records what was refused, by the worker too."""
        self._exit_report = exit_report
        self._on_log = on_log
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._pending = PendingCommands()
        self._dialled_count = 0
        self._closing = False
        self._exit: WorkerCrashed | None = None
        self._crash_report = CrashReport()
        self._killed_because = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._channel = Channel(sock, self._handle_line, self._socket_closed)
        self._heartbeat = Heartbeat(self._ping, self._stopped)

    def __repr__(self) -> str:
        return f"<UserAgent {self.pid} at {self.address}, {len(self.calls)} calls>"

    async def ready(self) -> None:
        """Wait until the worker listens. Raises WorkerCrashed when it exits, or takes too long and is killed."""
        done, _ = await asyncio.wait([self._ready], timeout=_START_TIMEOUT)
        if not done:
            self._kill("it did not start in time")
            raise WorkerCrashed(self.pid, f"killed because it did not start within {_START_TIMEOUT:g} s")
        self._ready.result()

    @property
    def host(self) -> str:
        """The host part of `address`."""
        return self.address.rpartition(":")[0]

    @property
    def alive(self) -> bool:
        """Whether the process can still be used, as far as this process can know now."""
        known_dead = self._closing or self._exit is not None or self._exit_report.done()
        return not known_dead and not self._channel.abandoned

    @property
    def on_crash(self) -> Callable[[m.Crashed], None] | None:
        """What gets the crash of the process, once."""
        return self._crash_report.listener

    @on_crash.setter
    def on_crash(self, on_crash: Callable[[m.Crashed], None] | None) -> None:
        self._crash_report.listener = on_crash

    async def dial(
        self,
        uri: str,
        *,
        via_proxy: bool = False,
        codecs: Sequence[AudioCodec] = ("PCMU",),
        telephone_event: bool = True,
        offered_order: bool = False,
        headers: HeaderPairs = (),
        caller: str | None = None,
        display_name: str | None = None,
        video: VideoPreferences | None = None,
        on_notice: Callable[[AnyCallNotice], None] | None = None,
    ) -> Call:
        """Send an INVITE to a SIP URI, and return the call once it was sent.

        `codecs` is the offer in order of preference, `caller` the SIP URI of From. With `offered_order` later offers of
        the peer are answered in their order. `on_notice` gets all notices of the call, including those that come
        before this returns.
        """
        check_uri("uri", uri)
        if caller is not None:
            check_uri("caller", caller)
        pairs, wanted = check_headers(headers), check_codecs(codecs)
        check_display_name(display_name)
        call = self._make_outgoing_call(on_notice)
        try:
            await self.request(
                m.Dial,
                call=call.key,
                uri=uri,
                via_proxy=via_proxy,
                codecs=wanted,
                telephone_event=telephone_event,
                offered_order=offered_order,
                headers=pairs,
                caller=caller,
                display_name=display_name,
                relay=call.open_path(),
                video=await call.open_video(video),
            )
        except (CallError, ConfigurationError):
            self.calls.pop(call.key, None)
            call.abandon()
            raise
        return call

    def _make_outgoing_call(self, on_notice: Callable[[AnyCallNotice], None] | None) -> Call:
        self.check_alive()
        self._dialled_count += 1
        call = Call(self, f"o{self._dialled_count}", incoming=False)
        call.on_notice = on_notice
        self.calls[call.key] = call
        return call

    async def follow_refers(self, status: int = 202) -> None:
        """Answer REFERs of peers with `status` from now on; until then it is 603.

        202 calls the Refer-To URI if it is on this machine; 300 to 699 refuse. `on_referred` gets each new call,
        whose `Dialling` names the call of the peer that asked for it.
        """
        if status != 202 and not 300 <= status <= 699:
            raise ConfigurationError("status", status, "202, or a refusal from 300 to 699")
        await self.request(m.FollowRefers, status=status)

    async def reset(self) -> None:
        """Hang up all calls and return to the state after the start. CallError when calls did not end in time."""
        self.on_incoming = self.on_referred = self.on_held_slots = None
        await self.request(m.Reset)

    async def trace(self, traced: m.Traced) -> None:
        """Choose of which SIP messages the listeners are told; returns when they have got all earlier ones."""
        await self.request(m.Trace, traced=traced)

    def learn_name(self, name: str, addresses: tuple[str, ...]) -> None:
        """Send the worker the addresses of an allowed name, before all later commands."""
        if self.alive and not self._channel.closed:
            command = m.LearnName(id=self.next_id(), name=name, addresses=addresses)
            self._channel.send(command.model_dump_json().encode())

    def permitted_video(self, host: str, port: int, sip_call_id: str) -> str | None:
        """The address to send video of a call to; None when nothing may be sent to the host, which is recorded."""
        return (self.destinations or Destinations()).admit("video", host, port, sip_call_id=sip_call_id)

    async def close(self) -> None:
        """Hang up all calls and end the process."""
        if self._closing or self._exit is not None:
            return
        self._closing = True
        try:
            async with asyncio.timeout(_QUIT_TIMEOUT):
                await self.request(m.Quit)
        except (TimeoutError, WorkerCrashed):
            pass
        self._socket_closed()

    # --- commands --------------------------------------------------------------------------------------------

    def next_id(self) -> int:
        """Return a new command id."""
        return self._pending.next_id()

    def check_alive(self) -> None:
        """Raise WorkerCrashed when the process has exited."""
        if self._exit is not None:
            raise WorkerCrashed(self._exit.pid, self._exit.how)

    async def request(self, kind: type[Command], *, on_done: OnDone = None, **fields: Any) -> tuple[Done, list[int]]:
        """Send a command and return its `Done` with the descriptors that came; a `Refused` becomes an error."""
        self.check_alive()
        if self._channel.closed:
            raise WorkerCrashed(self.pid, "it was closed" if self._closing else "its command socket closed")
        fields.setdefault("id", self.next_id())
        try:
            command = kind(**fields)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigurationError(".".join(map(str, first["loc"])), first["input"], first["msg"]) from None
        with self._pending.awaiting(command, on_done) as reply:
            self._channel.send(command.model_dump_json().encode())
            return await reply

    # --- notices ---------------------------------------------------------------------------------------------

    def _handle_line(self, line: bytes) -> None:
        self._heartbeat.heard()
        notice = NOTICES.validate_json(line)
        match notice:
            case m.Done():
                self._pending.done(notice, self._channel.take_descriptors(notice.descriptors))
            case m.Refused():
                self._pending.refused(notice)
            case m.Ready():
                self.address = f"{notice.host}:{notice.port}"
                self.codecs = notice.codecs
                if not self._ready.done():
                    self._ready.set_result(None)
            case m.SipTraced():
                for listener in tuple(self.message_listeners):
                    listener(notice)
            case m.HeldSlots():
                self.held_slots = notice.count
                if self.on_held_slots is not None:
                    self.on_held_slots()
            case m.LogLine():
                self._on_log(f"[{self.pid}] {notice.level}: {notice.text}")
            case m.DestinationRefused() | m.MessageRefused():
                self._tell_refused(notice)
            case m.Crashed():
                pass  # made by this side
            case _:
                self._handle_call_notice(notice)

    def _tell_refused(self, notice: m.DestinationRefused | m.MessageRefused) -> None:
        if isinstance(notice, m.MessageRefused):
            if self.on_message_refused is not None:
                self.on_message_refused(notice)
            return
        if self.destinations is None:
            self._on_log(f"[{self.pid}] nothing was sent to {notice.host}: {notice.because}")
            return
        about = {"sip_call_id": notice.sip_call_id, "sent_to": notice.sent_to}
        self.destinations.refused(notice.exit, notice.host, notice.port, notice.because, **about)

    def _handle_call_notice(self, notice: AnyCallNotice) -> None:
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
        call.handle_notice(notice)

    def _incoming(self, notice: m.Incoming) -> None:
        call = Call(self, notice.call, incoming=True)
        self.calls[call.key] = call
        call.handle_notice(notice)
        if self.on_incoming is None:
            self._start_task(call.reject(480, "Temporarily Unavailable"))
            return
        try:
            self.on_incoming(call, notice)
        except Exception:  # noqa: BLE001  # a user's callback
            _LOG.exception("on_incoming failed", extra={"sip_call_id": call.sip_call_id})
            self._start_task(call.reject(500))

    def _referred(self, notice: m.Dialling) -> None:
        call = self.calls[notice.call] = Call(self, notice.call, incoming=False)
        call.handle_notice(notice)
        if self.on_referred is not None:
            try:
                self.on_referred(call, notice)
            except Exception:  # noqa: BLE001  # a user's callback
                _LOG.exception("on_referred failed", extra={"sip_call_id": call.sip_call_id})

    def _start_task(self, rejection: Coroutine[Any, Any, None]) -> None:
        async def reject() -> None:
            try:
                await rejection
            except (CallError, WorkerCrashed) as error:
                _LOG.debug("a call ended before it was rejected: %s", error)

        task = self._loop.create_task(reject())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- a process that does not answer ----------------------------------------------------------------------

    def _ping(self) -> None:
        self._channel.send(m.Ping(id=self.next_id()).model_dump_json().encode())

    def _stopped(self) -> None:
        self._kill(f"it was stopped or hung, and answered nothing for {INTERVAL * MOST_MISSED:g} s")

    def _kill(self, because: str) -> None:
        self._killed_because = because
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    # --- exit of the process ---------------------------------------------------------------------------------

    def _socket_closed(self) -> None:
        """The worker's end of the socket is closed, or is to be ignored from now on."""
        self._channel.close()
        if self._closing or self._exit_report.done():
            self._handle_exit()
            return
        self._loop.call_later(_EXIT_REPORT_TIMEOUT, self._handle_exit)
        self._exit_report.add_done_callback(lambda _: self._handle_exit())

    def _handle_exit(self) -> None:
        """End all calls, fail all pending commands, and report the exit; once."""
        if self._exit is not None:
            return
        self._heartbeat.stop()
        how = self._exit_report.result() if self._exit_report.done() else "its command socket closed"
        how = f"{how}: {self._killed_because}" if self._killed_because else how
        self._exit = WorkerCrashed(self.pid, "it was closed" if self._closing else how)
        self._end_calls()
        exit_how = self._exit.how
        self._pending.fail_all(lambda: WorkerCrashed(self.pid, exit_how))
        if not self._ready.done():
            self._ready.set_exception(WorkerCrashed(self.pid, self._exit.how))
            self._ready.exception()  # else asyncio logs that it was never retrieved
        self.exited.set()
        if not self._closing:
            self._crash_report.crashed(m.Crashed(at=time.monotonic(), pid=self.pid, how=how))

    def _end_calls(self) -> None:
        calls, self.calls = list(self.calls.values()), {}
        self.orphaned = tuple(call.dialog for call in calls if call.dialog is not None)
        by: m.Side = "local" if self._closing else "worker"
        status, reason = (200, "Closed") if self._closing else (503, "Worker Crashed")
        for call in calls:
            call.handle_notice(m.Ended(at=time.monotonic(), call=call.key, status=status, reason=reason, by=by))
