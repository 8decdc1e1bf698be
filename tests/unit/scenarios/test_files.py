from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.files import NoScenarios, ScenarioFile, find, read_all
from scenarios.problems import InvalidScenarios, Place

GOOD = "title: Talk\nroom: null\nsteps:\n  - pause_ms: 1\n  - pause_ms: 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b/two.yaml", "b/one.yml", "a/deep/three.yaml", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(GOOD)
    return tmp_path


def test_folders_are_searched_all_the_way_down_in_order(folder: Path) -> None:
    found = [str(path.relative_to(folder)) for path in find([folder])]
    assert found == ["a/deep/three.yaml", "b/one.yml", "b/two.yaml"]


def test_a_file_that_is_meant_twice_is_found_once(folder: Path) -> None:
    assert len(find([folder / "b" / "two.yaml", folder, folder / "b"])) == 3


def test_a_missing_file_is_named_with_its_nearest_neighbour(folder: Path) -> None:
    with pytest.raises(NoScenarios, match=r"b/tow\.yaml: there is no such .*; did you mean .*b/two\.yaml\?"):
        find([folder / "b" / "tow.yaml"])


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoScenarios, match="there is no scenario file in this folder"):
        find([tmp_path])


def test_another_kind_of_file_is_an_error(folder: Path) -> None:
    with pytest.raises(NoScenarios, match=r"notes\.txt: a scenario file ends in \.yaml"):
        find([folder / "a" / "notes.txt"])


def test_steps_know_their_places(folder: Path) -> None:
    file = ScenarioFile.read(folder / "b" / "two.yaml")
    assert file.steps == (Place(4, 5), Place(5, 5))
    assert file.name == "b/two"


def test_words_match_path_and_title_in_any_case(folder: Path) -> None:
    file = ScenarioFile.read(folder / "b" / "two.yaml")
    assert file.matches("TALK")
    assert file.matches("b/two")
    assert not file.matches("listen")


def test_the_problems_of_all_files_are_told_together(folder: Path) -> None:
    (folder / "b" / "one.yml").write_text("titel: x")
    (folder / "b" / "two.yaml").write_text("- x")
    with pytest.raises(InvalidScenarios) as wrong:
        read_all(find([folder]))
    assert {problem.file.name for problem in wrong.value.problems} == {"one.yml", "two.yaml"}


def test_a_file_that_cannot_be_opened_is_a_problem_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    with pytest.raises(InvalidScenarios, match=r"loop\.yaml: cannot be read: "):
        ScenarioFile.read(tmp_path / "loop.yaml")
