"""The real daily-js in Node, unmodified: tests in JavaScript, under Vitest and under Jest.

What they record is compared with daily-js's types in test_daily_js_types.py, which runs the others of them.
"""

from __future__ import annotations

import pytest

from tests.interop.node import run_node, run_vitest, vitest_files
from tests.interop.test_daily_js_types import RECORDED

pytestmark = [pytest.mark.interop("node", "daily-js"), pytest.mark.timeout(180)]


def test_daily_js_under_vitest() -> None:
    run_vitest(*sorted(vitest_files() - set(RECORDED)))


def test_daily_js_under_jest() -> None:
    run_node("jest/bin/jest.js")


PACKAGE = "../../../fake_daily_server/clients/javascript"


@pytest.mark.parametrize("project", [PACKAGE, f"{PACKAGE}/call-machine", "types"])
def test_the_package_is_typed_inside_and_for_those_who_use_it(project: str) -> None:
    run_node("typescript/bin/tsc", "--project", project)
