"""The front door's proxy without sockets, clock and tasks: a message in, messages out.

It is a stateless proxy (RFC 3261 §16.11) with three additions: a call stays at the worker that got its INVITE, an
INVITE may wait a moment for a worker, and calls of a worker that died or does not respond are ended in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from simulator.destinations import Destinations
from simulator.front_door.call_admission import CallAdmission
from simulator.front_door.call_table import AttemptState, CallAttempt, CallEntry, CallTable
from simulator.front_door.call_teardown import CallTeardown
from simulator.front_door.final_responses import (
    LOOP_DETECTED,
    METHOD_NOT_ALLOWED,
    REQUEST_TERMINATED,
    TOO_MANY_HOPS,
    UNKNOWN_CALL,
    FinalResponse,
)
from simulator.front_door.forwarding import forwarded_request, forwarded_response, forwarded_uri
from simulator.front_door.guarded_hosts import GuardedHosts
from simulator.front_door.load_balancing import Destination, DestinationGroup
from simulator.front_door.own_requests import caller_hop, contact_uri
from simulator.front_door.own_responses import final_response_to, response_to
from simulator.front_door.proxy_address import OWN_BRANCH, ProxyAddress, forwarded_branch
from simulator.front_door.recorder import Recorder
from simulator.front_door.response import Response
from simulator.front_door.routing import CallRouter
from simulator.front_door.sip_clients import SipClients
from simulator.sip_bytes import Message, read
from simulator.sip_dialog import SipDialog
from simulator.sip_methods import ALLOW
from simulator.sip_requests.hop import Hop, Outgoing
from simulator.sip_requests.request import Request, top_via
from simulator.sip_requests.screening import Drop, InvalidRequest, screen
from simulator.sip_requests.stateless_response import TO_TAG_PREFIX, compose_response, response_to_invalid


class Proxy:
    """Every method takes `now` (`time.monotonic()` seconds) and returns the messages to send and their hops.

    `record` gets the fields of timeline records. `grow` is called with a group that needs another worker. `wake` is
    called when `tick` should run before `next_deadline`.
    """

    def __init__(
        self,
        address: ProxyAddress,
        router: CallRouter,
        clients: SipClients,
        *,
        destinations: Destinations,
        record: Callable[[dict[str, Any]], None],
        grow: Callable[[DestinationGroup], None],
        wake: Callable[[], None],
        guarded_hosts: GuardedHosts | None = None,
    ) -> None:
        self._address = address
        self._clients = clients
        self._guarded_hosts = guarded_hosts or GuardedHosts()
        self._destinations = destinations
        self._recorder = Recorder(record)
        self._calls = CallTable()
        self._admission = CallAdmission(address, self._calls, self._recorder, router=router, grow=grow, wake=wake)
        self._teardown = CallTeardown(address, self._calls, self._recorder, self._admission, destinations)

    def receive(self, data: bytes, source: Hop, now: float) -> list[Outgoing]:
        """Handle a whole message from `source`."""
        message = read(data)
        if message.is_response:
            return self._receive_response(message, source, now)
        request = screen(message, len(data), source)
        if isinstance(request, Drop):
            return self._drop(request.why, message, source, now)
        if isinstance(request, InvalidRequest):
            self._recorder.record_refusal(message, source, request.status, request.reason)
            return [response_to_invalid(request, source)]
        return self._receive_request(request, now)

    def answer(self, data: bytes, source: Hop, status: int, reason: str) -> list[Outgoing]:
        """Answer a whole request from `source` in the place of its destination; nothing for what is no request."""
        message = read(data)
        request = None if message.is_response else screen(message, len(data), source)
        if not isinstance(request, Request):
            return []
        return self._admission.refuse(request, FinalResponse(status, reason))

    def refused_by_worker(
        self, data: bytes, source: Hop, worker: str, status: int | None, why: str, now: float
    ) -> None:
        """A worker answered a message at its own address with an error for its form, or without a status ignored it."""
        if status is None:
            self._recorder.record_drop(why, read(data), source, now, worker=worker)
        else:
            self._recorder.record_refusal(read(data), source, status, why, worker=worker)

    def stay_in_dialogs(self, stay: bool) -> None:
        """Keep all requests of new calls on the way through the front door, also with UDP; by default only with TCP."""
        self._admission.stays_in_dialogs = stay

    def via_line(self, branch: bytes, hop: Hop) -> bytes:
        """The Via line of a request that the front door originates, to `hop`."""
        return self._address.via_line(branch, hop.transport, Hop(self._address.host, self._address.port))

    def call_ended(self, call_id: str, now: float, destination: Destination | None = None) -> list[Outgoing]:
        """A worker reported the end of a call; with `destination`, only its INVITEs at that worker."""
        call = self._calls.get(call_id)
        if call is None:
            return []
        for attempt in call.attempts.values():
            if attempt.state is not AttemptState.QUEUED and destination in (None, attempt.destination):
                self._calls.end_reported(attempt, now)
        return self._admission.serve_queues(now)

    def caller_ended(self, call_id: str, now: float) -> list[Outgoing]:
        """A worker reported the end of a call that it had dialled; frees its slot if a SIP client took it."""
        call = self._calls.get(call_id)
        for attempt in () if call is None else call.attempts.values():
            if attempt.destination is not None and attempt.destination.contact:
                self._calls.end_reported(attempt, now)
        return self._admission.serve_queues(now)

    def knows(self, call_id: str) -> bool:
        """Whether a call with this Call-ID has passed the front door."""
        return self._calls.get(call_id) is not None

    def worker_died(self, destination: Destination, now: float, dialogs: Iterable[SipDialog] = ()) -> list[Outgoing]:
        """End all calls of a dead worker: its callers get 480 or BYE, its callees CANCEL or BYE.

        `dialogs` are all that it had; those that did not pass the front door are ended by what they say.
        """
        out = self._teardown.worker_died(destination, now)
        return out + self._teardown.end_direct_calls(dialogs, destination) + self._admission.serve_queues(now)

    def delivery_failed(self, data: bytes, hop: Hop, now: float) -> list[Outgoing]:
        """A message could not be sent to `hop`: the sender of a request gets 503."""
        message = read(data)
        why = f"{hop.transport} peer not reachable"
        self._recorder.record_drop(why, message, hop, now)
        via = top_via(message)
        if message.is_response or via is None or message.start.startswith(b"ACK "):
            return []
        # The request has the front door's Via already, so its response is handled as if it had come from `hop`.
        data, _ = compose_response(message, via, hop, 503, f"Service Unavailable: {why}")
        response = Response.parse(read(data), hop)
        if response is None or response.next_hop is None:
            return []
        return [(forwarded_response(response, response.next_hop), response.next_hop)]

    def tick(self, now: float) -> list[Outgoing]:
        """Do everything that is due at `now`."""
        self._calls.remove_expired(now)
        self._recorder.flush_repeats(now)
        return self._admission.tick(now)

    def next_deadline(self, now: float) -> float | None:
        """When `tick` is due; None while nothing is pending."""
        moments = (
            self._calls.next_expiry,
            self._recorder.next_flush,
            self._admission.next_deadline(now),
        )
        return min((moment for moment in moments if moment is not None), default=None)

    # --- requests -------------------------------------------------------------------------------------------

    def _receive_request(self, request: Request, now: float) -> list[Outgoing]:
        if request.method == b"ACK":
            return self._receive_ack(request, now)
        if self._address.is_loop(request):
            return self._admission.refuse(request, LOOP_DETECTED)
        if request.to_tag is not None:
            return self._forward_in_dialog(request)
        if request.method == b"INVITE":
            refusal = self._screen_call(request)
            return self._admission.receive_invite(request, now) if refusal is None else [refusal]
        if request.method == b"CANCEL":
            return self._receive_cancel(request, now)
        return self._answer_out_of_dialog(request)

    def _screen_call(self, request: Request) -> Outgoing | None:
        """The challenge or refusal of a new INVITE that has to prove something; None for one that may go on."""
        if not self._guarded_hosts.is_guarded(request):
            return self._clients.screen_call(request)
        refusal = self._guarded_hosts.screen_call(request)
        if refusal is None:
            return None
        is_challenge = refusal.status == 407
        return final_response_to(request, refusal) if is_challenge else self._admission.refuse(request, refusal)[0]

    def _answer_out_of_dialog(self, request: Request) -> list[Outgoing]:
        if request.method == b"OPTIONS":
            headers = (("Allow", ALLOW), ("Accept", "application/sdp"))
            return [response_to(request, 200, "OK", headers)]
        answer = self._clients.register(request) if request.method == b"REGISTER" else None
        if answer is not None:
            return [answer]
        return self._admission.refuse(request, UNKNOWN_CALL if request.method == b"BYE" else METHOD_NOT_ALLOWED)

    def _forward_in_dialog(self, request: Request) -> list[Outgoing]:
        next_hop = self._hop_of_other_side(request)
        if next_hop is None:
            return self._admission.refuse(request, UNKNOWN_CALL)
        if request.max_forwards == 0:
            return self._admission.refuse(request, TOO_MANY_HOPS)
        return [self._forwarded(request, next_hop)]

    def _hop_of_other_side(self, request: Request) -> Hop | None:
        """Where a request within a call is sent: the tags say which side sent it. None for an unknown call."""
        call = self._calls.get(request.call_id)
        if call is None or call.destination is None or not call.destination.alive:
            return None
        if request.from_tag != call.caller_tag and request.to_tag == call.caller_tag:
            if call.by_source:
                return call.caller
            return caller_hop(request.uri, call.caller, self._destinations, sip_call_id=call.call_id)
        if request.source.connection is not None:
            call.caller = request.source
        return call.destination.hop

    def _forwarded(self, request: Request, next_hop: Hop) -> Outgoing:
        """A request within a call; a CANCEL, and the ACK of a refusal, have the URI that their INVITE got (§9.1)."""
        call = self._calls.get(request.call_id)
        attempt = None if call is None else call.attempts.get(forwarded_branch(request))
        to = None if attempt is None else attempt.destination
        uri = b"" if to is None else forwarded_uri(request, self._address, to.contact)
        return forwarded_request(request, self._address, next_hop, uri=uri), next_hop

    def _receive_ack(self, request: Request, now: float) -> list[Outgoing]:
        if (request.to_tag or b"").startswith(TO_TAG_PREFIX):
            return []
        next_hop = self._hop_of_other_side(request)
        if next_hop is None:
            return self._drop("ACK for an unknown call", request.message, request.source, now)
        self._note_ack(request)
        if request.max_forwards == 0 or self._address.is_loop(request):
            return self._drop("ACK with Max-Forwards 0 or in a loop", request.message, request.source, now)
        return [self._forwarded(request, next_hop)]

    def _note_ack(self, request: Request) -> None:
        """The ACK of a refusal has the branch of its INVITE (RFC 3261 §17.1.1.3)."""
        call = self._calls.get(request.call_id)
        attempt = None if call is None else call.attempts.get(forwarded_branch(request))
        if attempt is not None:
            attempt.acknowledged = True

    def _receive_cancel(self, request: Request, now: float) -> list[Outgoing]:
        call = self._calls.get(request.call_id)
        attempt = None if call is None else call.attempts.get(forwarded_branch(request))
        if attempt is None:
            return self._admission.refuse(request, UNKNOWN_CALL)
        if attempt.destination is not None and attempt.final_response is None:
            return self._forward_in_dialog(request)
        ok = response_to(request, 200, "OK")
        if attempt.state is AttemptState.QUEUED:
            return [ok, *self._admission.finish(attempt, REQUEST_TERMINATED, now)]
        return [ok]

    # --- responses ------------------------------------------------------------------------------------------

    def _receive_response(self, message: Message, source: Hop, now: float) -> list[Outgoing]:
        response = Response.parse(message, source)
        if response is None:
            return self._drop("malformed response", message, source, now)
        if self._address.is_own_via(response.via, OWN_BRANCH) or self._teardown.has_ended(response.call_id):
            return []  # to a request that the front door originated
        call = self._calls.get(response.call_id)
        if not self._address.is_own_via(response.via):
            return self._drop("response without the front door's Via", message, source, now)
        if call is None:
            return self._drop("response for an unknown call", message, source, now)
        if not _is_side_of(call, source):
            return self._drop("response from neither side of the call", message, source, now)
        return self._forward_response(response, call, now)

    def _forward_response(self, response: Response, call: CallEntry, now: float) -> list[Outgoing]:
        attempt = call.attempts.get(response.branch)
        if attempt is not None and attempt.abandoned:
            return self._teardown.response_to_abandoned(attempt, response)
        next_hop = response.next_hop
        if next_hop is None:
            return self._drop("response without a second Via", response.message, response.source, now)
        if attempt is not None and response.method == b"INVITE":
            self._update(attempt, response, now)
        elif response.ends_call:
            for one in call.attempts.values():
                self._calls.end(one, now)
        return [(forwarded_response(response, next_hop), next_hop), *self._admission.serve_queues(now)]

    def _update(self, attempt: CallAttempt, response: Response, now: float) -> None:
        attempt.responded = True
        if response.status >= 300:
            self._calls.end(attempt, now)
        elif response.status >= 200 and attempt.active:
            attempt.answered = True
            attempt.state = AttemptState.ESTABLISHED
            attempt.callee = response.message.value(b"to") or b""
            attempt.remote_target = contact_uri(response.message)

    def _drop(self, why: str, message: Message, source: Hop, now: float) -> list[Outgoing]:
        self._recorder.record_drop(why, message, source, now)
        return []


def _is_side_of(call: CallEntry, source: Hop) -> bool:
    """Whether a response comes from the call's worker or, for the worker's own requests, from its caller."""
    worker, caller = call.destination, call.caller
    if worker is not None and (source.host, source.port) == (worker.host, worker.port):
        return True
    return source.host == caller.host and (source.connection is not None or source.port == caller.port)
