"""The worker process: commands in, notices out, one PJSIP endpoint with at most four calls."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import os
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal, NoReturn

from pydantic import ValidationError

from simulator.errors import ConfigurationError
from simulator.useragent.channel import Channel
from simulator.useragent.messages import (
    COMMANDS,
    AnyCallNotice,
    AnyCommand,
    Done,
    Ended,
    LogLine,
    Notice,
    Quit,
    Ready,
    Refused,
    RelayPorts,
    Reset,
    SipTraced,
    Statistics,
    Trace,
    WorkerSettings,
)
from simulator.useragent.worker.call import Invite, SipCall
from simulator.useragent.worker.commands.call_commands import Refusal, Verbs
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.worker.pjsip import name_process, pj, slots_in_use
from simulator.useragent.worker.relay_sdp import RelayedDescriptions
from simulator.useragent.worker.sip_trace import Traced

_LONELY_CHECK = 0.2
"""Seconds between looks whether the nursery still lives."""
_MOST_GARBAGE = 50
"""Ended calls that may wait to be collected while there are others."""
_REMEMBERED = 64
"""Ended calls whose end is known when a command still names them."""
_SLOT = 0.1
"""Seconds that a call's slot may take to be free after its end: its BYE must be answered."""
_FAREWELL = 0.060
"""Seconds that `Quit` gives the BYEs to be answered."""
_RESET = 0.5
"""Seconds that `Reset` gives the calls to end."""


