from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import scenarios
from scenarios.files import find
from scenarios.schema import FILE, schema_text

SHIPPED = find([Path(scenarios.__file__).parent])


def test_the_committed_schema_is_current() -> None:
    assert FILE.read_text() == schema_text(), "run: python -m scenarios schema > scenarios/schema.json"


@pytest.fixture(scope="module")
def schema() -> Any:
    schema = json.loads(FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_editor_finds_nothing_wrong_with_a_shipped_file(path: Path, schema: Any) -> None:
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
def test_an_editor_finds_a_mistake(wrong: dict[str, Any], schema: Any) -> None:
    assert list(schema.iter_errors({"title": "t", "steps": [{"pause_ms": 1}], **wrong}))
