"""The worker process: reads commands, sends notices, and owns one PJSIP endpoint with at most four calls."""

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
from typing import Any, NoReturn

from pydantic import ValidationError

from simulator.errors import ConfigurationError
from simulator.useragent.channel import Channel
from simulator.useragent.messages import (
    COMMANDS,
    AnyCallNotice,
    AnyCommand,
    Done,
    Ended,
    HeldSlots,
    LearnName,
    LogLevel,
    LogLine,
    Notice,
    Ping,
    Quit,
    Ready,
    Refused,
    Reset,
    SipTraced,
    Statistics,
    Trace,
    WorkerSettings,
)
from simulator.useragent.worker.call import SipCall
from simulator.useragent.worker.call_params import call_params
from simulator.useragent.worker.commands.base import CommandRefused
from simulator.useragent.worker.commands.dispatcher import CommandDispatcher
from simulator.useragent.worker.endpoint import Endpoint
from simulator.useragent.worker.negotiation import Negotiation
from simulator.useragent.worker.own_requests import Lost
from simulator.useragent.worker.pjsip import end_with_parent, error_text, name_process, pj, slots_in_use
from simulator.useragent.worker.received import ReceivedInvite
from simulator.useragent.worker.received_sdp import ReceivedSdp
from simulator.useragent.worker.screened_call import ScreenedCall
from simulator.useragent.worker.sip_observer import ObservedMessage

_REFUSE_REFERS = 603
_CHECK_INTERVAL = 0.2
"""Seconds between checks that the fork server is alive, and that the calls' peers send something."""
_COLLECT_AFTER = 50
"""Number of ended calls after which garbage is collected although there are other calls."""
_KEPT_ENDS = 64
"""Number of ended calls whose `Ended` is kept for the refusal of late commands."""
_SLOT_TIMEOUT = 0.1
"""Seconds that `Ended` waits for PJSIP to free the call's slot, which takes the answer to its BYE."""
_QUIT_TIMEOUT = 0.060
"""Seconds that `Quit` waits for the answers to its BYEs."""
_RESET_TIMEOUT = 0.5
"""Seconds that `Reset` waits for the calls to end."""


