"""Scenario files for tests, written where the test needs them."""

from __future__ import annotations

import textwrap
from pathlib import Path

from scenarios.load import understand
from scenarios.model import Scenario
from scenarios.problems import InvalidScenarios, Problem
from scenarios.source import Source

HERE = Path("here.yaml")

WITH_A_PHONE = """\
title: A test
room: {enable_dialout: true, sip: {num_endpoints: 2}}
clients: {bob: {owner: false}}
phones:
  desk: {number: "+12065550142"}
steps:
"""
"""Six lines; the steps of a test begin in line 7."""


def scenario(text: str) -> Scenario:
    return understand(Source.parse(textwrap.dedent(text), HERE))


def steps(text: str) -> Scenario:
    return scenario(WITH_A_PHONE + textwrap.indent(textwrap.dedent(text), "  "))


def problems(text: str) -> list[Problem]:
    try:
        scenario(text)
    except InvalidScenarios as wrong:
        return list(wrong.problems)
    return []


def step_problems(text: str) -> list[Problem]:
    return problems(WITH_A_PHONE + textwrap.indent(textwrap.dedent(text), "  "))