class Worker:
    """Owns the endpoint, the calls and the command channel."""

    def __init__(self, sock: socket.socket, settings: WorkerSettings, nursery: int) -> None:
        self.settings = settings
        self._nursery = nursery
        self._loop = asyncio.get_running_loop()
        self._channel = Channel(sock, self._line, self._parent_gone)
        self._next_look = 0.0
        self._incoming = 0
        self._referred = 0
        self.refer_status = 603
        """What REFERs are answered with."""
        self._refuse_incoming = False
        self._garbage = 0
        self.calls: dict[str, SipCall] = {}
        self.ended: dict[str, Ended] = {}
        self._leaving: deque[tuple[Ended, float]] = deque()
        """Ends that the parent has not been told yet, and until when that may wait."""
        self.endpoint = Endpoint(
            settings, on_incoming=self._invited, on_tick=self._tick, on_polled=self._polled, log=self.log
        )
        self._verbs = Verbs(self)
        self._relayed: RelayedDescriptions | None = None
        self.send(
            Ready(
                at=time.monotonic(),
                pid=os.getpid(),
                host=settings.host,
                port=self.endpoint.port,
                codecs=self.endpoint.codecs,
            )
        )

    # --- out -------------------------------------------------------------------------------------------------

    def send(self, notice: Notice, descriptors: Sequence[int] = ()) -> None:
        """One notice up."""
        self._channel.send(notice.model_dump_json().encode(), descriptors)

    def emit(self, notice: AnyCallNotice) -> None:
        """One notice about a call up."""
        self.send(notice)

    def log(self, level: str, text: str) -> None:
        """Something for the log up."""
        known: Literal["debug", "info", "warning", "error"] = level  # type: ignore[assignment]
        text = text.encode("utf-8", "replace").decode()
        self.send(LogLine(at=time.monotonic(), level=known, text=text))

    def done(
        self, command: AnyCommand, descriptors: Sequence[int] = (), *, statistics: Statistics | None = None
    ) -> None:
        """`command` was carried out; `descriptors` are given away."""
        done = Done(at=time.monotonic(), id=command.id, statistics=statistics, descriptors=len(descriptors))
        self.send(done, descriptors)

    def refuse(self, command: AnyCommand, refusal: Refusal) -> None:
        """`command` could not be carried out."""
        self.send(
            Refused(
                at=time.monotonic(),
                id=command.id,
                error=refusal.error,
                call_ended=refusal.call_ended,
                status=refusal.status,
                reason=refusal.reason,
            )
        )

    # --- calls -----------------------------------------------------------------------------------------------

    def begin(self, call: SipCall) -> None:
        """A call is there."""
        self.calls[call.key] = call
        self.endpoint.pace.begin()

    def call_ended(self, call: SipCall, ended: Ended) -> None:
        """A call is over; the parent is told when PJSIP has given its slot free, at most `_SLOT` later."""
        if self.calls.pop(call.key, None) is None:
            return
        self.ended[call.key] = ended
        while len(self.ended) > _REMEMBERED:
            del self.ended[next(iter(self.ended))]
        self._leaving.append((ended, self._loop.time() + _SLOT))
        self.endpoint.pace.end()
        self._garbage += 1
        self._loop.call_later(self.settings.transaction_timeout_ms / 1000 + 1, call.release)

    def call_abandoned(self, call: SipCall) -> None:
        """PJSIP refused to make the call: there is nothing to tell."""
        self._leaving = deque(left for left in self._leaving if left[0].call != call.key)

    def _polled(self) -> None:
        while self._leaving:
            ended, deadline = self._leaving[0]
            if slots_in_use() >= len(self.calls) + len(self._leaving) and self._loop.time() < deadline:
                return
            self._leaving.popleft()
            self.emit(ended)

    def stand_in(self, relay: RelayPorts | None) -> None:
        """Change the descriptions that come in from now on, if a call has a relay."""
        if relay is not None and self._relayed is None:
            self._relayed = RelayedDescriptions(self._call_of)

    def _call_of(self, sip_call_id: str) -> SipCall | None:
        return next((call for call in self.calls.values() if call.sip_call_id == sip_call_id), None)

    def next_incoming_key(self) -> str:
        """`i1`, `i2`, …"""
        self._incoming += 1
        return f"i{self._incoming}"

    def replace(self, old: SipCall, invite: Invite, call_id: int) -> SipCall:
        """The call that replaces `old` (RFC 3891); PJSIP accepts it and hangs up `old` by itself."""
        call = SipCall(self, old.account, self.next_incoming_key(), incoming=True, call_id=call_id)
        call.codecs, call.telephone_event = old.codecs, old.telephone_event
        call.answered_at = self._loop.time()
        self.begin(call)
        self.emit(self._verbs.introduce(call, invite))
        return call

    def refer(self, old: SipCall) -> SipCall:
        """The call that the peer of `old` has asked for (RFC 3515); PJSIP makes it, and tells the peer of it."""
        self._referred += 1
        call = SipCall(self, old.account, f"r{self._referred}", incoming=False)
        call.codecs, call.telephone_event = old.codecs, old.telephone_event
        call.referred_by = old
        return call

    def _invited(self, account: Any, prm: Any) -> None:
        call = SipCall(self, account, self.next_incoming_key(), incoming=True, call_id=prm.callId)
        self.begin(call)
        if self._refuse_incoming:
            self._loop.call_soon(self._verbs.refuse_politely, call)
            return
        self.emit(self._verbs.introduce(call, Invite.of(prm.rdata)))

    # --- in --------------------------------------------------------------------------------------------------

    def _line(self, line: bytes) -> None:
        try:
            command = COMMANDS.validate_json(line)
        except ValidationError as error:
            self.log("error", f"not a command: {line[:200]!r}: {error}")
            return
        if isinstance(command, Quit):
            self._loop.create_task(self._quit(command))
        elif isinstance(command, Reset):
            self._loop.create_task(self._reset(command))
        elif isinstance(command, Trace):
            self._trace(command)
        else:
            self._carry_out(command)
        self.endpoint.poll_soon()

    def _trace(self, command: Trace) -> None:
        self.endpoint.trace(self._tell_message if command.on else None)
        self.done(command)

    def _tell_message(self, traced: Traced) -> None:
        self.send(
            SipTraced(
                at=time.monotonic(),
                sent=traced.sent,
                transport=traced.transport,
                peer=traced.peer,
                text=traced.message.decode("latin-1"),
                cut_off=traced.cut_off,
            )
        )

    def _carry_out(self, command: AnyCommand) -> None:
        try:
            self._verbs.carry_out(command)
        except Refusal as refusal:
            self.refuse(command, refusal)
        except ConfigurationError as error:
            self.refuse(command, Refusal(str(error)))
        except pj.Error as error:
            self.refuse(command, Refusal(self.endpoint.error_text(error)))
        except Exception as error:
            self.refuse(command, Refusal(f"{command.op} failed in the worker: {error!r}"))
            raise

    async def _quit(self, command: Quit) -> None:
        self._hang_up_all()
        await self._until_quiet(_FAREWELL)
        self.done(command)
        self._channel.flush(0.1)
        os._exit(0)

    async def _reset(self, command: Reset) -> None:
        self._refuse_incoming = True
        self._hang_up_all()
        quiet = await self._until_quiet(_RESET)
        self._refuse_incoming = False
        if not quiet:
            self.refuse(command, Refusal(f"{slots_in_use()} calls did not end within {_RESET} s"))
            return
        self.ended.clear()
        self.refer_status = 603
        self.done(command)

    def _hang_up_all(self) -> None:
        self._verbs.forget_queued("the worker is being reset")
        for call in tuple(self.calls.values()):
            with contextlib.suppress(pj.Error):
                self._verbs.hang_up(call)

    async def _until_quiet(self, within: float) -> bool:
        deadline = self._loop.time() + within
        while slots_in_use() and self._loop.time() < deadline:
            self.endpoint.poll()
            await asyncio.sleep(0.001)
        self.endpoint.poll()
        return slots_in_use() == 0

    # --- time ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._loop.time()
        for call in tuple(self.calls.values()):
            if call.answered_at and now - call.answered_at > self.settings.transaction_timeout_ms / 1000:
                self.log("warning", f"{call.key} {call.sip_call_id}: no ACK to our 200, hanging up")
                with contextlib.suppress(pj.Error):
                    self._verbs.hang_up(call)
                call.answered_at = None
        if now >= self._next_look:
            self._next_look = now + _LONELY_CHECK
            if os.getppid() != self._nursery:
                os._exit(0)
            if self._garbage > (_MOST_GARBAGE if self.calls else 0):
                self._garbage = 0
                gc.collect()

    def _parent_gone(self) -> None:
        self._hang_up_all()
        with contextlib.suppress(pj.Error):
            self.endpoint.poll()
        os._exit(0)


def run(sock: socket.socket, settings: WorkerSettings, nursery: int) -> NoReturn:
    """Be a worker until told to quit, until the parent's end closes, or until the nursery is gone."""
    faulthandler.enable()
    name_process(f"ua-{settings.label}")
    sys.setswitchinterval(0.0005)
    gc.disable()  # a call must be destroyed on this thread only; `Worker` collects when it is idle
    loop = asyncio.new_event_loop()
    keep: list[Worker] = []
    loop.call_soon(lambda: keep.append(Worker(sock, settings, nursery)))
    loop.set_exception_handler(_report(keep))
    loop.run_forever()
    os._exit(1)


def _report(workers: list[Worker]) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Errors of callbacks go to the log; without a worker there is nothing to go on with."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        if not workers:
            os._exit(1)

    return handle
