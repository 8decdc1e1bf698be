"""baresip-python, a SIP stack by others, in this process: it calls and is called, has keys, and a line for sound.

One at a time in a process: the stack is global.
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
from tests.interop.program import LOOK_AGAIN_S, free_ports

Transport = Literal["udp", "tcp"]
DigitMethod = Literal["telephone-event", "sip-info"]
Plan = Literal["answer", "busy"]

CODECS = {"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722/16000/1", "OPUS": "opus/48000/2"}
"""The names of the codecs in the stack's words."""

_USER = "indy"
_READ_EACH_S = FRAME_MS / 2000
_AHEAD_MS = 60
"""Sound that is given to the stack before it is due, so that a late loop is not heard."""


class Talk:
    """One of its calls. What it hears and says goes through a `AudioLine`, in the codec's own rate."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._changes = Changes()
        self._line: AudioLine | None = None
        self._pump: asyncio.Task[None] | None = None
        self.digits: list[str] = []
        """Keys of the far end, by either method."""
        self.ended: str | None = None
        """What the stack says about the end."""
        call.on_dtmf(self._key)
        call.on(self._event)

    @property
    def call_id(self) -> str:
        """The SIP Call-ID."""
        assert self._call.call_id is not None
        return self._call.call_id

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of the INVITE that the stack was told to look at."""
        return self._call.headers

    async def is_established(self) -> None:
        """Wait for the answer; raises what the stack makes of a refusal."""
        await self._call.wait_established(5)

    async def take(self, plan: Plan) -> None:
        """Pick up or refuse; the refusal is always 486."""
        await (self._call.answer() if plan == "answer" else self._call.reject())

    async def press(self, keys: str) -> None:
        """By the method of the account, 100 ms a key."""
        await self._call.send_dtmf(keys)

    async def hears(self, keys: str) -> None:
        """Wait until exactly these keys have come since the beginning."""
        wanted = list(keys)
        heard = await self._changes.until(lambda: True if len(self.digits) >= len(wanted) else None, within=5)
        assert heard, f"the keys were {self.digits}, not {wanted}"
        assert self.digits == wanted

    async def hold(self) -> None:
        """The stack refuses while it still waits for the answer to a request before."""
        await _until_free(self._call.hold)

    async def resume(self) -> None:
        """As `hold`."""
        await _until_free(self._call.resume)

    async def is_held(self, held: bool) -> None:
        """Wait until the stack has seen that the far end holds the call, or does not any more."""
        seen = await self._changes.until(lambda: True if self._call.remote_on_hold == held else None, within=5)
        assert seen, f"{self._call} is {'not ' * held}held by the far end"

    async def hang_up(self) -> None:
        """Say goodbye, and wait until the stack has closed the call."""
        with contextlib.suppress(StaleHandleError):
            await self._call.hangup()
        await self.is_over()

    async def is_over(self) -> str:
        """Why it was closed, in the stack's words, once it is."""
        closed = await self._changes.until(lambda: self.ended, within=5)
        assert closed is not None, f"{self._call} does not end"
        return closed

    async def line(self) -> AudioLine:
        """Its sound, from the first call on; the call has to be established."""
        if self._line is None:
            info = await self._sound()
            self._line = AudioLine(
                "the independent stack", lambda frame: self._say(frame, info.tx_channels), rate=info.rx_sample_rate
            )
            self._say(np.zeros(info.tx_sample_rate * _AHEAD_MS // 1000, np.int16), info.tx_channels)
            self._line.start()
            self._pump = asyncio.create_task(self._listen(self._line, info.rx_channels))
        return self._line

    async def close(self) -> None:
        """Hang up if need be, and end the line."""
        if self.ended is None:
            await self.hang_up()
        if self._line is not None and self._pump is not None:
            self._line.close("the test is over")
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump

    async def _sound(self) -> AudioInfo:
        async with asyncio.timeout(5):
            while True:
                with contextlib.suppress(AudioNotActive):
                    info = self._call.audio.info()
                    if info.tx_ready and info.rx_ready:
                        assert info.tx_sample_rate == info.rx_sample_rate
                        return info
                await asyncio.sleep(LOOK_AGAIN_S)

    def _say(self, frame: Pcm, channels: int) -> None:
        with contextlib.suppress(AudioNotActive, AudioRestarted):
            self._call.audio.write(np.repeat(frame, channels).tobytes())

    async def _listen(self, line: AudioLine, channels: int) -> None:
        size = line.rate * FRAME_MS // 1000 * channels * 2
        rest = b""
        while self.ended is None:
            with contextlib.suppress(AudioNotActive, AudioRestarted):
                rest += self._call.audio.read(16 * size)
            while len(rest) >= size:
                frame, rest = rest[:size], rest[size:]
                line.receive(np.frombuffer(frame, np.int16)[::channels])
            await asyncio.sleep(_READ_EACH_S)
        line.close(f"the call ended: {self.ended}")

    def _key(self, event: DigitEvent) -> None:
        self.digits.append(event.digit)
        self._changes.notify()

    def _event(self, event: StackEvent) -> None:
        if event.event is Event.CALL_CLOSED:
            self.ended = event.text or "closed"
        self._changes.notify()


class Peer:
    """A user agent of the stack on a port of its own."""

    def __init__(self, agent: UserAgent, port: int) -> None:
        self.uri = f"sip:{_USER}@127.0.0.1:{port}"
        self.port = port
        self.talks: list[Talk] = []
        self.plan: Plan = "answer"
        """What it does about the calls that come."""
        self._agent = agent
        self._incoming: asyncio.Queue[Talk] = asyncio.Queue()
        self._taking: set[asyncio.Task[None]] = set()
        agent.on_incoming(self._rings)

    async def dial(self, uri: str, headers: Mapping[str, str] | None = None) -> Talk:
        """Call, and wait for the answer.

        The stack listens for what becomes of a call only once `dial` has returned: an answer that came before that
        would be lost to it, so it is told afterwards.
        """
        missed: list[StackEvent] = []
        self._agent.on(missed.append)
        try:
            call = await self._agent.dial(uri, headers=dict(headers or {}))
        finally:
            self._agent.off(missed.append)
        talk = self._adopt(call)
        for event in missed:
            call._on_stack_event(event)  # it leaves out those of other calls
        await talk.is_established()
        return talk

    async def is_called(self) -> Talk:
        """The next call that came, whatever was done about it."""
        async with asyncio.timeout(5):
            return await self._incoming.get()

    async def close(self) -> None:
        """End all calls."""
        await asyncio.gather(*self._taking)
        for talk in self.talks:
            await talk.close()

    def _rings(self, call: Call) -> None:
        assert call.state is CallState.INCOMING
        talk = self._adopt(call)
        self._incoming.put_nowait(talk)
        task = asyncio.ensure_future(talk.take(self.plan))
        self._taking.add(task)

    def _adopt(self, call: Call) -> Talk:
        self.talks.append(Talk(call))
        return self.talks[-1]


@contextlib.asynccontextmanager
async def running(
    *codecs: str,
    transport: Transport = "udp",
    digits: DigitMethod = "telephone-event",
    shown_headers: Sequence[str] = (),
) -> AsyncIterator[Peer]:
    """The stack with one user agent; `codecs` by our names, PCMU when there are none."""
    port = free_ports()
    runtime = Runtime()
    await runtime.start(
        Config(
            net_interface="127.0.0.1",
            expose_headers=tuple(shown_headers),
            extra_config_text=f"sip_listen 127.0.0.1:{port}\n",
        )
    )
    try:
        account = Account(
            _USER,
            f"127.0.0.1:{port}",
            "",
            reg_interval=0,
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


def tcp_is_up(port: int) -> bool:
    """Whether this process, in which the stack is, has a TCP connection from or to this port."""
    held = psutil.Process().net_connections("tcp4")
    return any(own.raddr and port in {own.laddr.port, own.raddr.port} for own in held if own.status == "ESTABLISHED")


async def _until_free(request: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await request()
            except BaresipError as refused:
                if "in flight" not in str(refused):
                    raise
            else:
                return
            await asyncio.sleep(LOOK_AGAIN_S)
