from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from scenarios.__main__ import main


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.yaml").write_text("title: One\nroom: null\nsteps: [{pause_ms: 1}]\n")
    (tmp_path / "two.yaml").write_text("title: Two\nroom: null\nsteps: [{pause_ms: 1}]\n")
    return tmp_path


def test_check_reports_valid_files(folder: Path) -> None:
    result = call("check", folder)
    assert (result.exit_code, result.stdout) == (0, "2 files are valid\n")


@pytest.mark.parametrize("verb", ["check", "run", "list"])
def test_a_mistake_is_reported_and_nothing_is_run(folder: Path, verb: str) -> None:
    (folder / "two.yaml").write_text("title: Two\nsteps:\n  - expect: dialout-eror\n")
    result = call(verb, folder / "two.yaml")
    assert result.exit_code == 2
    assert result.stdout == ""
    first, last = result.stderr.splitlines()
    assert first == (
        f"{folder}/two.yaml:3:13: steps[1].expect: 'dialout-eror' is not an event; did you mean 'dialout-error'?"
    )
    assert last == "1 mistake; nothing was run"


@pytest.mark.parametrize(
    ("verb", "out", "last"),
    [
        ("check", "1 file is valid\n", "1 mistake"),
        ("list", "one.yaml  One\n", "1 mistake"),
        ("run", "1 scenario, 1 passed in ", "1 mistake; the files that have them were not run"),
    ],
)
def test_a_broken_file_does_not_stop_the_others(folder: Path, verb: str, out: str, last: str) -> None:
    (folder / "two.yaml").write_text("title: Two\nsteps:\n  - expect: dialout-eror\n")
    result = call(verb, folder)
    assert result.exit_code == 2
    assert out in result.stdout
    assert result.stderr.splitlines()[0].startswith(f"{folder}/two.yaml:3:13: ")
    assert result.stderr.splitlines()[-1] == last
    assert call("check", folder, "-k", "one").exit_code == 0


@pytest.mark.parametrize("verb", ["check", "run", "list"])
def test_a_missing_file_is_reported_with_the_nearest_name(folder: Path, verb: str) -> None:
    result = call(verb, folder / "on.yaml")
    assert result.exit_code == 2
    assert result.stderr == f"{folder}/on.yaml: there is no such file or folder; did you mean {folder}/one.yaml?\n"


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    result = call("run", tmp_path)
    assert result.exit_code == 2
    assert "there is no scenario file in this folder" in result.stderr


def test_a_missing_path_is_a_usage_error() -> None:
    result = call("run")
    assert result.exit_code == 2
    assert "Missing argument 'FILE-OR-FOLDER...'" in result.stderr


def test_a_word_that_no_file_contains_is_reported(folder: Path) -> None:
    result = call("run", folder, "-k", "three")
    assert result.exit_code == 2
    assert result.stderr == "-k three: none of the 2 files has it in its path or title\n"


def test_list_shows_paths_and_titles(folder: Path) -> None:
    assert call("list", folder, "-k", "two").stdout == f"{folder}/two.yaml  Two\n"


def test_help_shows_commands_and_an_example() -> None:
    text = call("--help").stdout
    assert "daily-sim run tests/calls -k busy" in text
    assert call("--version").stdout.startswith("daily-telephony-simulator, version ")
    assert "- client: startDialOut" in text
    assert "Exit code 0" in " ".join(call("run", "--help").stdout.split())
