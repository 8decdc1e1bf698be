"""The workers of one phone: a phone has one for every four of its lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from simulator.errors import LineBusy
from simulator.front_door import DestinationGroup, FinalResponse
from simulator.leased_worker import LeasedWorker
from simulator.useragent.handle import UserAgent
from simulator.useragent.pending_ends import hear_pending_ends
from simulator.waiting import Changes


class PhoneWorkers:
    """The workers behind one number.

    The front door sends each incoming call to the worker with the fewest calls, as a PBX hunts for a free line, and
    refuses it with 486 when all slots are in use.
    """

    def __init__(self, phone: str, when_full: str) -> None:
        """`phone` is its name; `when_full` says in words why a call that finds all slots in use is refused."""
        self.group = DestinationGroup(
            name=phone,
            when_full=FinalResponse(LineBusy.status, LineBusy.reason, because=when_full),
            settle=self._settle,
        )
        """The destination of the phone's incoming calls at the front door."""
        self.expected = 0
        """Number of workers that are being started for the phone."""
        self._phone = phone
        self._workers: list[LeasedWorker] = []
        self._changes = Changes()
        self._settling: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._workers)

    def __iter__(self) -> Iterator[LeasedWorker]:
        return iter(tuple(self._workers))

    @property
    def complete(self) -> bool:
        """Whether the phone has workers, and none is being started for it."""
        return bool(self._workers) and not self.expected

    def expect_one(self) -> None:
        """Count a worker that is being started for the phone."""
        self.expected += 1

    def expect_one_less(self) -> None:
        """Count a worker that has been started, or could not be."""
        self.expected -= 1
        self._changes.notify()

    def add(self, agent: UserAgent) -> LeasedWorker:
        """Send calls of the phone to a user agent."""
        worker = LeasedWorker.of(agent)
        self._workers.append(worker)
        self.group.add(worker.destination)
        agent.on_held_slots = lambda: self.group.slots_held(worker.destination, agent.held_slots)
        self._changes.notify()
        return worker

    def remove(self, worker: LeasedWorker) -> None:
        """Send no more calls to a worker, and hear nothing of its calls any more."""
        self._workers.remove(worker)
        self.group.remove(worker.destination)
        agent = worker.agent
        agent.on_incoming = agent.on_referred = agent.on_crash = agent.on_held_slots = None

    async def wait_complete(self, *, within: float) -> bool:
        """Wait until the phone is `complete`; False if it is not after `within` seconds."""
        return await self._changes.until(lambda: self.complete or None, within=within) is not None

    async def free_worker(self, *, within: float) -> LeasedWorker | None:
        """The running worker with the fewest calls, full or not; None if there is none after `within` seconds."""
        return await self._changes.until(self._least_loaded, within=within)

    def _least_loaded(self) -> LeasedWorker | None:
        running = (worker for worker in self._workers if worker.agent.alive)
        return min(running, key=lambda worker: worker.destination.slots_in_use, default=None)

    def _settle(self, settled: Callable[[], None]) -> None:
        """Call `settled` when all ends of the phone's calls that its workers know of are known here."""
        agents = [worker.agent for worker in self._workers]
        task = asyncio.get_running_loop().create_task(hear_pending_ends(agents), name=f"ends of calls of {self._phone}")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        task.add_done_callback(lambda _: settled())
