"""The one PJSIP endpoint of a worker process: transports, accounts, codecs, and the loop that drives it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import stat
import time
from collections.abc import Callable
from typing import Any

from simulator.destinations import Destinations
from simulator.public_host import PublicHost
from simulator.useragent.codecs import PJSIP_NAMES, supported_codecs
from simulator.useragent.messages import (
    MAX_CALLS,
    AudioCodec,
    DestinationRefused,
    LogLevel,
    MessageRefused,
    WorkerSettings,
)
from simulator.useragent.worker.dropped_messages import DroppedMessages
from simulator.useragent.worker.exits.gates import Gates
from simulator.useragent.worker.exits.names import use_hosts_file_only
from simulator.useragent.worker.form_screen import FormScreen
from simulator.useragent.worker.io_queue_load import RECEIVE_LIMIT, IoQueueLoad
from simulator.useragent.worker.layout_check import check_layout, check_media_layout
from simulator.useragent.worker.opus.factory import register_opus
from simulator.useragent.worker.pcm import PcmPorts
from simulator.useragent.worker.pjsip import (
    close_transport,
    leave_timeouts_to_the_call,
    pj,
    seed_random,
    set_log_level,
    set_transaction_timers,
)
from simulator.useragent.worker.received_form import Rejections
from simulator.useragent.worker.request_screen import RequestScreen
from simulator.useragent.worker.screened_call import ScreenedCall
from simulator.useragent.worker.sip_observer import ObservedMessage, SipObserver
from simulator.useragent.worker.unclaimed_requests import UnclaimedRequests

_TICK = 0.010
"""Seconds between polls when no socket wakes the loop, for PJSIP's timers and queued callbacks."""
_TCP_TICK = 0.002
"""The same while TCP connections are open, whose sockets the loop cannot watch."""
_NOT_LOGGED = (
    "PJMEDIA_EINVALIMEDIATYPE",
    "Error processing",
    "Error creating SIP TCP listener",
    "pjsua_transport_create",
)
"""Parts of log entries of PJSIP about what is handled elsewhere: video, messages that it drops, ports in use."""
_LOG_LEVELS: tuple[LogLevel, ...] = ("error", "error", "warning", "info", "debug")
"""Names of PJSIP's log levels 0 to 4."""
_FIRST_RTP_PORT, _RTP_PORT_SPAN = 10_000, 22_000
_RTP_PORTS = 200
"""RTP and RTCP ports per account (even and odd, RFC 3550 §11).

Each worker has a range of its own below the ephemeral ports, where other programs seldom take any.
"""
_MAX_CONNECTIONS = 32
"""TCP connections of one worker; a further one is closed."""
_CONNECTION_LIMIT = 46
"""Number of TCP connections in PJSIP's I/O queue from which no further SIP message is read."""


