"""baresip-python, an independent SIP stack in this process, as caller and callee with digits and audio.

The stack is global, so there can be only one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Literal

import numpy as np
import psutil
from baresip.audio import AudioInfo
from baresip.call import Call, CallState, DigitEvent
from baresip.config import Account, Config
from baresip.errors import AudioNotActive, AudioRestarted, BaresipError, StaleHandleError
from baresip.events import Event, StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from simulator.audio.audio_line import AudioLine
from simulator.audio.samples import FRAME_MS, Pcm
from simulator.waiting import Changes
from tests.interop.program import POLL_INTERVAL, free_ports

Transport = Literal["udp", "tcp", "tls"]
DigitMethod = Literal["telephone-event", "sip-info"]
Plan = Literal["answer", "busy"]

CODECS = {"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722/16000/1", "OPUS": "opus/48000/2"}
"""The stack's name of each codec, by our name."""

_USER = "indy"
_READ_INTERVAL = FRAME_MS / 2000
"""Seconds between two reads of received audio."""
_BUFFERED_MS = 60
"""Milliseconds of audio that are written before they are due, so that a delay of the loop causes no gap."""


class StackCall:
    """A call of the stack, with audio at the codec's own sample rate."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._changes = Changes()
        self._line: AudioLine | None = None
        self._reading: asyncio.Task[None] | None = None
        self.digits: list[str] = []
        """Digits received, by either method."""
        self.ended: str | None = None
        """The stack's text about the end; None while the call lasts."""
        call.on_dtmf(self._on_digit)
        call.on(self._on_event)

    @property
    def call_id(self) -> str:
        """The SIP Call-ID."""
        assert self._call.call_id is not None
        return self._call.call_id

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields of the INVITE, limited to those that `running` was asked to expose."""
        return self._call.headers

    async def wait_established(self) -> None:
        """Wait for the answer. Raises the stack's exception for a refusal."""
        await self._call.wait_established(5)

    async def answer_or_reject(self, plan: Plan) -> None:
        """Answer, or reject with 486."""
        await (self._call.answer() if plan == "answer" else self._call.reject())

    async def send_digits(self, digits: str) -> None:
        """Send digits of 100 ms by the method of the account."""
        await self._call.send_dtmf(digits)

    async def wait_for_digits(self, digits: str) -> None:
        """Wait until exactly these digits have been received since the call began."""
        wanted = list(digits)
        received = await self._changes.until(lambda: True if len(self.digits) >= len(wanted) else None, within=5)
        assert received, f"the digits were {self.digits}, not {wanted}"
        assert self.digits == wanted

    async def hold(self) -> None:
        """Put the call on hold, once the stack has the response to an earlier re-INVITE."""
        await _retry_while_pending(self._call.hold)

    async def resume(self) -> None:
        """Resume the call, once the stack has the response to an earlier re-INVITE."""
        await _retry_while_pending(self._call.resume)

    async def wait_held_by_far_end(self, held: bool) -> None:
        """Wait until the far end has the call on hold, or if not `held`, has resumed it."""
        changed = await self._changes.until(lambda: True if self._call.remote_on_hold == held else None, within=5)
        assert changed, f"{self._call} is {'not ' * held}held by the far end"

    async def hang_up(self) -> None:
        """Send BYE, and wait until the stack has closed the call."""
        with contextlib.suppress(StaleHandleError):
            await self._call.hangup()
        await self.wait_ended()

    async def wait_ended(self) -> str:
        """Wait for the end of the call; return the stack's text about it."""
        closed = await self._changes.until(lambda: self.ended, within=5)
        assert closed is not None, f"{self._call} did not end within 5 s"
        return closed

    async def audio_line(self) -> AudioLine:
        """Return the audio line of the established call; the first call of this method starts the audio."""
        if self._line is None:
            info = await self._audio_info()
            self._line = AudioLine(
                "baresip-python", lambda frame: self._write(frame, info.tx_channels), rate=info.rx_sample_rate
            )
            self._write(np.zeros(info.tx_sample_rate * _BUFFERED_MS // 1000, np.int16), info.tx_channels)
            self._line.start()
            self._reading = asyncio.create_task(self._read(self._line, info.rx_channels))
        return self._line

    async def close(self) -> None:
        """Hang up if the call has not ended, and stop the audio."""
        if self.ended is None:
            await self.hang_up()
        if self._line is not None and self._reading is not None:
            self._line.close("the test is over")
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def _audio_info(self) -> AudioInfo:
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(AudioNotActive):
                    info = self._call.audio.info()
                    if info.tx_ready and info.rx_ready:
                        assert info.tx_sample_rate == info.rx_sample_rate
                        return info
                await asyncio.sleep(POLL_INTERVAL)

    def _write(self, frame: Pcm, channels: int) -> None:
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._call.audio.write(np.repeat(frame, channels).tobytes())

    async def _read(self, line: AudioLine, channels: int) -> None:
        size = line.rate * FRAME_MS // 1000 * channels * 2
        rest = b""
        while self.ended is None:
            with contextlib.suppress(AudioNotActive, AudioRestarted):
                rest += self._call.audio.read(16 * size)
            while len(rest) >= size:
                frame, rest = rest[:size], rest[size:]
                line.receive(np.frombuffer(frame, np.int16)[::channels])
            await asyncio.sleep(_READ_INTERVAL)
        line.close(f"the call ended: {self.ended}")

    def _on_digit(self, event: DigitEvent) -> None:
        self.digits.append(event.digit)
        self._changes.notify()

    def _on_event(self, event: StackEvent) -> None:
        if event.event is Event.CALL_CLOSED:
            self.ended = event.text or "closed"
        self._changes.notify()


class Peer:
    """A user agent of the stack on its own port."""

    def __init__(self, agent: UserAgent, port: int) -> None:
        self.uri = f"sip:{_USER}@127.0.0.1:{port}"
        self.port = port
        self.calls: list[StackCall] = []
        self.plan: Plan = "answer"
        """How the user agent responds to incoming calls."""
        self._agent = agent
        self._incoming: asyncio.Queue[StackCall] = asyncio.Queue()
        self._answering: set[asyncio.Task[None]] = set()
        agent.on_incoming(self._on_incoming)

    async def dial(self, uri: str, headers: Mapping[str, str] | None = None) -> StackCall:
        """Call, and wait for the answer.

        The stack handles the events of a call only after its `dial` has returned, and would miss an earlier answer,
        so earlier events are kept and delivered afterwards.
        """
        missed: list[StackEvent] = []
        self._agent.on(missed.append)
        try:
            dialled = await self._agent.dial(uri, headers=dict(headers or {}))
        finally:
            self._agent.off(missed.append)
        call = self._adopt(dialled)
        for event in missed:
            dialled._on_stack_event(event)  # it ignores those of other calls
        await call.wait_established()
        return call

    async def wait_for_call(self) -> StackCall:
        """Wait for the next incoming call; return it whether it was answered or rejected."""
        async with asyncio.timeout(5):
            return await self._incoming.get()

    async def register(self) -> None:
        """Register. Raises the stack's exception for a refusal."""
        await self._agent.register()

    async def close(self) -> None:
        """End all calls."""
        await asyncio.gather(*self._answering)
        for call in self.calls:
            await call.close()

    def _on_incoming(self, call: Call) -> None:
        assert call.state is CallState.INCOMING
        own = self._adopt(call)
        self._incoming.put_nowait(own)
        task = asyncio.ensure_future(own.answer_or_reject(self.plan))
        self._answering.add(task)

    def _adopt(self, call: Call) -> StackCall:
        self.calls.append(StackCall(call))
        return self.calls[-1]


@contextlib.asynccontextmanager
async def running(
    *codecs: str,
    transport: Transport = "udp",
    digits: DigitMethod = "telephone-event",
    exposed_headers: Sequence[str] = (),
    client: tuple[str, str] | None = None,
) -> AsyncIterator[Peer]:
    """Run the stack with one user agent; `codecs` have our names, PCMU if none is given.

    With `client`, the address and the password of a SIP client, it can register as this.
    """
    user, _, domain = ("" if client is None else client[0].removeprefix("sip:")).partition("@")
    port = free_ports()
    runtime = Runtime()
    await runtime.start(
        Config(
            net_interface="127.0.0.1",
            expose_headers=tuple(exposed_headers),
            extra_config_text=f"sip_listen 127.0.0.1:{port}\n",
        )
    )
    try:
        account = Account(
            user or _USER,
            domain or f"127.0.0.1:{port}",
            "" if client is None else client[1],
            reg_interval=0 if client is None else 600,
            transport=transport,
            audio_codecs=tuple(CODECS[codec] for codec in codecs or ("PCMU",)),
            dtmf_mode="rtpevent" if digits == "telephone-event" else "info",
        )
        peer = Peer(await UserAgent.create(runtime, account), port)
        try:
            yield peer
        finally:
            await peer.close()
    finally:
        await runtime.close()


def has_tcp_connection(port: int) -> bool:
    """Whether this process, which includes the stack, has a TCP connection from or to this port."""
    held = psutil.Process().net_connections("tcp4")
    return any(own.raddr and port in {own.laddr.port, own.raddr.port} for own in held if own.status == "ESTABLISHED")


async def _retry_while_pending(request: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await request()
            except BaresipError as error:
                if "in flight" not in str(error):
                    raise
            else:
                return
            await asyncio.sleep(POLL_INTERVAL)
