from __future__ import annotations

from pathlib import Path

import pytest

import scenarios
from scenarios.loading.scenario_files import ScenarioFile, find_files, read_files

SHIPPED = Path(scenarios.__file__).parent / "files"
FIRST_LINE = "# yaml-language-server: $schema=../../schema.json\n"


@pytest.fixture(scope="module")
def files() -> list[ScenarioFile]:
    files, problems = read_files(find_files([SHIPPED]))
    assert problems == []
    return files


def test_all_titles_are_different(files: list[ScenarioFile]) -> None:
    titles = [file.scenario.title for file in files]
    assert len(set(titles)) == len(titles)


def test_the_first_line_of_each_file_names_the_schema(files: list[ScenarioFile]) -> None:
    assert [file.name for file in files if not file.path.read_text().startswith(FIRST_LINE)] == []


def test_each_file_expects_something(files: list[ScenarioFile]) -> None:
    def expects(file: ScenarioFile) -> bool:
        fields = [set(type(step).model_fields) for step in file.scenario.steps]
        return any(names & {"expect", "hears", "fails", "answer"} for names in fields)

    assert [file.name for file in files if not expects(file)] == []
