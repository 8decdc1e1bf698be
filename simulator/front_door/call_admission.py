"""Admission of new calls: an INVITE gets a worker at once or after a short wait in a queue, or it is refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simulator.front_door.call_table import AttemptState, CallAttempt, CallEntry, CallTable
from simulator.front_door.final_responses import (
    CLIENT_SILENT,
    MERGED_REQUEST,
    OVERLOADED,
    TOO_MANY_HOPS,
    WORKER_SILENT,
    FinalResponse,
)
from simulator.front_door.forwarding import forwarded_request, forwarded_uri
from simulator.front_door.load_balancing import PERIOD, Destination, DestinationGroup
from simulator.front_door.own_responses import final_response_to, response_to
from simulator.front_door.proxy_address import ProxyAddress, forwarded_branch
from simulator.front_door.recorder import Recorder
from simulator.front_door.routing import CallRouter, route
from simulator.sip_requests.hop import Outgoing
from simulator.sip_requests.request import Request

MAX_QUEUE_TIME = PERIOD + 0.1
"""Seconds that an INVITE waits for a place at a worker, after 100 Trying.

More than the longest wait that the set-up rate of a worker with a free slot can cause, so that a peer that calls again
and again is slowed down and never refused.
"""
MAX_START_TIME = 5.0
"""Seconds that an INVITE waits when no worker of its group runs: the one that replaces a dead one starts meanwhile."""
MAX_WORKER_SILENCE = 2.0
"""Seconds without any response after which a worker has discarded an INVITE, as PJSIP does with some malformed ones."""


class CallAdmission:
    """Handles INVITEs without To tag.

    `grow` is called with a group when an INVITE is queued because the group has no free slot; `wake` when a group's
    slot became free and `tick` should run soon.
    """

    def __init__(
        self,
        proxy: ProxyAddress,
        calls: CallTable,
        recorder: Recorder,
        *,
        router: CallRouter,
        grow: Callable[[DestinationGroup], None],
        wake: Callable[[], None],
    ) -> None:
        self._proxy = proxy
        self._calls = calls
        self._recorder = recorder
        self._router = router
        self._grow = grow
        self._wake = wake
        self.stays_in_dialogs = False
        """Whether new calls over UDP, too, send all their requests through the front door."""
        self._queues: dict[DestinationGroup, deque[CallAttempt]] = {}
        self._awaiting_response: deque[CallAttempt] = deque()
        """Forwarded attempts, oldest first."""

    def receive_invite(self, request: Request, now: float) -> list[Outgoing]:
        """Handle a new INVITE, a retransmission of one, or another INVITE with the Call-ID of a present call."""
        branch = forwarded_branch(request)
        call = self._calls.get(request.call_id)
        known = None if call is None else call.attempts.get(branch)
        if known is not None:
            return self._retransmission(known, request)
        if request.max_forwards == 0:
            return self.refuse(request, TOO_MANY_HOPS)
        if call is not None and _is_merged(call, request):
            return self.refuse(request, MERGED_REQUEST)
        attempt = CallAttempt(branch, request)
        if call is not None and call.active and call.destination is not None:
            return self._forward_to_same_worker(attempt, call.destination, now)
        target = route(self._router, request, forwarded_uri(request, self._proxy, b""))
        self._calls.add(attempt)
        if isinstance(target, FinalResponse):
            return self.finish(attempt, target, now)
        return self._forward_or_queue(attempt, target, None if call is None else call.destination, now)

    def refuse(self, request: Request, final: FinalResponse) -> list[Outgoing]:
        """Refuse a request statelessly, and record that."""
        self._recorder.record_refusal(
            request.message, request.source, final.status, final.reason, because=final.because
        )
        return [final_response_to(request, final)]

    def finish(self, attempt: CallAttempt, final: FinalResponse, now: float) -> list[Outgoing]:
        """Refuse an INVITE and remember the response for its retransmissions."""
        out = self.refuse(attempt.request, final)
        attempt.final_response = out[0]
        self._calls.end(attempt, now)
        return out

    def serve_queues(self, now: float) -> list[Outgoing]:
        """Forward queued INVITEs, oldest first, to workers that can take them; refuse those queued for too long.

        A group without a free slot for the others is asked to grow.
        """
        out: list[Outgoing] = []
        for group, queue in tuple(self._queues.items()):
            while queue:
                outcome = self._serve(queue[0], group, now)
                if outcome is None:
                    break
                out += outcome
                queue.popleft()
            if not queue:
                del self._queues[group]
                group.remove_listener(self._on_free_slot)
            elif group.grow is not None and not group.has_free_slot:
                self._grow(group)
        return out

    def tick(self, now: float) -> list[Outgoing]:
        """Serve the queues, and refuse INVITEs whose worker did not respond in time."""
        out = self.serve_queues(now)
        while self._awaiting_response and self._awaiting_response[0].deadline <= now:
            attempt = self._awaiting_response.popleft()
            if attempt.state is AttemptState.PENDING and not attempt.responded:
                attempt.abandoned = True
                is_client = attempt.destination is not None and attempt.destination.contact
                out += self.finish(attempt, CLIENT_SILENT if is_client else WORKER_SILENT, now)
        return out + self.serve_queues(now)

    def next_deadline(self, now: float) -> float | None:
        """When `tick` is due; None while nothing waits."""
        moments: list[float | None] = [self._awaiting_response[0].deadline] if self._awaiting_response else []
        for group, queue in self._queues.items():
            moments += (queue[0].deadline, group.next_setup_at(now))
        return min((moment for moment in moments if moment is not None), default=None)

    def _retransmission(self, attempt: CallAttempt, request: Request) -> list[Outgoing]:
        if attempt.final_response is not None:
            return [attempt.final_response]
        if attempt.answered or attempt.acknowledged:
            return []  # absorbed: a worker would take it for another call (RFC 6026 §7.1)
        if attempt.destination is None or not attempt.destination.alive or request.max_forwards == 0:
            return []
        return [self._forwarded(request, attempt.destination)]

    def _forward_to_same_worker(self, attempt: CallAttempt, destination: Destination, now: float) -> list[Outgoing]:
        """Another INVITE with the Call-ID of an active call: it goes to the same worker, or is refused."""
        self._calls.add(attempt)
        if destination.has_free_slot and destination.next_setup_at(now) <= now:
            return self._forward(attempt, destination, now)
        return self.finish(attempt, OVERLOADED, now)

    def _forward_or_queue(
        self, attempt: CallAttempt, group: DestinationGroup, prefer: Destination | None, now: float
    ) -> list[Outgoing]:
        if group.closed is not None:
            return self.finish(attempt, group.closed, now)
        queue = self._queues.get(group)
        destination = None if queue else group.choose(now, prefer=prefer)
        if destination is not None:
            return self._forward(attempt, destination, now)
        asks = group.when_full is not None and group.full
        if asks and group.settle is None:
            return self.finish(attempt, group.when_full or OVERLOADED, now)
        if queue is None:
            queue = self._queues[group] = deque()
            group.add_listener(self._on_free_slot)
        attempt.deadline = now + (MAX_QUEUE_TIME if group.has_running_member else MAX_START_TIME)
        queue.append(attempt)
        if asks and group.settle is not None:
            group.settle(lambda: self._on_settled(attempt))
        elif group.grow is not None and not group.has_free_slot:
            self._grow(group)
        return [response_to(attempt.request, 100, "Trying")]

    def _serve(self, attempt: CallAttempt, group: DestinationGroup, now: float) -> list[Outgoing] | None:
        """Forward or refuse the first INVITE of a queue; None when it has to stay in the queue."""
        if attempt.state is not AttemptState.QUEUED:
            return []
        if group.closed is not None:
            return self.finish(attempt, group.closed, now)
        destination = group.choose(now)
        if destination is not None:
            return self._forward(attempt, destination, now)
        if group.when_full is not None and group.full and (attempt.settled or attempt.deadline <= now):
            return self.finish(attempt, group.when_full, now)
        return self.finish(attempt, OVERLOADED, now) if attempt.deadline <= now else None

    def _forward(self, attempt: CallAttempt, destination: Destination, now: float) -> list[Outgoing]:
        destination.reserve(attempt.slot_key, now)
        attempt.state = AttemptState.PENDING
        attempt.destination = destination
        attempt.deadline = now + MAX_WORKER_SILENCE
        self._awaiting_response.append(attempt)
        call = self._calls.get(attempt.request.call_id)
        if call is not None:
            call.destination = destination
        return [self._forwarded(attempt.request, destination)]

    def _forwarded(self, request: Request, destination: Destination) -> Outgoing:
        next_hop, contact = destination.hop, destination.contact
        stays = self.stays_in_dialogs or request.source.connection is not None or request.from_client or bool(contact)
        uri = forwarded_uri(request, self._proxy, contact)
        return forwarded_request(request, self._proxy, next_hop, record_route=stays, uri=uri), next_hop

    def _on_settled(self, attempt: CallAttempt) -> None:
        attempt.settled = True
        self._wake()

    def _on_free_slot(self, _group: DestinationGroup) -> None:
        self._wake()


def _is_merged(call: CallEntry, request: Request) -> bool:
    """Whether the same request has arrived on another path (RFC 3261 §8.2.2.2)."""
    known = (attempt.request for attempt in call.attempts.values() if attempt.active)
    return any(one.cseq == request.cseq and one.from_tag == request.from_tag for one in known)
