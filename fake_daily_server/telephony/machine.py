"""State machines as tables: for each state and each input the arcs that may be taken, and what they do.

The table drives the code (`Machine.feed`), the exhaustive tests, and the diagrams of docs/reference/machines.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from fake_daily_server.telephony.outputs import Output

S = TypeVar("S", bound=Enum)
M = TypeVar("M")
I_contra = TypeVar("I_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Act(Generic[M]):
    """A named step of an arc; `make` gives the outputs for a session, possibly none."""

    label: str
    make: Callable[[M], tuple[Output, ...]]


@dataclass(frozen=True, slots=True)
class Guard(Generic[M]):
    """A named condition of an arc."""

    label: str
    holds: Callable[[M], bool]


@dataclass(frozen=True, slots=True)
class Arc(Generic[S, M]):
    """The next state and the steps on the way, if `when` holds. The last arc of a cell has no `when`."""

    to: S
    do: tuple[Act[M], ...] = ()
    when: Guard[M] | None = None


Table = Mapping[tuple[S, type[object]], tuple[Arc[S, M], ...]]
Ignored = Mapping[tuple[S, type[object]], str]
"""Why an input does nothing in a state."""


def ignoring(reasons: Mapping[S, Mapping[tuple[type[object], ...], str]]) -> Ignored[S]:
    """Spell out {state: {(inputs…): why}} to one entry per pair."""
    return MappingProxyType(
        {(state, kind): why for state, groups in reasons.items() for kinds, why in groups.items() for kind in kinds}
    )


class Machine(Generic[S, I_contra]):
    """Runs a table. Subclasses give `table`, `ignored` and the facts that guards and acts read."""

    table: Table[S, Any]
    ignored: Ignored[S]
    state: S

    def feed(self, fact: I_contra) -> tuple[Output, ...]:
        """Take one input; returns what to do now, in order. Raises TypeError for what is no input of it."""
        cell = (self.state, type(fact))
        if cell in self.ignored:
            return ()
        if cell not in self.table:
            raise TypeError(f"{fact!r} is no input of {type(self).__name__}")
        self._learn(fact)
        arc = next(arc for arc in self.table[cell] if arc.when is None or arc.when.holds(self))
        outputs = tuple(output for act in arc.do for output in act.make(self))
        self.state = arc.to
        self._note(outputs)
        return outputs

    def _learn(self, fact: I_contra) -> None:
        """Keep what later guards and acts need of an input that is not ignored."""
        raise NotImplementedError

    def _note(self, outputs: tuple[Output, ...]) -> None:
        """Keep what was done, for acts that are done at most once."""
        raise NotImplementedError
