"""Checks that no two phones of a scenario have the same number or SIP URI."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.loading.problems import Problem
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario


def check_phone_numbers(source: YamlSource, scenario: Scenario) -> Iterator[Problem]:
    """Report a number or a SIP URI that an earlier phone has."""
    owners: dict[tuple[str, str], str] = {}
    for name, phone in scenario.phones.items():
        for field, value in (("number", phone.number), ("uri", phone.uri)):
            if value is None:
                continue
            owner = owners.setdefault((field, value), name)
            if owner != name:
                text = f"the phone {owner!r} has {value}, too; give each phone a {field} of its own"
                yield source.problem(("phones", name, field), text)
