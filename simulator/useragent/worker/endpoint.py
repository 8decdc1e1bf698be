"""The one PJSIP endpoint of a worker process: transports, accounts, codecs, and the loop that drives it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import time
from collections.abc import Callable
from typing import Any

from simulator.useragent.codecs import PJSIP_NAMES, spoken
from simulator.useragent.messages import AudioCodec, WorkerSettings
from simulator.useragent.worker.io_queue_load import MOST, Pace
from simulator.useragent.worker.opus.factory import register_opus
from simulator.useragent.worker.pcm import PcmPorts
from simulator.useragent.worker.pjsip import pj, seed, set_log_level, set_transaction_timeout, shut_transport
from simulator.useragent.worker.sip_trace import TRACING, Traced
from simulator.useragent.worker.unclaimed_requests import StrayRequests

TICK = 0.010
"""Seconds between polls when no socket wakes the loop: PJSIP's timers and queued callbacks."""
TCP_TICK = 0.002
"""The same while TCP connections are open, whose sockets the loop cannot watch."""
_VIDEO_IS_NOT_ITS = "PJMEDIA_EINVALIMEDIATYPE"
"""What PJSIP says of each video section, whose packets are handled elsewhere."""
_LOG_LEVELS = ("error", "error", "warning", "info", "debug")
"""By PJSIP's numbers."""
_ABSORB_MS = 1600
"""For how long repeated requests are answered from memory (RFC 3261 §17.2.2, timer J). PJSIP has one value for it and
for the patience with our own requests, and keeps some 80 kB of a call for so long. It looks at it when it answers,
which is inside a poll; and when it sends a request, which is outside."""
CALLS = 4
"""Calls per process; the wheel is built with this limit."""
_FIRST_RTP_PORT, _RTP_SPAN = 10_000, 22_000
_RTP_PORTS = 200
"""RTP ports per account, from a range of the worker's own below the ephemeral ports, where the even ones and the
odd ones after them (RTCP, RFC 3550 §11) are seldom taken by others."""
_MOST_CONNECTIONS = 32
"""TCP connections of one worker; a further one is closed."""
_MOST_SOCKETS = 46
"""TCP connections, those closed just now included, above which no SIP message is read: PJSIP's SIP I/O queue has
64 places, each free about 500 ms after its socket is closed, and aborts when they are used up."""


