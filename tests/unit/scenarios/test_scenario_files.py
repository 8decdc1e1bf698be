from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios, NoScenarios
from scenarios.loading.scenario_files import ScenarioFile, find_files, read_files

GOOD = "title: Talk\nroom: null\nsteps:\n  - pause_ms: 1\n  - pause_ms: 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/two.yaml", "b/one.yml", "a/deep/three.yaml", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(GOOD)
    return tmp_path


def test_folders_are_searched_recursively_in_order(folder: Path) -> None:
    found = [str(path.relative_to(folder)) for path in find_files([folder])]
    assert found == ["a/deep/three.yaml", "b/one.yml", "b/two.yaml"]


@pytest.mark.parametrize(
    "name", [".venv/lib/story.yaml", "env/lib/story.yaml", "node_modules/a/story.yaml", ".github/ci.yaml"]
)
def test_folders_of_other_programs_are_not_searched(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(GOOD)
    (folder / "env").mkdir(exist_ok=True)
    (folder / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert len(find_files([folder])) == 3
    assert len(find_files([folder / name])) == 1


def test_yaml_files_of_other_programs_are_no_scenarios(folder: Path) -> None:
    (folder / "compose.yml").write_text("services:\n  web:\n    title: no\n")
    assert len(find_files([folder])) == 3


def test_a_file_that_is_given_twice_is_found_once(folder: Path) -> None:
    assert len(find_files([folder / "b" / "two.yaml", folder, folder / "b"])) == 3


def test_a_missing_file_is_reported_with_the_nearest_name(folder: Path) -> None:
    with pytest.raises(NoScenarios, match=r"b/tow\.yaml: there is no such .*; did you mean .*b/two\.yaml\?"):
        find_files([folder / "b" / "tow.yaml"])


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoScenarios, match="there is no scenario file in this folder"):
        find_files([tmp_path])


def test_another_kind_of_file_is_an_error(folder: Path) -> None:
    with pytest.raises(NoScenarios, match=r"notes\.txt: the name of a scenario file ends in \.yaml"):
        find_files([folder / "a" / "notes.txt"])


def test_a_persona_is_no_scenario(folder: Path) -> None:
    (folder / "surgery.yaml").write_text("about: Asks.\ncalled: [answer]\n")
    with pytest.raises(NoScenarios, match=r"surgery\.yaml: this is a persona, no scenario; name the scenarios with it"):
        find_files([folder / "surgery.yaml"])


def test_a_file_has_the_locations_of_its_steps(folder: Path) -> None:
    file = ScenarioFile.read(folder / "b" / "two.yaml")
    assert [place.line for place in file.step_places] == [4, 5]
    assert file.name == "b/two"


def test_a_word_is_searched_in_path_and_title_in_any_case(folder: Path) -> None:
    file = ScenarioFile.read(folder / "b" / "two.yaml")
    assert file.matches("TALK")
    assert file.matches("b/two")
    assert not file.matches("listen")


def test_the_problems_of_all_files_are_reported_together(folder: Path) -> None:
    (folder / "b" / "one.yml").write_text("title: x")
    (folder / "b" / "two.yaml").write_text("steps: x")
    files, problems = read_files(find_files([folder]))
    assert {problem.file.name for problem in problems} == {"one.yml", "two.yaml"}
    assert len(files) == len(find_files([folder])) - 2


def test_a_file_that_cannot_be_opened_is_a_problem_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(InvalidScenarios, match=r"loop\.yaml: cannot be read: "):
        ScenarioFile.read(tmp_path / "loop.yaml")
