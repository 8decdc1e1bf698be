"""The ladder: columns, and rows in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from fake_daily_server.report.parties import KnownParties
from fake_daily_server.report.record_steps import client_in, record_steps
from fake_daily_server.report.sip_steps import Read, read_message, sip_steps
from fake_daily_server.report.step import DAILY, REST, WEBHOOKS, Step
from simulator.front_door.recent_messages import SeenMessage
from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Ladder:
    """Columns from left to right, clients before Daily and phones after it, and the steps between them."""

    columns: tuple[str, ...]
    steps: tuple[Step, ...]


class Names:
    """The names of clients and of the parties of calls, as records tell them."""

    def __init__(self, most_calls: int | None = None) -> None:
        self.clients: dict[str, str] = {}
        """Of clients, by session id."""
        self.parties = KnownParties(most_calls)

    def add(self, record: Record) -> None:
        """Learn from a record."""
        self.parties.add(record)
        client = client_in(record)
        if client is not None:
            self.clients[client[0]] = client[1]


def ladder(
    records: Collection[Record], messages: Iterable[SeenMessage], seconds_at: Callable[[float], float]
) -> Ladder:
    """Build the ladder of a test from its timeline and from the SIP messages that passed the front door."""
    names = Names()
    for record in records:
        names.add(record)
    return ladder_of(records, messages, seconds_at, names, lambda message: True)


def ladder_of(
    records: Iterable[Record],
    messages: Iterable[SeenMessage],
    seconds_at: Callable[[float], float],
    names: Names,
    is_wanted: Callable[[Step], bool],
    read: Read = read_message,
) -> Ladder:
    """Build the ladder of some records with names that others have told, and of the SIP messages that are wanted."""
    on_the_wire = list(sip_steps(messages, names.parties, seconds_at, read))
    calls = {step.call for step in on_the_wire if step.call}
    wanted = filter(is_wanted, on_the_wire)
    steps = sorted([*record_steps(records, calls, names.clients), *wanted], key=lambda step: step.at)
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
