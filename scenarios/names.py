"""Names within a scenario: every phone and client that a step speaks of exists, every `$name` is known by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scenarios.model import RESERVED_NAMES, Scenario
from scenarios.problems import Problem, instead
from scenarios.references import references
from scenarios.source import Source, Way, spell
from scenarios.steps.client import DEFAULT_CLIENT

ROOM_FACTS = ("name", "url", "sip_uri", "sip_uris", "dialin_code", "dialin_number")
CUSTOMER_FACTS = ("url",)
CLIENT_FACTS = ("session_id",)
PHONE_FACTS = ("number", "uri", "call_id")
"""What `$room.…`, `$client.…` and `$<phone>.…` can tell."""


def check_names(source: Source, scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with the names that the steps use."""
    return _Names(source, scenario).problems()


class _Names:
    def __init__(self, source: Source, scenario: Scenario) -> None:
        self.source = source
        self.phones = scenario.phones
        self.clients = (DEFAULT_CLIENT, *scenario.clients) if scenario.room else ()
        self.facts: dict[str, tuple[str, ...]] = dict.fromkeys(scenario.phones, PHONE_FACTS)
        self.facts |= dict.fromkeys(self.clients, CLIENT_FACTS)
        self.facts |= dict.fromkeys(scenario.rooms, ROOM_FACTS)
        self.facts["customer"] = CUSTOMER_FACTS
        if scenario.room:
            self.facts["room"] = ROOM_FACTS
        self.saved: set[str] = set()
        self.steps = len(scenario.steps)

    def problems(self) -> Iterator[Problem]:
        for index in range(self.steps):
            step: Way = ("steps", index)
            yield from self._people(step)
            for way, text in self.source.texts(step):
                if "save" not in way:
                    yield from self._references(way, text)
            yield from self._saves(step)

    def _people(self, step: Way) -> Iterator[Problem]:
        fields = self.source.at(step)
        if not isinstance(fields, Mapping):
            return
        for word in ("phone", "of"):
            if word in fields:
                yield from self._one_of((*step, word), "phone", self.phones, "phones")
        if "rest" in fields or "customer" in fields:
            return
        for word in ("by", "seen_by", "participant"):
            if word in fields and not (word == "by" and "phone" in fields):
                yield from self._one_of((*step, word), "client", self.clients, "clients")
        if "to" in fields and ("phone" in fields or "participant" in fields):
            yield from self._one_of((*step, "to"), "phone or client", (*self.phones, *self.clients), "known")
        event_step = "phone" not in fields and ("expect" in fields or "expect_none" in fields)
        if not self.clients and ("client" in fields or event_step):
            yield self._problem(step, "there is no client in a scenario with `room: null`")

    def _one_of(self, way: Way, what: str, names: Iterable[str], section: str) -> Iterator[Problem]:
        name = str(self.source.at(way))
        if name not in names:
            yield self._problem(way, f"there is no {what} {name!r}{instead(name, names, label=section)}")

    def _references(self, way: Way, text: str) -> Iterator[Problem]:
        for name in references(text):
            root, _, fact = name.partition(".")
            if root not in self.facts:
                if root not in self.saved:
                    known = [f"${each}" for each in (*sorted(self.saved), *self.facts)]
                    hint = instead(f"${root}", known, label="known")
                    yield self._problem(way, f"${root} is not saved by an earlier step{hint}")
            elif not _is_fact(fact, self.facts[root]):
                known = [f"${root}.{each}{'.1' if each == 'sip_uris' else ''}" for each in self.facts[root]]
                yield self._problem(way, f"${name} is not known{instead(f'${name}', known, label='known')}")

    def _saves(self, step: Way) -> Iterator[Problem]:
        for way, _ in self.source.texts(step):
            if len(way) > 1 and way[-2] == "save":
                name = str(way[-1])
                if name in self.facts or name in RESERVED_NAMES:
                    yield self._problem(way, f"${name} has a meaning already; save under another name")
                else:
                    self.saved.add(name)

    def _problem(self, way: Way, text: str) -> Problem:
        return Problem(self.source.path, self.source.place(way), spell(way), text)


def _is_fact(fact: str, known: Iterable[str]) -> bool:
    name, _, number = fact.partition(".")
    return name in known and (name == "sip_uris") == bool(number) and (not number or number in "12345")
