"""Scenarios from texts that stand in the tests themselves."""

from __future__ import annotations

import textwrap
from pathlib import Path

from scenarios.loading.problems import InvalidScenarios, Problem
from scenarios.loading.scenario_loader import load_scenario
from scenarios.loading.yaml_source import YamlSource
from scenarios.scenario import Scenario

FILE = Path("here.yaml")

WITH_A_PHONE = """\
title: A test
room: {enable_dialout: true, sip: {num_endpoints: 2}}
clients: {bob: {owner: false}}
phones:
  desk: {number: "+12065550142"}
steps:
"""
"""The lines above the steps. There are six, so the steps of a test begin in line 7."""


def scenario(text: str) -> Scenario:
    """The scenario that the text describes."""
    return load_scenario(YamlSource.parse(textwrap.dedent(text), FILE))


def steps(text: str) -> Scenario:
    """A scenario with a phone, whose steps the text describes."""
    return scenario(WITH_A_PHONE + textwrap.indent(textwrap.dedent(text), "  "))


def problems(text: str) -> list[Problem]:
    """The problems of the scenario that the text describes."""
    try:
        scenario(text)
    except InvalidScenarios as invalid:
        return list(invalid.problems)
    return []


def step_problems(text: str) -> list[Problem]:
    """The problems of the steps that the text describes."""
    return problems(WITH_A_PHONE + textwrap.indent(textwrap.dedent(text), "  "))
