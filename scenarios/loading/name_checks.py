"""Checks that the phones, clients and variables named in the steps of a scenario exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scenarios.language.references import references
from scenarios.language.suggestions import suggestion
from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.scenario import Scenario
from scenarios.scenario_setup import CUSTOMER, DAILY, DEFAULT_CLIENT, PYTHON, RESERVED_NAMES

ROOM_FACTS = ("name", "url", "token", "sip_uri", "sip_uris", "dialin_code", "dialin_number")
DAILY_FACTS = ("api_url", "api_key", "sip", "url")
PROGRAM_FACTS = ("port", "session_id")
CUSTOMER_FACTS = ("url",)
CLIENT_FACTS = ("session_id",)
PHONE_FACTS = ("number", "uri", "call_id", "registered_as")
"""The facts available as `$room.<fact>`, `$customer.<fact>`, `$client.<fact>`, `$<phone>.<fact>` and the like."""


def check_names(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report each name in the steps that does not exist, or is used before a step saves it."""
    return _NameChecker(source, scenario).problems()


class _NameChecker:
    def __init__(self, source: YamlSource, scenario: Scenario) -> None:
        self._source = source
        self._phones = scenario.phones
        self._clients = scenario.all_clients
        self._facts: dict[str, tuple[str, ...]] = dict.fromkeys(scenario.phones, PHONE_FACTS)
        self._programs = scenario.all_programs
        self._facts |= dict.fromkeys(self._clients, CLIENT_FACTS)
        self._facts |= dict.fromkeys(self._programs, PROGRAM_FACTS)
        self._facts |= {CUSTOMER: CUSTOMER_FACTS, DAILY: DAILY_FACTS, PYTHON: ("",)}
        self._facts |= dict.fromkeys(scenario.all_rooms, ROOM_FACTS)
        self._saved: set[str] = set()
        self._steps = [path for path, _ in scenario.all_steps()]

    def problems(self) -> Iterator[Problem]:
        for name in self._programs:
            for path, text in self._source.texts((DEFAULT_CLIENT,) if name == DEFAULT_CLIENT else ("programs", name)):
                yield from self._check_references(path, text)
        for step in self._steps:
            yield from self._check_parties(step)
            for path, text in self._source.texts(step):
                if "save" not in path:
                    yield from self._check_references(path, text)
            yield from self._check_saved_names(step)

    def _check_parties(self, step: FieldPath) -> Iterator[Problem]:
        """Check the phones and clients that a step names in `phone`, `of`, `by`, `seen_by`, `participant` and `to`."""
        fields = self._source.value_at(step)
        if not isinstance(fields, Mapping):
            return
        for word in ("phone", "of"):
            if word in fields:
                yield from self._check_is_one_of((*step, word), "phone", self._phones, "phones")
        if "rest" in fields or "customer" in fields:
            return
        for word in ("by", "seen_by", "participant"):
            # `by` of a phone step says who ended the call; that of `expect` and of a program's request is a program.
            if word not in fields or (word == "by" and ("client" not in fields or fields[word] in self._programs)):
                continue
            names = {**self._clients, **self._programs} if word == "seen_by" else self._clients
            yield from self._check_is_one_of((*step, word), "client", names, "clients")
        if "to" in fields and ("phone" in fields or "participant" in fields):
            parties = (*self._phones, *self._clients)
            yield from self._check_is_one_of((*step, "to"), "phone or client", parties, "known")
        is_about_events = not fields.keys() & {"phone", "program"} and ("expect" in fields or "expect_none" in fields)
        if not self._clients and not self._programs and ("client" in fields or is_about_events):
            yield self._problem(step, "there is no client in a scenario with `room: null`")
        elif is_about_events and "seen_by" not in fields and DEFAULT_CLIENT not in {**self._clients, **self._programs}:
            yield self._problem(step, "the scenario has no `client`; name one with `seen_by`")

    def _check_is_one_of(self, path: FieldPath, kind: str, names: Iterable[str], section: str) -> Iterator[Problem]:
        name = str(self._source.value_at(path))
        if name not in names:
            yield self._problem(path, f"there is no {kind} {name!r}{suggestion(name, names, label=section)}")

    def _check_references(self, path: FieldPath, text: str) -> Iterator[Problem]:
        for name in references(text):
            root, _, fact = name.partition(".")
            if root not in self._facts:
                if root not in self._saved:
                    known = [f"${each}" for each in (*sorted(self._saved), *self._facts)]
                    hint = suggestion(f"${root}", known, label="known")
                    yield self._problem(path, f"${root} is not saved by an earlier step{hint}")
            elif not _is_fact(fact, self._facts[root]):
                known = [f"${root}.{each}{'.1' if each == 'sip_uris' else ''}" for each in self._facts[root]]
                yield self._problem(path, f"${name} is not known{suggestion(f'${name}', known, label='known')}")

    def _check_saved_names(self, step: FieldPath) -> Iterator[Problem]:
        for path, text in self._source.texts(step):
            if len(path) > 1 and path[-2] == "save" and text == path[-1]:
                name = str(path[-1])
                if name in self._facts or name in RESERVED_NAMES:
                    yield self._problem(path, f"${name} is already the name of something else; choose another name")
                else:
                    self._saved.add(name)

    def _problem(self, path: FieldPath, text: str) -> Problem:
        return self._source.problem(path, text)


def _is_fact(fact: str, known: Iterable[str]) -> bool:
    """Whether `fact` is one of `known`. Only `sip_uris` has a number, and must have one: 1 to 5, as in `sip_uris.2`."""
    name, _, number = fact.partition(".")
    return name in known and (name == "sip_uris") == bool(number) and (not number or number in "12345")
