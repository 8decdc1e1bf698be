from __future__ import annotations

from pathlib import Path

import pytest

import scenarios
from scenarios.files import ScenarioFile, find, read_all

HERE = Path(scenarios.__file__).parent
HINT = "# yaml-language-server: $schema=../schema.json\n"


@pytest.fixture(scope="module")
def files() -> list[ScenarioFile]:
    return read_all(find([HERE]))


def test_no_two_have_one_title(files: list[ScenarioFile]) -> None:
    titles = [file.scenario.title for file in files]
    assert len(set(titles)) == len(titles)


def test_each_points_editors_to_the_schema(files: list[ScenarioFile]) -> None:
    assert [file.name for file in files if not file.path.read_text().startswith(HINT)] == []


def test_each_expects_something(files: list[ScenarioFile]) -> None:
    def expects(file: ScenarioFile) -> bool:
        fields = [set(type(step).model_fields) for step in file.scenario.steps]
        return any(names & {"expect", "hears", "fails", "answer"} for names in fields)

    assert [file.name for file in files if not expects(file)] == []
