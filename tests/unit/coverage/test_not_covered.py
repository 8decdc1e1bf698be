"""The reasons of what the shipped stories do not cover; `make coverage` compares them with a run."""

from __future__ import annotations

import re

from fake_daily_server.coverage.coverage import Coverage
from fake_daily_server.coverage.reasons import needless, read_reasons
from tests.docs.pages import ROOT

FILE = ROOT / "scenarios" / "not_covered.yaml"


def test_every_reason_is_of_a_point_that_exists() -> None:
    assert needless(Coverage(frozenset()), read_reasons(FILE)) == []


def test_the_tests_that_reasons_name_exist() -> None:
    named = re.findall(r"tests/[\w/.*]+", FILE.read_text("utf-8"))
    assert [path for path in named if not list(ROOT.glob(path.rstrip(".")))] == []
