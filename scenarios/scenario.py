"""The model of a whole scenario file: its set-up and its steps."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.scenario_setup import ScenarioSetup
from scenarios.steps import AnyStep


class Scenario(ScenarioSetup):
    """One test: a room with clients and phones, and the steps to run."""

    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    """The steps, in the order in which they run."""
