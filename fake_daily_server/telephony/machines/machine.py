"""State machines as tables: the possible transitions for each state and input, and the actions of each transition.

The tables drive the code (`Machine.feed`), the exhaustive tests, and the diagrams in docs/reference/machines.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar

from fake_daily_server.telephony.machines.outputs import Output

S = TypeVar("S", bound=Enum)
M = TypeVar("M")
I_contra = TypeVar("I_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Action(Generic[M]):
    """A named step of a transition."""

    label: str
    outputs: Callable[[M], tuple[Output, ...]]
    """Returns the outputs of the action for a given machine; may return none."""


@dataclass(frozen=True, slots=True)
class Guard(Generic[M]):
    """A named condition of a transition."""

    label: str
    holds: Callable[[M], bool]


@dataclass(frozen=True, slots=True)
class Transition(Generic[S, M]):
    """The next state, and the actions in order. A transition is taken if it has no guard or its guard holds."""

    to: S
    actions: tuple[Action[M], ...] = ()
    guard: Guard[M] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One transition that was taken, or can be: the state, the input, the condition that held, the next state."""

    state: str
    input: str
    """The class name of the input."""
    guard: str | None
    to: str

    def __str__(self) -> str:
        condition = f" [{self.guard}]" if self.guard else ""
        return f"{self.state} -> {self.to}: {self.input}{condition}"

    @classmethod
    def of(cls, state: Enum, kind: type[object], transition: Transition[Any, Any]) -> Step:
        """The step that an input of the class `kind` takes by this transition."""
        guard = transition.guard
        return cls(state.value, kind.__name__, guard.label if guard else None, transition.to.value)


Table = Mapping[tuple[S, type[object]], tuple[Transition[S, M], ...]]
"""The transitions for each state and input class, in order of precedence; the last one has no guard."""

Ignored = Mapping[tuple[S, type[object]], str]
"""The input classes that each state ignores, with the reason."""


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
    """Runs a table. Subclasses define `title`, `table`, `ignored`, and the attributes that guards and actions read."""

    title: ClassVar[str]
    """What the machine is for, as the heading of its diagram says it."""
    table: Table[S, Any]
    ignored: Ignored[S]
    state: S
    taken: Step | None = None
    """The step that the latest input has taken; None if it was ignored."""

    def feed(self, given: I_contra) -> tuple[Output, ...]:
        """Process one input; returns the outputs to perform, in order.

        Raises TypeError for an object that is not an input of this machine.
        """
        pair = (self.state, type(given))
        self.taken = None
        if pair in self.ignored:
            return ()
        if pair not in self.table:
            raise TypeError(f"{given!r} is not an input of {type(self).__name__}")
        self._remember_input(given)
        transition = next(each for each in self.table[pair] if each.guard is None or each.guard.holds(self))
        outputs = tuple(output for action in transition.actions for output in action.outputs(self))
        self.taken = Step.of(self.state, type(given), transition)
        self.state = transition.to
        self._remember_outputs(outputs)
        return outputs

    def _remember_input(self, given: I_contra) -> None:
        """Store what later guards and actions need to know about an input that is not ignored."""
        raise NotImplementedError

    def _remember_outputs(self, outputs: tuple[Output, ...]) -> None:
        """Store which outputs were returned, for actions that are taken at most once. By default nothing is stored."""
