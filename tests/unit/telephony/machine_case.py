"""What the tests of all machine tables need to know about one machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from fake_daily_server.telephony.machines.machine import Machine


@dataclass(frozen=True)
class MachineCase:
    """A machine, samples of its inputs, and what each of them does in each state."""

    name: str
    make: Callable[[], Machine[Any, Any]]
    """Makes a machine in its first state."""
    kinds: frozenset[type[object]]
    """The classes of its inputs."""
    samples: tuple[Any, ...]
    """At least one input of each class."""
    paths: Mapping[Any, tuple[Any, ...]]
    """Of each state the inputs that lead there."""
    expected: Mapping[tuple[Any, Any], tuple[Enum, list[str]]]
    """Of each state and sample that is not ignored there, the next state and the short names of the outputs."""

    def in_state(self, state: Enum) -> Machine[Any, Any]:
        """A machine that has been led to this state."""
        machine = self.make()
        for given in self.paths[state]:
            machine.feed(given)
        return machine

    @property
    def states(self) -> tuple[Enum, ...]:
        """All states of the machine."""
        states: type[Enum] = type(self.make().state)
        return tuple(states)
