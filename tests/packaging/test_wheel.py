"""The contents of the wheel, which is built as for a release."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.clone import clone, set_up_as_here

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("simulator", "fake_daily_server", "scenarios")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """What `make wheel` writes in a clone with the leftovers of an older build."""
    project = clone(tmp_path_factory.mktemp("clone"))
    set_up_as_here(project)
    for leftover in ("build/lib/simulator/removed.py", "dist/daily_telephony_simulator-0.1.0-py3-none-any.whl"):
        (project / leftover).parent.mkdir(parents=True)
        (project / leftover).touch()
    command = ["make", "--no-print-directory", "wheel"]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    printed = built.stdout.split()[-1]
    assert [file.relative_to(project).as_posix() for file in (project / "dist").iterdir()] == [printed]
    return zipfile.ZipFile(project / printed)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_the_wheel_contains_exactly_the_files_of_the_packages(wheel: zipfile.ZipFile) -> None:
    in_tree = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    in_wheel = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert in_wheel == in_tree


def test_an_installation_from_a_clone_contains_nothing_of_earlier_builds(tmp_path: Path) -> None:
    project = clone(tmp_path / "clone")
    leftover = project / "build" / "lib" / "simulator" / "removed.py"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, project],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("removed.py")]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_a_py_typed_marker(wheel: zipfile.ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_wheel_contains_scenario_files_and_event_schemas(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert [name for name in names if name.startswith("scenarios/") and name.endswith(".yaml")]
    assert [name for name in names if name.startswith("fake_daily_server/contract/") and name.endswith(".json")]


def test_the_module_daily_can_be_imported_without_the_rest_of_the_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    folder = "fake_daily_server/clients/python/"
    wheel.extractall(tmp_path, [name for name in wheel.namelist() if name.startswith(f"{folder}daily/")])
    program = "import daily, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / folder)}
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    ).stdout.split()
    assert "daily" in loaded
    assert not set(loaded) & {*PACKAGES, "numpy", "soxr", "pydantic"}


def test_the_wheel_contains_the_licence(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE")]


def test_only_what_a_test_run_needs_is_required(metadata: Message) -> None:
    required = metadata.get_all("Requires-Dist", [])
    assert "pjsua2-python==2.15.1.post1" in required
    assert not [name for name in required if name.startswith(("mypy", "ruff", "hypothesis", "pytest-", "pipecat"))]
    extras = {"speech": "espeak", "load": "locust"}
    assert set(metadata.get_all("Provides-Extra", [])) == {*extras}
    for extra, package in extras.items():
        assert [name for name in required if package in name and f'extra == "{extra}"' not in name] == []


def test_the_pytest_plugin_is_registered(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert "fake_daily = fake_daily_server.pytest_plugin" in wheel.read(name).decode()
