from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

import scenarios
from scenarios.loading.scenario_files import find_files
from scenarios.scenario import Scenario
from scenarios.schema import FILE, schema_text
from simulator.phone_spec import Outcome

SHIPPED = find_files([Path(scenarios.__file__).parent])


def test_the_committed_schema_is_current() -> None:
    assert FILE.read_text() == schema_text(), "run `make generate`"


@pytest.fixture(scope="module")
def schema() -> Any:
    schema = json.loads(FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_shipped_file_is_valid_by_the_schema(path: Path, schema: Any) -> None:
    assert [error.message for error in schema.iter_errors(yaml.safe_load(path.read_text()))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"titel": "x"},
        {"room": {"enable_dailout": True}},
        {"phones": {"desk": {"calls": "bussy"}}},
        {"steps": [{"expect": "dialout-eror"}]},
        {"steps": [{"client": "startDialOt", "with": {}}]},
        {"steps": [{"phone": "desk", "prss": "1"}]},
        {"steps": []},
    ],
)
def test_a_mistake_is_invalid_by_the_schema(wrong: dict[str, Any], schema: Any) -> None:
    assert list(schema.iter_errors({"title": "t", "steps": [{"pause_ms": 1}], **wrong}))


@pytest.mark.parametrize("outcome", get_args(Outcome))
@pytest.mark.parametrize("in_a_list", [False, True])
def test_schema_and_model_accept_the_same_outcomes_in_short_form(outcome: str, in_a_list: bool, schema: Any) -> None:
    calls = [outcome] if in_a_list else outcome
    scenario = {"title": "t", "phones": {"desk": {"calls": calls}}, "steps": [{"pause_ms": 1}]}
    assert schema.is_valid(scenario) == is_valid_by_the_model(scenario)


def is_valid_by_the_model(scenario: dict[str, Any]) -> bool:
    try:
        Scenario.model_validate(scenario)
    except ValidationError:
        return False
    return True


def test_the_schema_offers_only_outcomes_that_the_model_knows(schema: Any) -> None:
    (short_form, _) = schema.schema["$defs"]["CallPlan"]["anyOf"]
    assert set(short_form["enum"]) <= set(get_args(Outcome))
