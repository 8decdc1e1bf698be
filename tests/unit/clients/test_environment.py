"""The environment of a program with the variables that a test or a story sets itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fake_daily_server.clients.environment import MODULE_FOLDER, program_environment, with_own_variables

SEEN = "import daily, os; print(os.environ.get('DAILY_ROOM_URL'), os.environ['DAILY_API_KEY'], daily.__file__)"


def seen_with(own: dict[str, str]) -> list[str]:
    environment = program_environment(api_url="http://127.0.0.1:1/v1", api_key="key", room_url="http://the.room/")
    program = [sys.executable, "-c", SEEN]
    return subprocess.check_output(program, env=with_own_variables(environment, own), text=True).split()


def test_a_variable_of_daily_that_a_test_sets_itself_reaches_the_program() -> None:
    module = str(MODULE_FOLDER / "daily" / "__init__.py")
    assert seen_with({}) == ["http://the.room/", "key", module]
    assert seen_with({"DAILY_ROOM_URL": "http://another.room/"}) == ["http://another.room/", "key", module]
    assert seen_with({"DAILY_API_KEY": "another"}) == ["http://the.room/", "another", module]


def test_a_path_that_a_test_sets_itself_keeps_the_stand_in_first(tmp_path: Path) -> None:
    (tmp_path / "daily.py").write_text("raise SystemExit('the wrong module')")
    assert seen_with({"PYTHONPATH": str(tmp_path)})[2].startswith(str(MODULE_FOLDER))


def test_an_environment_of_another_origin_gets_only_the_given_variables() -> None:
    assert with_own_variables({"HOME": "/"}, {"A": "b"}) == {"HOME": "/", "A": "b"}
    assert with_own_variables({}, {"PYTHONPATH": "x"}) == {"PYTHONPATH": f"{MODULE_FOLDER}{os.pathsep}x"}
