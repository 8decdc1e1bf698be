"""New calls: each gets a worker at once, after a short wait, or a refusal that is remembered for retransmissions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simulator.front_door import replies
from simulator.front_door.account import Account
from simulator.front_door.calls import Call, Calls, SetUp, Stage
from simulator.front_door.guard import Request
from simulator.front_door.invite import Switch, ask
from simulator.front_door.pacing import OVERLOADED, Destination, Group, Refusal
from simulator.front_door.rewriting import Own, branch_of, forwarded
from simulator.front_door.wire import Hop, Out

LONGEST_WAIT = 0.4
"""Seconds that an INVITE waits for a worker: below T1, so that no peer retransmits."""
LONGEST_SILENCE = 2.0
"""Seconds after which a worker without any response has dropped the INVITE, as PJSIP does with malformed ones."""

WORKER_SILENT = Refusal(408, "Request Timeout: the line did not respond within 2 s")
TOO_MANY_HOPS = Refusal(483, "Too Many Hops")
MERGED = Refusal(482, "Loop Detected: the same INVITE came another way")


class Reception:
    """Takes INVITEs without To tag. `grow` is called with a group that has no free slot for a waiting call."""

    def __init__(
        self,
        own: Own,
        calls: Calls,
        account: Account,
        *,
        switch: Switch,
        grow: Callable[[Group], None],
        wake: Callable[[], None],
    ) -> None:
        self._own = own
        self._calls = calls
        self._account = account
        self._switch = switch
        self._grow = grow
        self._wake = wake
        self._queues: dict[Group, deque[SetUp]] = {}
        self._unanswered: deque[SetUp] = deque()

    def invite(self, request: Request, now: float) -> list[Out]:
        """A new call, a retransmission of one, or another INVITE in a call that is there."""
        branch = branch_of(request)
        call = self._calls.get(request.call_id)
        known = None if call is None else call.setups.get(branch)
        if known is not None:
            return self._again(known, request)
        if request.hops == 0:
            return self.refuse(request, TOO_MANY_HOPS)
        if call is not None and _merges(call, request):
            return self.refuse(request, MERGED)
        setup = SetUp(branch, request)
        if call is not None and call.live and call.destination is not None:
            return self._beside(setup, call.destination, now)
        way = ask(self._switch, request)
        self._calls.add(setup)
        if isinstance(way, Refusal):
            return self.finish(setup, way, now)
        return self._begin(setup, way, None if call is None else call.destination, now)

    def refuse(self, request: Request, refusal: Refusal) -> list[Out]:
        """The front door's own response, recorded and not remembered."""
        self._account.refused(request.message, request.source, refusal.status, refusal.reason)
        return [replies.answer(request, refusal.status, refusal.reason, refusal.headers)]

    def finish(self, setup: SetUp, refusal: Refusal, now: float) -> list[Out]:
        """The front door's own final response to an INVITE, repeated should the INVITE come again."""
        out = self.refuse(setup.request, refusal)
        setup.final = out[0]
        self._calls.over(setup, now)
        return out

    def serve(self, now: float) -> list[Out]:
        """Let waiting INVITEs go where a slot has come free, in their order; refuse those that waited too long."""
        out: list[Out] = []
        for group, queue in tuple(self._queues.items()):
            while queue:
                settled = self._settle(queue[0], group, now)
                if settled is None:
                    break
                out += settled
                queue.popleft()
            if not queue:
                del self._queues[group]
                group.forget(self._slot_free)
        return out

    def tick(self, now: float) -> list[Out]:
        """Do what is due."""
        out = self.serve(now)
        while self._unanswered and self._unanswered[0].deadline <= now:
            setup = self._unanswered.popleft()
            if setup.stage is Stage.PENDING and not setup.responded:
                setup.orphaned = True
                out += self.finish(setup, WORKER_SILENT, now)
        return out + self.serve(now)

    def next_deadline(self, now: float) -> float | None:
        """When `tick` has something to do; None when never."""
        moments: list[float | None] = [self._unanswered[0].deadline] if self._unanswered else []
        for group, queue in self._queues.items():
            moments += (queue[0].deadline, group.next_token(now))
        return min((moment for moment in moments if moment is not None), default=None)

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
        return self.finish(setup, OVERLOADED, now)

    def _begin(self, setup: SetUp, group: Group, prefer: Destination | None, now: float) -> list[Out]:
        queue = self._queues.get(group)
        destination = None if queue else group.choose(now, prefer=prefer)
        if destination is not None:
            return self._place(setup, destination, now)
        if group.when_full is not None and len(group) and not group.has_slot:
            return self.finish(setup, group.when_full, now)
        if queue is None:
            queue = self._queues[group] = deque()
            group.listen(self._slot_free)
        setup.deadline = now + LONGEST_WAIT
        queue.append(setup)
        if group.grow is not None and not group.has_slot:
            self._grow(group)
        return [replies.answer(setup.request, 100, "Trying")]

    def _settle(self, setup: SetUp, group: Group, now: float) -> list[Out] | None:
        """What becomes of the first in a queue; None when it has to wait on."""
        if setup.stage is not Stage.WAITING:
            return []
        destination = group.choose(now)
        if destination is not None:
            return self._place(setup, destination, now)
        return self.finish(setup, OVERLOADED, now) if setup.deadline <= now else None

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

    def _slot_free(self, _group: Group) -> None:
        self._wake()


def _merges(call: Call, request: Request) -> bool:
    """Whether the same request came over another path (RFC 3261 §8.2.2.2)."""
    known = (setup.request for setup in call.setups.values() if setup.live)
    return any(one.cseq == request.cseq and one.from_tag == request.from_tag for one in known)
