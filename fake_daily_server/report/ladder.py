"""The ladder: columns, and rows in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from fake_daily_server.report.parties import parties_of_calls
from fake_daily_server.report.record_steps import record_steps
from fake_daily_server.report.sip_steps import sip_steps
from fake_daily_server.report.step import DAILY, REST, WEBHOOKS, Step
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Ladder:
    """Columns from left to right, clients before Daily and phones after it, and the steps between them."""

    columns: tuple[str, ...]
    steps: tuple[Step, ...]


def ladder(
    records: Collection[Record], messages: Iterable[SeenMessage], seconds_at: Callable[[float], float]
) -> Ladder:
    """Build the ladder of a test from its timeline and from the SIP messages that passed the front door."""
    on_the_wire = list(sip_steps(messages, parties_of_calls(records), seconds_at))
    calls = {step.call for step in on_the_wire if step.call}
    steps = sorted([*record_steps(records, calls), *on_the_wire], key=lambda step: step.at)
    return Ladder(_columns(steps), tuple(steps))


def _columns(steps: Iterable[Step]) -> tuple[str, ...]:
    """All names in the order in which they appear, on the side of Daily on which they belong."""
    clients: dict[str, None] = {}
    phones: dict[str, None] = {}
    for step in steps:
        for name in filter(None, (step.source, step.target)):
            if name != DAILY:
                (phones if step.kind in {"sip", "phone"} else clients)[name] = None
    left = [name for name in clients if name not in phones]
    last = [name for name in left if name in {REST, WEBHOOKS}]
    return (*last, *(name for name in left if name not in last), DAILY, *phones)
