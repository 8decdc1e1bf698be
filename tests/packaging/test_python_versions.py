"""A Python that cannot be used is refused with the reason and a way out, wherever a reader meets it."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from fake_daily_server.doctor.server_checks import PYTHONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 13, 0), (3, 14, 1)])
def test_an_installation_from_the_sources_says_why_and_what_to_do(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(ROOT / "setup.py"))
    said = str(refused.value)
    assert f"needs Python 3.11 or 3.12, and this is {version[0]}.{version[1]}" in said
    assert "pjsua2-python has no wheels for other versions" in said
    assert "uv venv --seed --python 3.12" in said
    assert "pyenv install 3.12" in said


def test_the_page_and_the_message_show_the_same_commands() -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    message = (ROOT / "setup.py").read_text()
    for command in ("uv venv --seed --python 3.12 && . .venv/bin/activate", "pyenv install 3.12 && pyenv local 3.12"):
        assert command in page
        assert command in message
    assert "pyenv install 3.12" in (ROOT / "README.md").read_text()


def test_make_names_the_way_out_if_no_python_fits(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to("/bin/false")
    finding = subprocess.run(
        ["/bin/sh", ROOT / ".ci" / "find_python.sh"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHON"} | {"PATH": str(tmp_path)},
    )
    assert finding.returncode == 1
    assert "has no wheels for 3.13" in finding.stderr
    assert "uv python install 3.12" in finding.stderr


def test_pip_and_the_doctor_allow_the_same_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={_text(PYTHONS[0])},<3.{PYTHONS[-1][1] + 1}"
    named = {line.rpartition(" ")[2] for line in project["classifiers"] if line.startswith("Programming Language")}
    assert named == set(map(_text, PYTHONS))


def test_no_classifier_claims_a_platform_that_is_not_tested() -> None:
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert [line for line in classifiers if line.startswith("Operating System")] == [
        "Operating System :: POSIX :: Linux"
    ]
    assert "nothing here has been run on macOS" in (ROOT / "docs" / "install.md").read_text()


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
