"""A bad line is said in three places: in Python, over HTTP and in scenario files. They have the same words."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import BaseModel

from fake_daily_server.control.phones import ImpairBody
from scenarios.steps.carrier import ImpairmentFaults
from simulator.relay import Faults

FAULTS = {field.name: field.default for field in fields(Faults)}


@pytest.mark.parametrize(("model", "more"), [(ImpairBody, {"direction", "seed"}), (ImpairmentFaults, set())])
def test_the_fields_and_defaults_are_those_of_faults(model: type[BaseModel], more: set[str]) -> None:
    said = {name: field.default for name, field in model.model_fields.items() if name not in more}
    assert said == FAULTS
