"""The front door's core: a message in, messages out. No sockets, no clock, no waiting.

A stateless forwarder (RFC 3261 §16.11) but for three things: a call stays at the worker that got its INVITE, an
INVITE may wait a moment for a worker, and what a dead or silent worker leaves open is ended in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.front_door import farewell, replies
from simulator.front_door.account import Account
from simulator.front_door.calls import Call, Calls, SetUp, Stage
from simulator.front_door.endings import Endings
from simulator.front_door.guard import ALLOW, Drop, Fault, Request, examine, top_via
from simulator.front_door.invite import Switch
from simulator.front_door.pacing import Destination, Group, Refusal
from simulator.front_door.reception import TOO_MANY_HOPS, Reception
from simulator.front_door.responses import Response
from simulator.front_door.rewriting import OWN, Own, branch_of, forwarded
from simulator.front_door.wire import Hop, Out
from simulator.sip_bytes import Message, read

UNKNOWN_CALL = Refusal(481, "Call/Transaction Does Not Exist")
LOOP = Refusal(482, "Loop Detected")
CANCELLED = Refusal(487, "Request Terminated")
NOT_ALLOWED = Refusal(405, "Method Not Allowed", (("Allow", ALLOW),))


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
        record: Callable[[dict[str, Any]], None],
        grow: Callable[[Group], None],
        wake: Callable[[], None],
    ) -> None:
        self._own = own
        self._account = Account(record)
        self._calls = Calls()
        self._reception = Reception(own, self._calls, self._account, switch=switch, grow=grow, wake=wake)
        self._endings = Endings(own, self._calls, self._account, self._reception)

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
            return [replies.of_fault(verdict, source)]
        return self._request(verdict, now)

    def ended(self, call_id: str, now: float, destination: Destination | None = None) -> list[Out]:
        """A worker says that a call is over; with `destination` only what that worker had of it."""
        call = self._calls.get(call_id)
        if call is None:
            return []
        for setup in call.setups.values():
            if setup.stage is not Stage.WAITING and destination in (None, setup.destination):
                self._calls.told_over(setup, now)
        return self._reception.serve(now)

    def lost(self, destination: Destination, now: float) -> list[Out]:
        """A worker died: its callers get 480 or BYE, and those it was calling CANCEL or BYE."""
        return self._endings.lost(destination, now) + self._reception.serve(now)

    def undeliverable(self, data: bytes, hop: Hop, now: float) -> list[Out]:
        """What was to go to `hop` could not: the sender of a request gets 503 in its place."""
        message = read(data)
        self._account.dropped("the TCP peer is gone", message, hop, now)
        via = top_via(message)
        if message.is_response or via is None or message.start.startswith(b"ACK "):
            return []
        refusal, _ = replies.response(message, via, hop, 503, "Service Unavailable: the TCP peer is gone")
        response = Response.parse(read(refusal), hop)
        if response is None or response.below is None:
            return []
        onward = response.back(response.below)
        return [(response.passed(onward), onward)]

    def tick(self, now: float) -> list[Out]:
        """Do what is due."""
        self._calls.forget_old(now)
        self._account.settle(now)
        return self._reception.tick(now)

    def next_deadline(self, now: float) -> float | None:
        """When `tick` has something to do; None when never."""
        moments = (
            self._calls.next_forgetting,
            self._account.next_settling,
            self._reception.next_deadline(now),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    # --- requests -------------------------------------------------------------------------------------------

    def _request(self, request: Request, now: float) -> list[Out]:
        if request.method == b"ACK":
            return self._ack(request, now)
        if self._own.loops(request):
            return self._reception.refuse(request, LOOP)
        if request.to_tag is not None:
            return self._in_dialog(request)
        if request.method == b"INVITE":
            return self._reception.invite(request, now)
        if request.method == b"CANCEL":
            return self._cancel(request, now)
        return self._out_of_dialog(request)

    def _out_of_dialog(self, request: Request) -> list[Out]:
        if request.method == b"OPTIONS":
            headers = (("Allow", ALLOW), ("Accept", "application/sdp"))
            return [replies.answer(request, 200, "OK", headers)]
        return self._reception.refuse(request, UNKNOWN_CALL if request.method == b"BYE" else NOT_ALLOWED)

    def _in_dialog(self, request: Request) -> list[Out]:
        onward = self._onward(request)
        if onward is None:
            return self._reception.refuse(request, UNKNOWN_CALL)
        if request.hops == 0:
            return self._reception.refuse(request, TOO_MANY_HOPS)
        return [(forwarded(request, self._own, onward), onward)]

    def _onward(self, request: Request) -> Hop | None:
        """The other side of the call; the tags say which side sent the request."""
        call = self._calls.get(request.call_id)
        if call is None or call.destination is None or not call.destination.alive:
            return None
        if request.from_tag != call.caller_tag and request.to_tag == call.caller_tag:
            return farewell.caller_hop(request.uri, call.caller)
        if request.source.connection is not None:
            call.caller = request.source
        return Hop(call.destination.host, call.destination.port)

    def _ack(self, request: Request, now: float) -> list[Out]:
        if (request.to_tag or b"").startswith(replies.TAG_PREFIX):
            return []
        onward = self._onward(request)
        if onward is None:
            return self._dropped("ACK of an unknown call", request.message, request.source, now)
        if request.hops == 0 or self._own.loops(request):
            return self._dropped("ACK without hops left or in a loop", request.message, request.source, now)
        return [(forwarded(request, self._own, onward), onward)]

    def _cancel(self, request: Request, now: float) -> list[Out]:
        call = self._calls.get(request.call_id)
        setup = None if call is None else call.setups.get(branch_of(request))
        if setup is None:
            return self._reception.refuse(request, UNKNOWN_CALL)
        if setup.destination is not None and setup.final is None:
            return self._in_dialog(request)
        accepted = replies.answer(request, 200, "OK")
        if setup.stage is Stage.WAITING:
            return [accepted, *self._reception.finish(setup, CANCELLED, now)]
        return [accepted]

    # --- responses ------------------------------------------------------------------------------------------

    def _response(self, message: Message, source: Hop, now: float) -> list[Out]:
        response = Response.parse(message, source)
        if response is None:
            return self._dropped("malformed response", message, source, now)
        if self._own.made(response.via, OWN):
            return []
        call = self._calls.get(response.call_id)
        if not self._own.made(response.via):
            return self._dropped("response without the front door's Via", message, source, now)
        if call is None or not _is_party(call, source):
            why = "response of an unknown call" if call is None else "response from a stranger"
            return self._dropped(why, message, source, now)
        return self._sound_response(response, call, now)

    def _sound_response(self, response: Response, call: Call, now: float) -> list[Out]:
        setup = call.setups.get(response.branch)
        if setup is not None and setup.orphaned:
            return self._endings.unwanted(setup, response)
        if response.below is None:
            why = "response for nobody: no second Via"
            return self._dropped(why, response.message, response.source, now)
        if setup is not None and response.method == b"INVITE":
            self._progress(setup, response, now)
        elif response.ends_call:
            for one in call.setups.values():
                self._calls.over(one, now)
                one.told = None
        onward = response.back(response.below)
        return [(response.passed(onward), onward), *self._reception.serve(now)]

    def _progress(self, setup: SetUp, response: Response, now: float) -> None:
        setup.responded = True
        if response.status >= 300:
            self._calls.over(setup, now)
            setup.told = None
        elif response.status >= 200 and setup.live:
            setup.stage = Stage.ESTABLISHED
            setup.to = response.message.value(b"to") or b""
            setup.contact = farewell.contact_of(response.message)

    def _dropped(self, why: str, message: Message, source: Hop, now: float) -> list[Out]:
        self._account.dropped(why, message, source, now)
        return []


def _is_party(call: Call, source: Hop) -> bool:
    """Whether a response comes from the call's worker or, for the worker's own requests, from its caller."""
    worker, caller = call.destination, call.caller
    if worker is not None and (source.host, source.port) == (worker.host, worker.port):
        return True
    return source.host == caller.host and (source.connection is not None or source.port == caller.port)
