"""Draws docs/reference/machines.md from the tables of the machines.

`python -m fake_daily_server.telephony.diagrams > docs/reference/machines.md` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from itertools import groupby
from typing import Any

from fake_daily_server.telephony import dialin, dialout, held, pin, refer, transfer
from fake_daily_server.telephony.machine import Arc, Ignored, Table

INTRODUCTION = """\
# The call machines

Drawn from the tables in `fake_daily_server/telephony/` by
`python -m fake_daily_server.telephony.diagrams > docs/reference/machines.md`; do not edit by hand.

An arrow names its inputs (the classes of `telephony/inputs.py`), a condition in brackets, and below them what
happens, in order. What begins with `dialout-`, `dialin-` or `participant-` is seen by the clients of the room, and
what begins with `calltransfer.` by webhooks.
Of two arrows for one input, the one without a condition is taken when the other's does not hold. An input that
has no arrow in a state is ignored there, for the reason in the table below the diagram.
"""


def page() -> str:
    """The whole of docs/reference/machines.md."""
    sections = (
        INTRODUCTION,
        _section("Dial-out", dialout.DialOutState.NEW, dialout.TABLE, dialout.IGNORED),
        _section("Dial-in", dialin.DialInState.NEW, dialin.TABLE, dialin.IGNORED),
        _section("Held caller (pinless dial-in)", held.HeldState.NEW, held.TABLE, held.IGNORED),
        _section("Caller with a code (PIN dial-in)", pin.PinState.NEW, pin.TABLE, pin.IGNORED),
        _section("Transfer (sipCallTransfer)", transfer.TransferState.NEW, transfer.TABLE, transfer.IGNORED),
        _section("REFER (sipRefer)", refer.ReferState.NEW, refer.TABLE, refer.IGNORED),
    )
    return "\n".join(sections)


def _section(title: str, first: Enum, table: Table[Any, Any], ignored: Ignored[Any]) -> str:
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state.value}" as {state.name}' for state in type(first)]
    lines.append(f"    [*] --> {first.name}")
    lines += _arrows(table)
    lines += [f"    {state.name} --> [*]" for state in type(first) if state not in {s for s, _ in table}]
    lines += ["```", "", "| state | ignored | why |", "|---|---|---|"]
    for (state, why), pairs in groupby(ignored.items(), key=lambda item: (item[0][0], item[1])):
        names = ", ".join(kind.__name__ for (_, kind), _ in pairs)
        lines.append(f"| {state.value} | {names} | {why} |")
    return "\n".join([*lines, ""])


def _arrows(table: Table[Any, Any]) -> Iterator[str]:
    """One line per arc; inputs of a state that do the very same share one."""
    merged: dict[tuple[Enum, Arc[Any, Any]], list[str]] = {}
    for (state, kind), arcs in table.items():
        for arc in arcs:
            merged.setdefault((state, arc), []).append(kind.__name__)
    for (state, arc), kinds in merged.items():
        condition = f" [{arc.when.label}]" if arc.when else ""
        label = "<br/>".join([" or ".join(kinds) + condition, *(act.label for act in arc.do)])
        yield f"    {state.name} --> {arc.to.name}: {label}"


if __name__ == "__main__":
    sys.stdout.write(page())
