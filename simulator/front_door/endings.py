"""Calls that lost one side: a worker died, or answers after nobody waits any more."""

from __future__ import annotations

from simulator.front_door import farewell
from simulator.front_door.account import Account
from simulator.front_door.calls import Calls, SetUp, Stage
from simulator.front_door.pacing import Destination, Refusal
from simulator.front_door.reception import Reception
from simulator.front_door.responses import Response
from simulator.front_door.rewriting import Own
from simulator.front_door.wire import Out

JUST_NOW = 0.5
"""Seconds before a worker's death in which its calls' ends, told by its owner, are put down to that death."""

WORKER_DIED = Refusal(480, "Temporarily Unavailable: the process of this line died")


class Endings:
    """Ends calls in the place of a side that cannot do it."""

    def __init__(self, own: Own, calls: Calls, account: Account, reception: Reception) -> None:
        self._own = own
        self._calls = calls
        self._account = account
        self._reception = reception

    def lost(self, worker: Destination, now: float) -> list[Out]:
        """A worker died: its callers get 480 or BYE, and those it was calling CANCEL or BYE."""
        worker.alive = False
        out: list[Out] = []
        for call in self._calls:
            for setup in tuple(call.setups.values()):
                stage = _stage_before(setup, now)
                if stage is Stage.OVER:
                    continue
                if setup.destination is worker:
                    out += self._tell_caller(setup, stage, worker, now)
                elif _came_from(setup, worker):
                    out += self._tell_callee(setup, stage, worker, now)
        return out

    def unwanted(self, setup: SetUp, response: Response) -> list[Out]:
        """A worker answers an INVITE that nobody waits for: take it back, or end what it has begun."""
        worker = setup.destination
        if response.method != b"INVITE" or worker is None:
            return []
        if response.status < 200:
            return self._cancel(setup, worker)
        to = response.message.value(b"to") or b""
        if response.status >= 300:
            return [farewell.ack_of_refusal(setup, worker, to, self._own)]
        setup.to, setup.contact = to, farewell.contact_of(response.message)
        return [
            farewell.ack_of_success(setup, worker, self._own),
            farewell.bye_to_worker(setup, worker, self._own),
        ]

    def _tell_caller(self, setup: SetUp, stage: Stage, worker: Destination, now: float) -> list[Out]:
        call_id = setup.request.call_id
        if stage is Stage.PENDING:
            self._account.did("480 to the caller", call_id, worker.address, "its worker died")
            return self._reception.finish(setup, WORKER_DIED, now)
        self._account.did("BYE to the caller", call_id, worker.address, "its worker died")
        self._calls.over(setup, now)
        return [farewell.bye_to_caller(setup, self._own)]

    def _tell_callee(self, setup: SetUp, stage: Stage, dead: Destination, now: float) -> list[Out]:
        worker, established = setup.destination, stage is Stage.ESTABLISHED
        setup.orphaned = True
        self._calls.over(setup, now)
        if worker is None:
            return []
        deed = "BYE to the callee" if established else "CANCEL to the callee"
        self._account.did(deed, setup.request.call_id, dead.address, "the calling worker died")
        if established:
            return [farewell.bye_to_worker(setup, worker, self._own)]
        return self._cancel(setup, worker) if setup.responded else []

    def _cancel(self, setup: SetUp, worker: Destination) -> list[Out]:
        if setup.cancelled:
            return []
        setup.cancelled = True
        return [farewell.cancel(setup, worker, self._own)]


def _stage_before(setup: SetUp, now: float) -> Stage:
    """How far it is, or was just before its owner said that it is over: owners may tell that before the death."""
    if setup.told is None:
        return setup.stage
    stage, when = setup.told
    return stage if now - when < JUST_NOW else Stage.OVER


def _came_from(setup: SetUp, worker: Destination) -> bool:
    source = setup.request.source
    by_udp = (source.host, source.port) == (worker.host, worker.port)
    return by_udp or setup.request.via.sent_by == worker.address.encode()
