"""pytest imports these packages as they are; it rewrites the assertions of tests, and of users' own packages."""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import SourceFileLoader

import pytest

from fake_daily_server.plain_imports import PlainImports

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    "name", ["simulator.numbers", "fake_daily_server.clients.python.daily._audio.vad", "scenarios.language.field_types"]
)
def test_modules_of_these_packages_are_not_rewritten(name: str) -> None:
    assert type(importlib.import_module(name).__loader__) is SourceFileLoader


def test_tests_are() -> None:
    assert type(sys.modules[__name__].__loader__) is not SourceFileLoader


def test_modules_of_other_packages_are_left_to_other_finders() -> None:
    assert PlainImports.find_spec("json.decoder", ["/nowhere"]) is None
    assert PlainImports.find_spec("simulator", None) is None


def test_assertions_of_a_users_package_named_scenarios_are_explained(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        **{
            "scenarios/__init__": "",
            "scenarios/test_calls": "def test_it():\n    rings = 3\n    assert rings == 2\n",
        }
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--import-mode=prepend")
    result.stdout.fnmatch_lines(["E       assert 3 == 2"])
