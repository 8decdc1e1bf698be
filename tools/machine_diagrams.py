"""`python -m tools.machine_diagrams` generates docs/reference/machines.md: a state diagram of each call machine."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any

from fake_daily_server.telephony.machines.all_machines import MACHINES
from fake_daily_server.telephony.machines.machine import Machine, Table, Transition

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "machines.md"

INTRODUCTION = """\
# The call machines

Drawn from the tables in `fake_daily_server/telephony/machines/` by `make generate`; do not edit.

The label of an arrow names the inputs that take it (the classes of `machines/inputs.py`), its condition in brackets,
and below them what happens, in order. Events of clients begin with `dialout-`, `dialin-` or `participant-`, events of
webhooks with `calltransfer.`.
Of several arrows for one input, the first whose condition holds is taken, or else the one without a condition. An input
without an arrow in a state is ignored there, for the reason given in the table below the diagram.
"""


def page() -> str:
    """The text of docs/reference/machines.md."""
    sections = (INTRODUCTION, *(_section(machine) for machine in MACHINES))
    return "\n".join(sections)


def _section(machine: type[Machine[Any, Any]]) -> str:
    table, ignored = machine.table, machine.ignored
    some_state: Enum = next(iter(table))[0]
    states = list(type(some_state))
    first = states[0]
    lines = [f"## {machine.title}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state.value}" as {state.name}' for state in states]
    lines.append(f"    [*] --> {first.name}")
    lines += _arrows(table)
    lines += [f"    {state.name} --> [*]" for state in states if state not in {s for s, _ in table}]
    lines += ["```", "", "| state | ignored inputs | reason |", "|---|---|---|"]
    for (state, reason), pairs in groupby(ignored.items(), key=lambda item: (item[0][0], item[1])):
        names = ", ".join(kind.__name__ for (_, kind), _ in pairs)
        lines.append(f"| {state.value} | {names} | {reason} |")
    return "\n".join([*lines, ""])


def _arrows(table: Table[Any, Any]) -> Iterator[str]:
    """The diagram's lines, one per transition; inputs of a state that lead to the same transition share a line."""
    merged: dict[tuple[Enum, Transition[Any, Any]], list[str]] = {}
    for (state, kind), transitions in table.items():
        for transition in transitions:
            merged.setdefault((state, transition), []).append(kind.__name__)
    for (state, transition), kinds in merged.items():
        condition = f" [{transition.guard.label}]" if transition.guard else ""
        label = "<br/>".join([" or ".join(kinds) + condition, *(action.label for action in transition.actions)])
        yield f"    {state.name} --> {transition.to.name}: {label}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