class Endpoint:
    """PJSIP started on the running loop; everything of it is used on this thread only."""

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        on_incoming: Callable[[Any, Any], None],
        on_tick: Callable[[], None],
        on_polled: Callable[[], None],
        log: Callable[[str, str], None],
    ) -> None:
        self.settings = settings
        self.pace = Pace()
        self.on_incoming = on_incoming
        self._on_tick = on_tick
        self._on_polled = on_polled
        self.log = log
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self._connections: set[int] = set()
        self._sockets = Pace()
        self._tell_message: Callable[[Traced], None] | None = None
        seed(int.from_bytes(os.urandom(4), "little"))
        set_log_level(settings.log_level)
        self._library = _Library(self)
        self._library.libCreate()
        self._writer = _LogWriter(self._write)
        self._library.libInit(self._config())
        self._strays = StrayRequests()
        self._opus = register_opus(log)
        set_transaction_timeout(settings.transaction_timeout_ms)
        self.port = self._open_transports()
        self._library.libStart()
        self._start_audio_clock(settings.beat_ms)
        self.pcm_ports = PcmPorts()
        self.codecs = self._enable_codecs()
        user = re.sub(r"[^A-Za-z0-9_.\-]+", "-", settings.label) or "worker"
        self.uri = f"sip:{user}@{settings.host}:{self.port}"
        ports = _FIRST_RTP_PORT + os.getpid() * 2 * _RTP_PORTS % _RTP_SPAN
        self.direct = self._account(ports, proxy=None)
        self.proxied = self._account(ports + _RTP_PORTS, proxy=settings.proxy) if settings.proxy else None
        for descriptor in _sip_sockets(settings.host, self.port):
            self._loop.add_reader(descriptor, self.poll)
        self._loop.call_later(TICK, self._tick)

    def trace(self, tell: Callable[[Traced], None] | None) -> None:
        """Tell of every SIP message from now on, or no longer."""
        self._tell_message = tell
        set_log_level(max(self.settings.log_level, TRACING) if tell else self.settings.log_level)

    def _write(self, level: int, text: str) -> None:
        traced = Traced.parse(text) if self._tell_message is not None and level == TRACING else None
        if traced is not None and self._tell_message is not None:
            self._tell_message(traced)
        if level <= self.settings.log_level and _VIDEO_IS_NOT_ITS not in text:
            self.log(_LOG_LEVELS[min(level, 4)], text.rstrip())

    def poll(self) -> None:
        """Let PJSIP handle what has arrived. Pauses instead when too many calls are being set up at once."""
        if self._paused:
            return
        wait = max(self.pace.wait(MOST), self._sockets.wait(_MOST_SOCKETS))
        if wait > 0:
            self._pause(wait)
            return
        set_transaction_timeout(min(_ABSORB_MS, self.settings.transaction_timeout_ms))
        with contextlib.suppress(pj.Error):
            self._library.libHandleEvents(0)
            if not self.pace.wait(MOST):
                self._library.libHandleEvents(0)  # runs the callbacks that the first one has queued
        set_transaction_timeout(self.settings.transaction_timeout_ms)
        self._on_polled()

    def poll_soon(self) -> None:
        """Poll before the loop sleeps, for callbacks that PJSIP has queued during a command."""
        self._loop.call_soon(self.poll)

    def transport_changed(self, prm: Any) -> None:
        """Count TCP connections; close those above the limit."""
        handle = int(prm.hnd)
        if prm.state == pj.PJSIP_TP_STATE_DESTROY and handle in self._connections:
            self._connections.discard(handle)
            self._sockets.end()
        elif prm.state != pj.PJSIP_TP_STATE_CONNECTED:
            return
        elif prm.type.upper().startswith("TCP"):
            self._connections.add(handle)
            self._sockets.begin()
            if len(self._connections) > _MOST_CONNECTIONS:
                self.log("warning", f"TCP connection closed: more than {_MOST_CONNECTIONS} at a time")
                self._loop.call_soon(self._shut, handle)

    def error_text(self, error: Exception) -> str:
        """What PJSIP says about a failed operation, in one line."""
        reason = getattr(error, "reason", "")
        return f"{reason} (PJSIP {getattr(error, 'status', '?')})" if reason else str(error)

    def _shut(self, handle: int) -> None:
        if handle in self._connections:
            shut_transport(handle)

    def _pause(self, seconds: float) -> None:
        self._paused = True
        descriptors = _sip_sockets(self.settings.host, self.port)
        for descriptor in descriptors:
            self._loop.remove_reader(descriptor)

        def resume() -> None:
            self._paused = False
            for descriptor in descriptors:
                self._loop.add_reader(descriptor, self.poll)
            self.poll()

        self._loop.call_later(seconds, resume)

    def _tick(self) -> None:
        self._loop.call_later(TCP_TICK if self._connections else TICK, self._tick)
        self.poll()
        self._on_tick()

    def _config(self) -> Any:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = CALLS
        config.uaConfig.userAgent = "daily-telephony-simulator"
        config.medConfig.sndAutoCloseTime = -1
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.quality = 4  # the shorter resampling filter: 5 ms less delay for each call, and less work
        config.logConfig.level = self.settings.log_level
        config.logConfig.consoleLevel = max(self.settings.log_level, TRACING)
        config.logConfig.msgLogging = 1  # costs nothing below that level
        config.logConfig.writer = self._writer
        return config

    def _start_audio_clock(self, beat_ms: int | None) -> None:
        """PJSIP's 20 ms beat begins when its sound device is opened, and stays in that phase."""
        if beat_ms is not None:
            time.sleep((beat_ms * 1_000_000 - time.monotonic_ns()) % 20_000_000 / 1e9)
        self._library.audDevManager().setNullDev()

    def _open_transports(self) -> int:
        """UDP on a free port, TCP on the same one; tries again when another process has the TCP port."""
        for _ in range(20):
            config = pj.TransportConfig()
            config.boundAddress = self.settings.host
            udp = self._library.transportCreate(pj.PJSIP_TRANSPORT_UDP, config)
            config.port = int(self._library.transportGetInfo(udp).localName.rpartition(":")[2])
            try:
                self._library.transportCreate(pj.PJSIP_TRANSPORT_TCP, config)
            except pj.Error:
                self._library.transportClose(udp)
                continue
            return int(config.port)
        raise OSError(f"no port is free for both UDP and TCP on {self.settings.host}")

    def _enable_codecs(self) -> frozenset[AudioCodec]:
        wanted = {codec_id.lower() for codec_id in PJSIP_NAMES.values()}
        ids = [str(info.codecId) for info in self._library.codecEnum2()]
        for codec_id in ids:
            self._library.codecSetPriority(codec_id, 128 if codec_id.lower() in wanted else 0)
        return spoken(ids)

    def _account(self, rtp_port: int, *, proxy: str | None) -> Any:
        config = pj.AccountConfig()
        config.idUri = self.uri
        config.mediaConfig.transportConfig.boundAddress = self.settings.host
        config.mediaConfig.transportConfig.port = rtp_port
        config.mediaConfig.transportConfig.portRange = _RTP_PORTS - 2
        if proxy:
            config.sipConfig.proxies.append(f"<sip:{proxy};lr>")
        account = _Account(self)
        account.create(config)
        return account


class _Library(pj.Endpoint):  # type: ignore[misc]  # the SWIG module has no types
    """PJSIP's endpoint callbacks, led to their owner."""

    def __init__(self, owner: Endpoint) -> None:
        super().__init__()
        self._owner = owner

    def onTransportState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.transport_changed(prm)

    def onRejectedIncomingCall(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.log("info", f"PJSIP refused an INVITE by itself: {prm.statusCode} {prm.reason}")


class _Account(pj.Account):  # type: ignore[misc]  # the SWIG module has no types
    """PJSIP's account callbacks, led to their owner."""

    def __init__(self, owner: Endpoint) -> None:
        super().__init__()
        self._owner = owner

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.on_incoming(self, prm)


class _LogWriter(pj.LogWriter):  # type: ignore[misc]  # the SWIG module has no types
    """PJSIP's log lines, led to the worker's log."""

    def __init__(self, write: Callable[[int, str], None]) -> None:
        super().__init__()
        self._write = write

    def write(self, entry: Any) -> None:
        self._write(entry.level, entry.msg)


def _sip_sockets(host: str, port: int) -> list[int]:
    """The descriptors of this process that are bound to the SIP port; PJSIP does not tell them."""
    found = []
    for descriptor in range(3, 64):
        try:
            copy = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue
        with copy, contextlib.suppress(OSError):
            bound = copy.getsockname()
            listening = copy.type == socket.SOCK_DGRAM or _is_listening(copy)
            if bound[:2] == (host, port) and listening:
                found.append(descriptor)
    return found


def _is_listening(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
