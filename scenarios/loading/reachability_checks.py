"""Checks of what is called: that a room may dial out, that a number is somebody's, and that a room can be dialled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fake_daily_server.settings import Settings
from scenarios.language.references import references
from scenarios.language.suggestions import nearest_word
from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import FieldPath, YamlSource
from scenarios.scenario import Scenario
from scenarios.scenario_setup import DEFAULT_CLIENT, DEFAULT_ROOM
from scenarios.steps.carrier import FailDialouts
from scenarios.steps.client import SipCallTransfer, StartDialOut
from scenarios.steps.expect import Expect
from scenarios.steps.phone import Dial, ExpectCallState
from scenarios.steps.rest import RestRequest
from simulator.test_numbers import TABLE


def check_reachability(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report calls that must fail although no step expects it.

    Rooms and numbers that a `rest` step may change are not judged.
    """
    return _Reachability(source, scenario).problems()


class _Reachability:
    def __init__(self, source: YamlSource, scenario: Scenario) -> None:
        self._source = source
        self._scenario = scenario
        settings = scenario.settings or Settings()
        own = scenario.numbers or settings.phone_numbers
        phones = (phone.number for phone in scenario.phones.values() if phone.number)
        self._own = own
        tests = (each.number for each in TABLE if each.number)
        self._numbers = (*phones, *own, settings.dialin_number, *tests)
        self._steps = list(scenario.all_steps())
        self._rest = any(isinstance(step, RestRequest) and not step.rest.startswith("GET ") for _, step in self._steps)

    def problems(self) -> Iterator[Problem]:
        for index, (path, step) in enumerate(self._steps):
            match step:
                case StartDialOut():
                    yield from self._check_dial_out(step, path)
                    yield from self._check_caller_id(step.with_.as_json().get("callerId"), (*path, "with", "callerId"))
                    yield from self._check_number(step.with_.as_json().get("phoneNumber"), (*path, "with"), index)
                case SipCallTransfer():
                    yield from self._check_number(step.with_.as_json().get("toEndPoint"), (*path, "with"), index)
                case Dial():
                    yield from self._check_number(step.dial, (*path, "dial"), index)
                case _:
                    pass
            if not self._rest:
                for where, text in self._source.texts(path):
                    yield from self._check_room_facts(where, text)

    def _check_dial_out(self, step: StartDialOut, path: FieldPath) -> Iterator[Problem]:
        client = self._scenario.all_clients.get(step.by)
        name = (client.room if client else None) or DEFAULT_ROOM
        room = self._scenario.all_rooms.get(name)
        if client and room and not self._rest and not room.properties().get("enable_dialout"):
            of = "" if step.by == DEFAULT_CLIENT else f" of {step.by}"
            yield self._problem(
                path,
                f"the room{of} may not dial out; give `{name}` the property `enable_dialout: true`, "
                "or expect the refusal with `fails`",
            )

    def _check_caller_id(self, caller_id: Any, path: FieldPath) -> Iterator[Problem]:
        is_number = isinstance(caller_id, str) and caller_id.startswith("+")
        if is_number and caller_id not in self._own and not self._rest:
            yield self._problem(
                path,
                f"the domain has no number {caller_id!r}, only {', '.join(self._own) or 'none'}; add it to `numbers`, "
                "or expect the refusal with `fails`",
            )

    def _check_number(self, number: Any, path: FieldPath, index: int) -> Iterator[Problem]:
        is_number = isinstance(number, str) and number.startswith("+")
        if not is_number or number in self._numbers or self._rest or self._expects_failure(index):
            return
        near = nearest_word(number, self._numbers)
        hint = f" The nearest is {near!r}." if near else ""
        way_out = "Give it to one, or let a later step expect the failure"
        yield self._problem(path, f"no phone has the number {number!r}.{hint} {way_out}")

    def _expects_failure(self, index: int) -> bool:
        """Whether a step after `index` expects that a call fails."""
        return any(
            (isinstance(step, Expect) and any("error" in expected.event for expected in step.expect))
            or (isinstance(step, ExpectCallState) and step.expect == "ended" and step.status is not None)
            or isinstance(step, FailDialouts)
            for _, step in self._steps[index + 1 :]
        )

    def _check_room_facts(self, path: FieldPath, text: str) -> Iterator[Problem]:
        for name in references(text):
            root, _, fact = name.partition(".")
            room = self._scenario.all_rooms.get(root)
            if room is None or not fact.startswith(("sip_uri", "dialin_")):
                continue
            properties = room.properties()
            if fact.startswith("dialin_"):
                if "dialin" not in properties:
                    yield self._problem(path, f"`{root}` has no code; give it the property `dialin: {{}}`")
                continue
            sip = properties.get("sip")
            count = (
                sip.get("num_endpoints", 1) if isinstance(sip, Mapping) else int(bool(properties.get("enable_dialin")))
            )
            wanted = int(fact.partition(".")[2] or 1)
            if wanted > count:
                has = f"{count} SIP endpoint{'' if count == 1 else 's'}"
                way_out = f"give it the property `sip: {{num_endpoints: {wanted}}}`"
                yield self._problem(path, f"`{root}` has {has}; {way_out}")

    def _problem(self, path: FieldPath, text: str) -> Problem:
        return self._source.problem(path, text)
