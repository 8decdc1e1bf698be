"""pytest does not rewrite the assertions of these packages, and still rewrites those of tests and other packages."""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

from fake_daily_server.plain_imports import PlainImports


@pytest.mark.parametrize(
    "name", ["simulator.numbers", "fake_daily_server.clients.python.daily._vad", "scenarios.words"]
)
def test_modules_of_these_packages_are_not_rewritten(name: str) -> None:
    assert type(importlib.import_module(name).__loader__) is SourceFileLoader


def test_test_modules_are_rewritten() -> None:
    assert type(sys.modules[__name__].__loader__) is not SourceFileLoader


def test_other_modules_are_left_to_other_finders() -> None:
    assert PlainImports.find_spec("json.decoder", ["/nowhere"]) is None
    assert PlainImports.find_spec("simulator", None) is None


def test_a_package_of_the_user_with_the_same_name_is_left_to_pytest(tmp_path: Path) -> None:
    package = tmp_path / "simulator"
    package.mkdir()
    (package / "checks.py").write_text("assert True\n")
    assert PlainImports.find_spec("simulator.checks", [str(package)]) is None
