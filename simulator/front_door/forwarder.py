"""The front door's core: a message in, messages out. No sockets, no clock, no waiting.

A stateless forwarder (RFC 3261 §16.11) but for three things: a call stays at the worker that got its INVITE, an
INVITE may wait a moment for a worker, and what a dead or silent worker leaves open is ended in its place.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator.errors import RouteError
from simulator.front_door import farewell, replies
from simulator.front_door.account import Account
from simulator.front_door.calls import Call, Calls, SetUp, Stage
from simulator.front_door.guard import ALLOW, Drop, Fault, Request, examine, top_via
from simulator.front_door.pacing import OVERLOADED, Destination, Group, Refusal
from simulator.front_door.rewriting import OWN, Own, branch_of, forwarded
from simulator.front_door.wire import Hop, Out
from simulator.sip_bytes import Message, Via, read, split_list, value_of

logger = logging.getLogger(__name__)

LONGEST_WAIT = 0.4
"""Seconds that an INVITE waits for a worker: below T1, so that no peer retransmits."""
LONGEST_SILENCE = 2.0
"""Seconds after which a worker without any response has dropped the INVITE."""

WORKER_DIED = Refusal(480, "Temporarily Unavailable: the process of this line died")
WORKER_SILENT = Refusal(408, "Request Timeout: the line did not respond within 2 s")
CANCELLED = Refusal(487, "Request Terminated")


@dataclass(frozen=True, slots=True)
class Invite:
    """What the switch is asked about. Text is decoded as UTF-8, and as Latin-1 where it is none."""

    request_uri: str
    call_id: str
    source: str
    """`host:port`"""
    transport: str
    """`UDP` or `TCP`"""
    message: Message

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case or form; None when it is absent."""
        value = self.message.value(name.lower().encode())
        return None if value is None else _text(value)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All header fields: canonical lower-case names, in wire order."""
        return tuple((name.decode(), _text(value_of(line))) for name, line in self.message.fields)


Switch = Callable[[Invite], Group | Refusal]
"""Says where a new INVITE goes. A `RouteError` that it raises becomes its status and reason."""


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


class Forwarder:
    """Every method takes `now` (`time.monotonic` seconds) and returns what to send and where to.

    `record` gets the fields of timeline records; `grow` is called with a group that needs a worker; `wake` when
    `tick` should run before `next_deadline`.
    """

    def __init__(
        self,
        own: Own,
        switch: Switch,
        *,
        record: Callable[[dict[str, object]], None],
        grow: Callable[[Group], None],
        wake: Callable[[], None],
    ) -> None:
        self._own = own
        self._switch = switch
        self._account = Account(record)
        self._grow = grow
        self._wake = wake
        self._calls = Calls()
        self._queues: dict[Group, deque[SetUp]] = {}
        self._unanswered: deque[SetUp] = deque()

    # --- messages -------------------------------------------------------------------------------------------

    def received(self, data: bytes, source: Hop, now: float) -> list[Out]:
        """A whole message from a neighbour."""
        message = read(data)
        if message.is_response:
            return self._response(message, source, now)
        verdict = examine(message, len(data), source)
        if isinstance(verdict, Drop):
            return self._dropped(verdict.why, message, source, now)
        if isinstance(verdict, Fault):
            self._account.refused(message, source, verdict.status, verdict.reason)
            refusal = replies.response(
                message, verdict.via, source, verdict.status, verdict.reason, verdict.headers
            )
            return [refusal]
        if verdict.method == b"ACK":
            return self._ack(verdict, now)
        if self._own.loops(verdict):
            return self._refused(verdict, Refusal(482, "Loop Detected"))
        if verdict.method == b"CANCEL":
            return self._cancel(verdict, now)
        if verdict.to_tag is not None:
            return self._in_dialog(verdict)
        if verdict.method == b"INVITE":
            return self._invite(verdict, now)
        return self._out_of_dialog(verdict)

    def _out_of_dialog(self, request: Request) -> list[Out]:
        if request.method == b"OPTIONS":
            headers = (("Allow", ALLOW), ("Accept", "application/sdp"))
            return [replies.response(request.message, request.via, request.source, 200, "OK", headers)]
        if request.method == b"BYE":
            return self._refused(request, Refusal(481, "Call/Transaction Does Not Exist"))
        return self._refused(request, Refusal(405, "Method Not Allowed", (("Allow", ALLOW),)))

    def _in_dialog(self, request: Request) -> list[Out]:
        onward = self._onward(request)
        if onward is None:
            return self._refused(request, Refusal(481, "Call/Transaction Does Not Exist"))
        if request.hops == 0:
            return self._refused(request, Refusal(483, "Too Many Hops"))
        return [(forwarded(request, self._own, onward), onward)]

    def _onward(self, request: Request) -> Hop | None:
        """The other side of the call; the tags say which side sent the request."""
        call = self._calls.get(request.call_id)
        if call is None or call.destination is None or not call.destination.alive:
            return None
        if request.from_tag != call.caller_tag and request.to_tag == call.caller_tag:
            return farewell.caller_hop(request.uri, call.caller)
        return Hop(call.destination.host, call.destination.port)

    def _ack(self, request: Request, now: float) -> list[Out]:
        if (request.to_tag or b"").startswith(replies.TAG_PREFIX):
            return []
        onward = self._onward(request)
        if onward is None or request.hops == 0 or self._own.loops(request):
            why = "ACK of an unknown call" if onward is None else "ACK out of hops or in a loop"
            return self._dropped(why, request.message, request.source, now)
        return [(forwarded(request, self._own, onward), onward)]

    def _cancel(self, request: Request, now: float) -> list[Out]:
        call = self._calls.get(request.call_id)
        if call is not None and request.to_tag is not None:
            return self._in_dialog(request)
        setup = None if call is None else call.setups.get(branch_of(request))
        if setup is None or (setup.final is None and setup.destination and not setup.destination.alive):
            return self._refused(request, Refusal(481, "Call/Transaction Does Not Exist"))
        if setup.destination is not None and setup.final is None:
            return self._in_dialog(request)
        accepted = replies.response(request.message, request.via, request.source, 200, "OK")
        if setup.stage is Stage.WAITING:
            return [accepted, *self._finish(setup, CANCELLED, now)]
        return [accepted]

    # --- new calls ------------------------------------------------------------------------------------------

    def _invite(self, request: Request, now: float) -> list[Out]:
        branch = branch_of(request)
        call = self._calls.get(request.call_id)
        setup = None if call is None else call.setups.get(branch)
        if setup is not None:
            return self._again(setup, request)
        if request.hops == 0:
            return self._refused(request, Refusal(483, "Too Many Hops"))
        if call is not None and _merges(call, request):
            return self._refused(request, Refusal(482, "Loop Detected: the same INVITE came another way"))
        setup = SetUp(branch, request)
        if call is not None and call.live and call.destination is not None:
            return self._beside(setup, call.destination, now)
        way = self._way(request)
        self._calls.add(setup)
        if isinstance(way, Refusal):
            return self._finish(setup, way, now)
        return self._begin(setup, way, None if call is None else call.destination, now)

    def _again(self, setup: SetUp, request: Request) -> list[Out]:
        if setup.final is not None:
            return [setup.final]
        if setup.destination is None or not setup.destination.alive or request.hops == 0:
            return []
        return [self._passed(request, setup.destination)]

    def _beside(self, setup: SetUp, destination: Destination, now: float) -> list[Out]:
        """Another INVITE in a Call-ID that is in use: it goes where the first one went, or nowhere."""
        self._calls.add(setup)
        if destination.has_slot and destination.next_token(now) <= now:
            return self._place(setup, destination, now)
        return self._finish(setup, OVERLOADED, now)

    def _way(self, request: Request) -> Group | Refusal:
        source = request.source
        invite = Invite(
            _text(request.uri), request.call_id, str(source), source.transport, request.message
        )
        try:
            return self._switch(invite)
        except RouteError as error:
            headers = OVERLOADED.headers if error.status == 503 else ()
            return Refusal(error.status, error.reason, headers)
        except Exception:
            logger.exception("the switch failed", extra={"sip_call_id": request.call_id})
            return Refusal(500, "Server Internal Error: the switch failed")

    def _begin(self, setup: SetUp, group: Group, prefer: Destination | None, now: float) -> list[Out]:
        setup.group = group
        queue = self._queues.get(group)
        destination = None if queue else group.choose(now, prefer=prefer)
        if destination is not None:
            return self._place(setup, destination, now)
        if group.when_full is not None and not group.has_slot:
            return self._finish(setup, group.when_full, now)
        if queue is None:
            queue = self._queues[group] = deque()
            group.listen(self._slot_free)
        setup.deadline = now + LONGEST_WAIT
        queue.append(setup)
        if group.grow is not None and not group.has_slot:
            self._grow(group)
        request = setup.request
        return [replies.response(request.message, request.via, request.source, 100, "Trying")]

    def _place(self, setup: SetUp, destination: Destination, now: float) -> list[Out]:
        destination.take(setup.key, now)
        setup.stage = Stage.PENDING
        setup.destination = destination
        setup.deadline = now + LONGEST_SILENCE
        self._unanswered.append(setup)
        call = self._calls.get(setup.request.call_id)
        if call is not None:
            call.destination = destination
        return [self._passed(setup.request, destination)]

    def _passed(self, request: Request, destination: Destination) -> Out:
        onward = Hop(destination.host, destination.port)
        by_tcp = request.source.connection is not None
        return forwarded(request, self._own, onward, record_route=by_tcp), onward

    def _finish(self, setup: SetUp, refusal: Refusal, now: float) -> list[Out]:
        request = setup.request
        setup.final = self._refused(request, refusal)[0]
        self._calls.over(setup, now)
        return [setup.final]

    def _slot_free(self, _group: Group) -> None:
        self._wake()

    def _serve(self, now: float) -> list[Out]:
        """Let waiting INVITEs go where a slot has come free, in their order; refuse those that waited too long."""
        out: list[Out] = []
        for group, queue in tuple(self._queues.items()):
            while queue:
                setup = queue[0]
                if setup.stage is Stage.WAITING:
                    destination = group.choose(now)
                    if destination is not None:
                        out += self._place(setup, destination, now)
                    elif setup.deadline <= now:
                        out += self._finish(setup, OVERLOADED, now)
                    else:
                        break
                queue.popleft()
            if not queue:
                del self._queues[group]
                group.forget(self._slot_free)
        return out

    # --- responses ------------------------------------------------------------------------------------------

    def _response(self, message: Message, source: Hop, now: float) -> list[Out]:
        via = top_via(message)
        status = _status(message)
        if status is None or via is None or message.flaw is not None:
            return self._dropped("malformed response", message, source, now)
        if self._own.made(via, OWN):
            return []
        if not self._own.made(via):
            return self._dropped("response without the front door's Via", message, source, now)
        call = self._calls.get((message.value(b"call-id") or b"").decode("latin-1"))
        if call is None:
            return self._dropped("response of an unknown call", message, source, now)
        if not _is_party(call, source):
            return self._dropped("response from a stranger", message, source, now)
        below = _second_via(message)
        setup = call.setups.get(via.get(b"branch") or b"")
        method = (message.value(b"cseq") or b"").rpartition(b" ")[2]
        if setup is not None and setup.orphaned:
            return self._unwanted(setup, message, method, status)
        if below is None:
            return self._dropped("response for nobody: no second Via", message, source, now)
        out = [(_without_top(message), _back(via, below))]
        if setup is not None and method == b"INVITE":
            self._progress(setup, message, status, now)
        elif method == b"BYE" and (status < 300 or status in (408, 481)) and status >= 200:
            self._end(call, call.setups.values(), now)
        return out + self._serve(now)

    def _progress(self, setup: SetUp, message: Message, status: int, now: float) -> None:
        setup.responded = True
        if status >= 300:
            self._calls.over(setup, now)
        elif status >= 200 and setup.live:
            setup.stage = Stage.ESTABLISHED
            setup.to = message.value(b"to") or b""
            setup.contact = farewell.contact_of(message)

    def _unwanted(self, setup: SetUp, message: Message, method: bytes, status: int) -> list[Out]:
        destination = setup.destination
        if method != b"INVITE" or destination is None:
            return []
        if status < 200:
            if setup.cancelled:
                return []
            setup.cancelled = True
            return [farewell.cancel(setup, destination, self._own)]
        to = message.value(b"to") or b""
        if status >= 300:
            return [farewell.ack_of_refusal(setup, destination, to, self._own)]
        setup.to, setup.contact = to, farewell.contact_of(message)
        return [
            farewell.ack_of_success(setup, destination, self._own),
            farewell.bye_to_worker(setup, destination, self._own),
        ]

    # --- ends -----------------------------------------------------------------------------------------------

    def ended(self, call_id: str, now: float, destination: Destination | None = None) -> list[Out]:
        """A worker says that a call is over; with `destination` only what that worker had of it."""
        call = self._calls.get(call_id)
        if call is None:
            return []
        setups = [one for one in call.setups.values() if destination in (None, one.destination)]
        self._end(call, (one for one in setups if one.stage is not Stage.WAITING), now)
        return self._serve(now)

    def _end(self, call: Call, setups: Iterable[SetUp], now: float) -> None:
        for setup in tuple(setups):
            self._calls.over(setup, now)

    def lost(self, destination: Destination, now: float) -> list[Out]:
        """A worker died: its callers get 480 or BYE, and those it was calling CANCEL or BYE."""
        destination.alive = False
        out: list[Out] = []
        for call in self._calls:
            for setup in tuple(call.setups.values()):
                if not setup.live:
                    continue
                if setup.destination is destination:
                    out += self._bereave_caller(setup, now)
                elif _came_from(setup, destination):
                    out += self._bereave_callee(setup, destination, now)
        return out + self._serve(now)

    def _bereave_caller(self, setup: SetUp, now: float) -> list[Out]:
        assert setup.destination is not None
        talking = setup.stage is Stage.ESTABLISHED
        deed = "BYE to the caller" if talking else "480 to the caller"
        self._account.did(deed, setup.request.call_id, setup.destination.address, "its worker died")
        if not talking:
            return self._finish(setup, WORKER_DIED, now)
        self._calls.over(setup, now)
        return [farewell.bye_to_caller(setup, self._own)]

    def _bereave_callee(self, setup: SetUp, caller: Destination, now: float) -> list[Out]:
        stage, destination = setup.stage, setup.destination
        setup.orphaned = True
        self._calls.over(setup, now)
        if destination is None:
            return []
        deed = "BYE to the callee" if stage is Stage.ESTABLISHED else "CANCEL to the callee"
        self._account.did(deed, setup.request.call_id, caller.address, "the calling worker died")
        if stage is Stage.ESTABLISHED:
            return [farewell.bye_to_worker(setup, destination, self._own)]
        if not setup.responded:
            return []
        setup.cancelled = True
        return [farewell.cancel(setup, destination, self._own)]

    # --- time -----------------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Out]:
        """Do what is due."""
        out = self._serve(now)
        while self._unanswered and self._unanswered[0].deadline <= now:
            setup = self._unanswered.popleft()
            if setup.stage is Stage.PENDING and not setup.responded:
                setup.orphaned = True
                out += self._finish(setup, WORKER_SILENT, now)
        self._calls.forget_old(now)
        self._account.settle(now)
        return out

    def next_deadline(self, now: float) -> float | None:
        """When `tick` has something to do; None when never."""
        moments = [self._calls.next_forgetting, self._account.next_settling]
        if self._unanswered:
            moments.append(self._unanswered[0].deadline)
        for group, queue in self._queues.items():
            moments += (queue[0].deadline, group.next_token(now))
        return min((moment for moment in moments if moment is not None), default=None)

    def _refused(self, request: Request, refusal: Refusal) -> list[Out]:
        self._account.refused(request.message, request.source, refusal.status, refusal.reason)
        message, via, source = request.message, request.via, request.source
        return [replies.response(message, via, source, refusal.status, refusal.reason, refusal.headers)]

    def _dropped(self, why: str, message: Message, source: Hop, now: float) -> list[Out]:
        self._account.dropped(why, message, source, now)
        return []


def _merges(call: Call, request: Request) -> bool:
    """Whether the same request came over another path (RFC 3261 §8.2.2.2)."""
    known = (setup.request for setup in call.setups.values() if setup.live)
    return any(one.cseq == request.cseq and one.from_tag == request.from_tag for one in known)


def _is_party(call: Call, source: Hop) -> bool:
    worker = call.destination
    if worker is not None and (source.host, source.port) == (worker.host, worker.port):
        return True
    return (source.host, source.port) == (call.caller.host, call.caller.port)


def _came_from(setup: SetUp, worker: Destination) -> bool:
    source = setup.request.source
    if (source.host, source.port) == (worker.host, worker.port):
        return True
    return setup.request.via.sent_by == worker.address.encode()


def _status(message: Message) -> int | None:
    parts = message.start.split(b" ", 2)
    if len(parts) < 2 or parts[0].upper() != b"SIP/2.0" or len(parts[1]) != 3 or not parts[1].isdigit():
        return None
    status = int(parts[1])
    return status if 100 <= status < 700 else None


def _second_via(message: Message) -> Via | None:
    """The Via below ours, in the same line or the next."""
    parts = (part for value in message.values(b"via") for part in split_list(value))
    next(parts, None)
    below = next(parts, None)
    return None if below is None else Via.parse(below)


def _without_top(message: Message) -> bytes:
    lines = [message.start]
    popped = False
    for name, line in message.fields:
        if name == b"via" and not popped:
            popped = True
            rest = split_list(value_of(line))[1:]
            if rest:
                lines.append(line.partition(b":")[0] + b": " + b",".join(rest).strip())
        else:
            lines.append(line)
    return b"\r\n".join([*lines, b"", message.body])


def _back(own: Via, below: Via) -> Hop:
    """Where a response goes on to: the connection that our Via noted, else by UDP what the next Via says."""
    host = (below.get(b"received") or below.host).decode("latin-1")
    mark = own.get(b"i")
    if mark is not None and len(mark) < 16 and all(byte in b"0123456789abcdef" for byte in mark) and mark:
        return Hop(host, below.port or 5060, int(mark, 16))
    rport = below.get(b"rport") or b""
    port = int(rport) if rport.isdigit() and 0 < int(rport) < 65536 else below.port or 5060
    return Hop(host, port)
