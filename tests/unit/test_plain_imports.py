"""pytest imports these packages as they are; it rewrites the assertions of tests."""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import SourceFileLoader

import pytest

from fake_daily_server.plain_imports import PlainImports


@pytest.mark.parametrize(
    "name", ["simulator.numbers", "fake_daily_server.clients.python.daily._audio.vad", "scenarios.words"]
)
def test_modules_of_these_packages_are_not_rewritten(name: str) -> None:
    assert type(importlib.import_module(name).__loader__) is SourceFileLoader


def test_tests_are() -> None:
    assert type(sys.modules[__name__].__loader__) is not SourceFileLoader


def test_others_are_left_to_others() -> None:
    assert PlainImports.find_spec("json.decoder", ["/nowhere"]) is None
    assert PlainImports.find_spec("simulator", None) is None