class Endpoint:
    """PJSIP, started on the running loop and used on its thread only.

    `on_incoming` gets PJSIP's account and `onIncomingCall` parameter, `on_tick` is called every 2 to 10 ms, `on_polled`
    after each poll, `on_refused` for each message and stream that was not sent where it was to go, `on_message_refused`
    for each received message that is refused for its form or ignored, and `on_message` for each SIP message that is
    traced. `find_call` returns the call with a Call-ID.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        on_incoming: Callable[[Any, Any], None],
        on_tick: Callable[[], None],
        on_polled: Callable[[], None],
        on_refused: Callable[[DestinationRefused], None],
        on_message_refused: Callable[[MessageRefused], None],
        on_message: Callable[[ObservedMessage], None],
        find_call: Callable[[str], ScreenedCall | None],
        log: Callable[[LogLevel, str], None],
    ) -> None:
        self.settings = settings
        self.public = PublicHost.of(settings.public_host, settings.host)
        self.destinations = Destinations(settings.allow_hosts, public=self.public)
        """Where packets may go. The addresses of allowed names come from the parent."""
        self.rtp_load = IoQueueLoad()
        """The RTP transports of all calls, by address, with two sockets each."""
        self.on_incoming = on_incoming
        self._on_tick = on_tick
        self._on_polled = on_polled
        self.log = log
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self._connections: set[int] = set()
        self._connection_load = IoQueueLoad()
        seed_random(int.from_bytes(os.urandom(4), "little"))
        set_log_level(settings.log_level)
        use_hosts_file_only()
        self._library = _PjEndpoint(self)
        self._library.libCreate()
        self._writer = _LogWriter(self._write_log)
        self._library.libInit(self._config())
        self._opus = register_opus(log)
        self.port = self._open_transports()
        self._library.libStart()
        ports = self._rtp_ports()
        check_layout(settings.host, self.port, lambda: self._library.libHandleEvents(0))
        operations = check_media_layout(settings.host, range(ports, ports + _RTP_PORTS, 2))
        self._set_timers(settings.timers.unanswered_ms)
        leave_timeouts_to_the_call()
        self.gates = Gates(
            self.destinations,
            on_refused,
            operations,
            transport_used=self.rtp_load.opened,
            transport_closed=self.rtp_load.closed,
        )
        self.observer = SipObserver(settings.traced, proxy=settings.proxy, tell=on_message, log=log)
        self._unclaimed = UnclaimedRequests()
        rejections = Rejections(self.observer, on_message_refused)
        self._dropped = DroppedMessages(rejections, self.gates.messages.accepts, log)
        self._form_screen = FormScreen(rejections, log)
        self._screen = RequestScreen(find_call, log)
        self._start_audio_clock(settings.audio_phase_ms)
        self.pcm_ports = PcmPorts()
        self.codecs = self._enable_codecs()
        user = re.sub(r"[^A-Za-z0-9_.\-]+", "-", settings.label) or "worker"
        self.uri = f"sip:{user}@{settings.host}:{self.port}"
        self.has_credentials = False
        """Whether it answers challenges."""
        self._accounts: list[tuple[Any, Any]] = []
        """PJSIP's accounts, each with its configuration."""
        self.direct, self.proxied = self._create_accounts()
        self._sip_sockets = _sip_sockets(settings.host, self.port)
        for descriptor in self._sip_sockets:
            self._loop.add_reader(descriptor, self.poll)
        self._loop.call_later(_TICK, self._tick)

    def _write_log(self, level: int, text: str) -> None:
        if level <= self.settings.log_level and not any(told in text for told in _NOT_LOGGED):
            self.log(_LOG_LEVELS[min(level, 4)], text.rstrip())

    def poll(self) -> None:
        """Let PJSIP handle what has arrived; pause instead while its I/O queue is nearly full."""
        if self._paused:
            return
        rtp, connections = self.rtp_load, self._connection_load
        wait = max(rtp.seconds_until_below(RECEIVE_LIMIT), connections.seconds_until_below(_CONNECTION_LIMIT))
        if wait > 0:
            self._pause(wait)
            return
        self._set_timers(self.settings.timers.automatic_ms)
        with contextlib.suppress(pj.Error):
            self._library.libHandleEvents(0)
            if not rtp.seconds_until_below(RECEIVE_LIMIT):
                self._library.libHandleEvents(0)  # runs the callbacks that the first one has queued
        self._set_timers(self.settings.timers.unanswered_ms)
        self._on_polled()

    def _set_timers(self, timeout_ms: int) -> None:
        """Set how long transactions that begin or end from now on wait and are kept.

        PJSIP has one value for both. It reads it when a transaction begins, which for commands is outside of a poll
        and for what PJSIP does by itself inside, and when it has sent a final response, which is inside.
        """
        set_transaction_timers(timeout_ms, t4_ms=self.settings.timers.t4_ms)

    def poll_soon(self) -> None:
        """Poll before the loop next waits, for callbacks that PJSIP has queued during a command."""
        self._loop.call_soon(self.poll)

    def transport_changed(self, prm: Any) -> None:
        """Handle PJSIP's `onTransportState`: count TCP connections, and close those above the limit."""
        handle = int(prm.hnd)
        if prm.state == pj.PJSIP_TP_STATE_DESTROY and handle in self._connections:
            self._connections.discard(handle)
            self._connection_load.closed(handle)
        elif prm.state != pj.PJSIP_TP_STATE_CONNECTED:
            return
        elif prm.type.upper().startswith("TCP"):
            self._connections.add(handle)
            self._connection_load.opened(handle)
            if len(self._connections) > _MAX_CONNECTIONS:
                self.log("warning", f"closed a TCP connection: there are more than {_MAX_CONNECTIONS}")
                self._loop.call_soon(self._close_connection, handle)

    def _close_connection(self, handle: int) -> None:
        if handle in self._connections:
            close_transport(handle)

    def _pause(self, seconds: float) -> None:
        self._paused = True
        for descriptor in self._sip_sockets:
            self._loop.remove_reader(descriptor)

        def resume() -> None:
            self._paused = False
            for descriptor in self._sip_sockets:
                self._loop.add_reader(descriptor, self.poll)
            self.poll()

        self._loop.call_later(seconds, resume)

    def _tick(self) -> None:
        self._loop.call_later(_TCP_TICK if self._connections else _TICK, self._tick)
        self.poll()
        self._on_tick()

    def _config(self) -> Any:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = MAX_CALLS
        config.uaConfig.userAgent = "daily-telephony-simulator"
        config.medConfig.sndAutoCloseTime = -1
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.quality = 4  # the shorter resampling filter: 5 ms less delay a call, and less CPU
        config.logConfig.level = self.settings.log_level
        config.logConfig.consoleLevel = self.settings.log_level
        config.logConfig.msgLogging = 1  # costs nothing below level 4
        config.logConfig.writer = self._writer
        return config

    def _start_audio_clock(self, phase_ms: int | None) -> None:
        """Open PJSIP's null sound device: its 20 ms clock starts with that, and stays in the same phase."""
        if phase_ms is not None:
            time.sleep((phase_ms * 1_000_000 - time.monotonic_ns()) % 20_000_000 / 1e9)
        self._library.audDevManager().setNullDev()

    def _open_transports(self) -> int:
        """Listen on a free UDP port and the same TCP port, trying again when another process has the TCP port."""
        for _ in range(20):
            config = pj.TransportConfig()
            config.boundAddress = self.settings.host
            config.publicAddress = self.public.sip_host
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
        return supported_codecs(ids)

    def _create_accounts(self) -> tuple[Any, Any]:
        """Create an account without a proxy, and one with the proxy of the settings; None without that."""
        ports = self._rtp_ports()
        proxy = self.settings.proxy
        direct = self._create_account(ports, proxy=None)
        return direct, self._create_account(ports + _RTP_PORTS, proxy=proxy) if proxy else None

    @staticmethod
    def _rtp_ports() -> int:
        """The first RTP port of this process."""
        return _FIRST_RTP_PORT + os.getpid() * 2 * _RTP_PORTS % _RTP_PORT_SPAN

    def _create_account(self, rtp_port: int, *, proxy: str | None) -> Any:
        config = pj.AccountConfig()
        config.idUri = self.uri
        config.mediaConfig.lockCodecEnabled = False  # else an answer with two codecs leads to a re-INVITE of ours
        config.mediaConfig.transportConfig.boundAddress = self.settings.host
        if self.public.sip_host != self.public.host:
            config.mediaConfig.transportConfig.publicAddress = self.public.sip_host
        config.mediaConfig.transportConfig.port = rtp_port
        config.mediaConfig.transportConfig.portRange = _RTP_PORTS - 2
        # Without session timers of its own a peer that vanishes would keep its call.
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_ALWAYS
        config.callConfig.timerSessExpiresSec = self.settings.timers.session_s
        config.natConfig.contactUseSrcPort = 0  # else PJSIP connects to a TCP peer to learn a port, without resolving
        if proxy:
            config.sipConfig.proxies.append(f"<sip:{proxy};lr>")
        account = _Account(self)
        account.create(config)
        self._accounts.append((account, config))
        return account

    def use_credentials(self, username: str, password: str) -> None:
        """Answer challenges (401, 407) with these; without a username with none any more."""
        for account, config in self._accounts:
            config.sipConfig.authCreds.clear()
            if username:
                config.sipConfig.authCreds.append(pj.AuthCredInfo("Digest", "*", username, 0, password))
            account.modify(config)
        self.has_credentials = bool(username)


