"""A worker process that takes calls: its user agent, and the destination by which the front door sends calls to it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.front_door import Destination
from simulator.useragent.handle import UserAgent
from simulator.useragent.messages import MAX_CALLS


@dataclass(frozen=True, slots=True, eq=False)
class LeasedWorker:
    """A user agent that a phone or the gateway has leased, and its destination. Compared by identity."""

    agent: UserAgent
    destination: Destination

    @classmethod
    def of(cls, agent: UserAgent) -> LeasedWorker:
        """The worker of a user agent, with all of its call slots free."""
        return cls(agent, Destination(agent.address, slots=MAX_CALLS, runs=lambda: agent.alive))

    @property
    def has_free_slot(self) -> bool:
        """Whether the worker can take another call."""
        return self.destination.has_free_slot