class Worker:
    """Owns the endpoint, the calls and the command channel."""

    def __init__(self, sock: socket.socket, settings: WorkerSettings, fork_server: int) -> None:
        self.settings = settings
        self.calls: dict[str, SipCall] = {}
        self.ended: dict[str, Ended] = {}
        self.refer_status = _REFUSE_REFERS
        """Status with which REFERs are answered; 202 accepts them."""
        self._fork_server = fork_server
        self._loop = asyncio.get_running_loop()
        self._channel = Channel(sock, self._handle_line, self._parent_gone)
        self._next_check = 0.0
        self._incoming_count = 0
        self._referred_count = 0
        self._resetting = False
        self._uncollected = 0
        """Ended calls since the last garbage collection."""
        self._finishing: dict[str, SipCall] = {}
        """By Call-ID the calls that have ended, as long as PJSIP may still have transactions of them."""
        self._held_slots = 0
        """The count of the last `HeldSlots`."""
        self._unsent_ends: deque[tuple[Ended, float]] = deque()
        """Each `Ended` that waits for its slot, and the loop time at which it is sent at the latest."""
        self.endpoint = Endpoint(
            settings,
            on_incoming=self._invite_received,
            on_tick=self._tick,
            on_polled=self._send_ends,
            on_refused=self.send,
            on_message_refused=self.send,
            on_message=self._send_observed,
            find_call=self._find_call,
            log=self.log,
        )
        self._commands = CommandDispatcher(self)
        self._received_sdp = ReceivedSdp(self._find_negotiation, self.endpoint.codecs, self.endpoint.public, self.log)
        self.send(
            Ready(
                at=time.monotonic(),
                pid=os.getpid(),
                host=settings.host,
                port=self.endpoint.port,
                codecs=self.endpoint.codecs,
            )
        )

    # --- notices ---------------------------------------------------------------------------------------------

    def send(self, notice: Notice, descriptors: Sequence[int] = ()) -> None:
        """Send a notice to the parent, and `descriptors` with it, which the channel then owns."""
        self._channel.send(notice.model_dump_json().encode(), descriptors)

    def emit(self, notice: AnyCallNotice) -> None:
        """Send a notice about a call to the parent."""
        self.send(notice)

    def log(self, level: LogLevel, text: str) -> None:
        """Send a line for the log to the parent."""
        text = text.encode("utf-8", "replace").decode()
        self.send(LogLine(at=time.monotonic(), level=level, text=text))

    def done(
        self, command: AnyCommand, descriptors: Sequence[int] = (), *, statistics: Statistics | None = None
    ) -> None:
        """Answer that `command` was carried out; `descriptors` go to the parent."""
        done = Done(at=time.monotonic(), id=command.id, statistics=statistics, descriptors=len(descriptors))
        self.send(done, descriptors)

    def refuse(self, command: AnyCommand, refusal: CommandRefused) -> None:
        """Answer that `command` could not be carried out."""
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

    def call_began(self, call: SipCall) -> None:
        """Keep a call, from just before its INVITE is sent or when it has come in."""
        self.calls[call.key] = call

    def call_ended(self, call: SipCall, ended: Ended) -> None:
        """Drop a call; the parent gets `Ended` when PJSIP has freed the slot, at most `_SLOT_TIMEOUT` later."""
        if self.calls.pop(call.key, None) is None:
            return
        self.ended[call.key] = ended
        while len(self.ended) > _KEPT_ENDS:
            del self.ended[next(iter(self.ended))]
        self._unsent_ends.append((ended, self._loop.time() + _SLOT_TIMEOUT))
        self._uncollected += 1
        self._finishing[call.dialog.sip_call_id] = call
        self._loop.call_later(self.settings.timers.unanswered_s + 1, self._release, call)

    def _release(self, call: SipCall) -> None:
        if self._finishing.get(call.dialog.sip_call_id) is call:
            del self._finishing[call.dialog.sip_call_id]
        call.release()

    def call_abandoned(self, call: SipCall) -> None:
        """Drop the `Ended` of a call that PJSIP could not make: the parent gets the refusal of its command instead."""
        self._unsent_ends = deque(unsent for unsent in self._unsent_ends if unsent[0].call != call.key)

    def make_referred_call(self, referrer: SipCall) -> SipCall:
        """Make the call that the peer of `referrer` asked for (RFC 3515); PJSIP itself dials it and sends NOTIFYs."""
        self._referred_count += 1
        call = SipCall(self, referrer.account, f"r{self._referred_count}", incoming=False)
        call.negotiation.copy_preferences(referrer.negotiation)
        call.referred_by = referrer
        return call

    def _invite_received(self, account: Any, prm: Any) -> None:
        call = SipCall(self, account, self._next_incoming_key(), incoming=True, call_id=prm.callId)
        self.call_began(call)
        if self._resetting:
            # Not here: a final response inside `onIncomingCall` aborts PJSIP when the INVITE has no SDP.
            self._loop.call_soon(self._reject_during_reset, call)
            return
        self._send_ends(at_once=True)  # the peer may have ended a call just before
        self.emit(call.take_invite(ReceivedInvite.of(prm.rdata)))

    def _reject_during_reset(self, call: SipCall) -> None:
        if call.alive:
            call.answer(call_params(480, "Temporarily Unavailable"))

    def _next_incoming_key(self) -> str:
        self._incoming_count += 1
        return f"i{self._incoming_count}"

    def _find_call(self, sip_call_id: str) -> ScreenedCall | None:
        found = (call for call in self.calls.values() if call.dialog.sip_call_id == sip_call_id)
        call = next(found, None) or self._finishing.get(sip_call_id)
        return None if call is None else call.screened

    def _find_negotiation(self, sip_call_id: str) -> Negotiation | None:
        found = (call.negotiation for call in self.calls.values() if call.dialog.sip_call_id == sip_call_id)
        return next(found, None)

    def _send_ends(self, *, at_once: bool = False) -> None:
        """Send each `Ended` whose slot is free or whose time is up, or all, in order; and how many slots are held."""
        while self._unsent_ends:
            ended, deadline = self._unsent_ends[0]
            held = slots_in_use() - len(self.calls) - len(self._unsent_ends) + 1
            if held > self._held_slots and self._loop.time() < deadline and not at_once:
                break
            self._unsent_ends.popleft()
            self._report_held_slots(held)
            self.emit(ended)
        self._report_held_slots(slots_in_use() - len(self.calls) - len(self._unsent_ends))

    def _report_held_slots(self, count: int) -> None:
        count = max(0, count)
        if count != self._held_slots:
            self._held_slots = count
            self.send(HeldSlots(at=time.monotonic(), count=count))

    # --- commands --------------------------------------------------------------------------------------------

    def _handle_line(self, line: bytes) -> None:
        try:
            command = COMMANDS.validate_json(line)
        except ValidationError as error:
            self.log("error", f"not a command: {line[:200]!r}: {error}")
            return
        if isinstance(command, Quit):
            self._loop.create_task(self._quit(command))
        elif isinstance(command, Reset):
            self._loop.create_task(self._reset(command))
        elif isinstance(command, Ping):
            self._send_ends(at_once=True)
            self.done(command)
        elif isinstance(command, LearnName):
            self.endpoint.destinations.learn(command.name, command.addresses)
            self.done(command)
        elif isinstance(command, Trace):
            self.endpoint.observer.traced = command.traced
            self.done(command)
        else:
            self._carry_out(command)
        self.endpoint.poll_soon()

    def _send_observed(self, message: ObservedMessage) -> None:
        self.send(
            SipTraced(
                at=time.monotonic(),
                sent=message.sent,
                transport=message.transport,
                peer=message.peer,
                text=message.data.decode("latin-1"),
            )
        )

    def _carry_out(self, command: AnyCommand) -> None:
        try:
            self._commands.carry_out(command)
        except CommandRefused as refusal:
            self.refuse(command, refusal)
        except ConfigurationError as error:
            self.refuse(command, CommandRefused(str(error)))
        except pj.Error as error:
            self.refuse(command, CommandRefused(error_text(error)))
        except Exception as error:
            self.refuse(command, CommandRefused(f"{command.op} failed in the worker: {error!r}"))
            raise

    async def _quit(self, command: Quit) -> None:
        self._terminate_all()
        await self._wait_for_free_slots(_QUIT_TIMEOUT)
        self.done(command)
        self._channel.flush(0.1)
        os._exit(0)

    async def _reset(self, command: Reset) -> None:
        self._resetting = True
        self._terminate_all()
        free = await self._wait_for_free_slots(_RESET_TIMEOUT)
        self._resetting = False
        if not free:
            self.refuse(command, CommandRefused(f"{slots_in_use()} calls did not end within {_RESET_TIMEOUT} s"))
            return
        self.ended.clear()
        self.refer_status = _REFUSE_REFERS
        if self.endpoint.has_credentials:
            self.endpoint.use_credentials("", "")
        self.done(command)

    def _terminate_all(self) -> None:
        self._commands.refuse_queued_dials("the worker is being reset")
        for call in tuple(self.calls.values()):
            with contextlib.suppress(pj.Error):
                call.terminate()

    async def _wait_for_free_slots(self, within: float) -> bool:
        """Poll until PJSIP has no call left; False when that takes longer than `within` seconds."""
        deadline = self._loop.time() + within
        while slots_in_use() and self._loop.time() < deadline:
            self.endpoint.poll()
            await asyncio.sleep(0.001)
        self.endpoint.poll()
        return slots_in_use() == 0

    # --- periodic checks -------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._loop.time()
        for call in tuple(self.calls.values()):
            self._check_ack(call, now)
        if now >= self._next_check:
            self._next_check = now + _CHECK_INTERVAL
            self._check_media(now)
            if os.getppid() != self._fork_server:
                os._exit(0)
            if self._uncollected > (_COLLECT_AFTER if self.calls else 0):
                self._uncollected = 0
                gc.collect()

    def _check_ack(self, call: SipCall, now: float) -> None:
        """Hang up a call whose 200 was not acknowledged: PJSIP would keep its slot for 64 s."""
        since = call.dialog.ack_awaited_since
        seconds = self.settings.timers.unanswered_s
        if since and now - since > seconds:
            self.log("warning", f"{call.key} {call.dialog.sip_call_id}: no ACK for our 200, hanging up")
            with contextlib.suppress(pj.Error):
                call.give_up(Lost(408, f"Request Timeout: no ACK for our 200 within {seconds:g} s, SIP timer H"))
            call.dialog.ack_awaited_since = None

    def _check_media(self, now: float) -> None:
        for call in tuple(self.calls.values()):
            with contextlib.suppress(pj.Error):
                call.check_media(now)

    def _parent_gone(self) -> None:
        self._terminate_all()
        with contextlib.suppress(pj.Error):
            self.endpoint.poll()
        os._exit(0)


def run(sock: socket.socket, settings: WorkerSettings, fork_server: int) -> NoReturn:
    """Run a worker until `Quit`, until the parent closes its end of `sock`, or until the fork server is gone."""
    end_with_parent()
    faulthandler.enable()  # prints the Python stack when PJSIP aborts
    name_process(f"ua-{settings.label}")
    sys.setswitchinterval(0.0005)  # so that media callbacks are on time beside busy Python code
    gc.disable()  # a call must be destroyed on this thread only: `Worker` collects when it has no calls
    loop = asyncio.new_event_loop()
    workers: list[Worker] = []

    def start() -> None:
        try:
            workers.append(Worker(sock, settings, fork_server))
        except pj.Error as error:
            raise RuntimeError(error_text(error)) from error

    loop.call_soon(start)
    loop.set_exception_handler(_exception_handler(workers))
    loop.run_forever()
    os._exit(1)


def _exception_handler(workers: list[Worker]) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """Log exceptions of callbacks; exit when there is no worker, because it could not start."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        if not workers:
            os._exit(1)

    return handle