class _PjEndpoint(pj.Endpoint):  # type: ignore[misc]  # the SWIG module has no types
    """Passes PJSIP's endpoint callbacks to `Endpoint`."""

    def __init__(self, owner: Endpoint) -> None:
        super().__init__()
        self._owner = owner

    def onTransportState(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.transport_changed(prm)

    def onRejectedIncomingCall(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.log("info", f"PJSIP itself refused an INVITE with {prm.statusCode} {prm.reason}")


class _Account(pj.Account):  # type: ignore[misc]  # the SWIG module has no types
    """Passes PJSIP's account callbacks to `Endpoint`."""

    def __init__(self, owner: Endpoint) -> None:
        super().__init__()
        self._owner = owner

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802  # PJSUA2's name
        self._owner.on_incoming(self, prm)


class _LogWriter(pj.LogWriter):  # type: ignore[misc]  # the SWIG module has no types
    """Passes PJSIP's log entries to `write`."""

    def __init__(self, write: Callable[[int, str], None]) -> None:
        super().__init__()
        self._write = write

    def write(self, entry: Any) -> None:
        self._write(entry.level, entry.msg)


def _sip_sockets(host: str, port: int) -> list[int]:
    """Find the descriptors of this process that are bound to the SIP port; PJSIP does not expose them."""
    found = []
    for descriptor in range(3, 64):
        if not _is_socket(descriptor):
            continue
        copy = socket.socket(fileno=os.dup(descriptor))
        with copy, contextlib.suppress(OSError):
            bound = copy.getsockname()
            listening = copy.type == socket.SOCK_DGRAM or _is_listening(copy)
            if bound[:2] == (host, port) and listening:
                found.append(descriptor)
    return found


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:  # it is closed
        return False


def _is_listening(sock: socket.socket) -> bool:
    return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
