"""State machines as tables: for each state and each input the possible transitions, and what each of them does.

The tables drive the code (`Machine.feed`), the exhaustive tests, and the diagrams in docs/reference/machines.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from fake_daily_server.telephony.machines.outputs import Output

S = TypeVar("S", bound=Enum)
M = TypeVar("M")
I_contra = TypeVar("I_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Action(Generic[M]):
    """A named step of a transition."""

    label: str
    outputs: Callable[[M], tuple[Output, ...]]
    """Takes the machine and returns what is to be done, possibly nothing."""


@dataclass(frozen=True, slots=True)
class Guard(Generic[M]):
    """A named condition of a transition."""

    label: str
    holds: Callable[[M], bool]


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, M]):
    """The next state, and the actions on the way, in order. It is taken when its guard holds or when it has none."""

    to: S
    actions: tuple[Action[M], ...] = ()
    guard: Guard[M] | None = None


Table = Mapping[tuple[S, type[object]], tuple[Transition[S, M], ...]]
"""Of each state and kind of input the transitions in order of precedence; the last one has no guard."""

Ignored = Mapping[tuple[S, type[object]], str]
"""Of each state and kind of input that does nothing there, the reason why."""


def ignored_inputs(reasons: Mapping[S, Mapping[tuple[type[object], ...], str]]) -> Ignored[S]:
    """Expand `{state: {(input, ...): reason}}` to one entry for each state and input."""
    return MappingProxyType(
        {
            (state, kind): reason
            for state, groups in reasons.items()
            for kinds, reason in groups.items()
            for kind in kinds
        }
    )


class Machine(Generic[S, I_contra]):
    """Runs a table. Subclasses define `table`, `ignored`, and the attributes that guards and actions read."""

    table: Table[S, Any]
    ignored: Ignored[S]
    state: S

    def feed(self, given: I_contra) -> tuple[Output, ...]:
        """Take one input; returns what is to be done now, in order.

        Raises TypeError for an object that is not an input of this machine.
        """
        pair = (self.state, type(given))
        if pair in self.ignored:
            return ()
        if pair not in self.table:
            raise TypeError(f"{given!r} is not an input of {type(self).__name__}")
        self._remember_input(given)
        transition = next(each for each in self.table[pair] if each.guard is None or each.guard.holds(self))
        outputs = tuple(output for action in transition.actions for output in action.outputs(self))
        self.state = transition.to
        self._remember_outputs(outputs)
        return outputs

    def _remember_input(self, given: I_contra) -> None:
        """Store what later guards and actions need of an input that is not ignored."""
        raise NotImplementedError

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        """Store what has been done, for actions that happen at most once. By default nothing is stored."""
