"""Faults in request bodies and scenario files have the fields, defaults, limits and descriptions of `Faults`."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from fake_daily_server.control.phones import ImpairBody
from scenarios.steps.carrier import ScenarioFaults
from simulator.relay import FaultFields, Faults

MODELS = [(Faults, set()), (ImpairBody, {"direction", "seed"}), (ScenarioFaults, set())]


def properties(model: type[BaseModel]) -> dict[str, Any]:
    fields: dict[str, Any] = model.model_json_schema()["properties"]
    return fields


@pytest.mark.parametrize(("model", "more"), MODELS)
def test_the_fields_are_those_of_faults(model: type[BaseModel], more: set[str]) -> None:
    expected = properties(FaultFields)
    assert {name: schema for name, schema in properties(model).items() if name not in more} == expected
    assert more <= set(properties(model))
    assert all({"default", "description"} <= set(schema) for schema in expected.values())


@pytest.mark.parametrize("model", [ImpairBody, ScenarioFaults])
def test_as_faults_has_the_values_of_the_model(model: type[FaultFields]) -> None:
    assert model(loss=0.2, burst=3, frozen=True).as_faults() == Faults(loss=0.2, burst=3, frozen=True)


@pytest.mark.parametrize("model", [ImpairBody, ScenarioFaults])
@pytest.mark.parametrize("wrong", [{"loss": 1.1}, {"loss": 0.9, "burst": 2}, {"lost": 0.1}])
def test_what_is_wrong_for_faults_is_wrong_for_the_model(model: type[FaultFields], wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(wrong)
