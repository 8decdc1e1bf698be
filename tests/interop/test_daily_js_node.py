"""Unmodified daily-js in Node: runs the tests in JavaScript under Vitest and Jest.

test_daily_js_types.py runs those that record events, and checks the events against daily-js's types.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.node import FOLDER, run_node, run_vitest, vitest_files
from tests.interop.test_daily_js_types import RECORDED
from tests.peers import NODE_MODULES

pytestmark = [pytest.mark.interop("node", "daily-js"), pytest.mark.timeout(180)]


PAGES = FOLDER / "vitest" / "daily_pages.test.js"


def test_the_vitest_tests_pass() -> None:
    run_vitest(*sorted(vitest_files() - {*RECORDED, PAGES}))


def test_the_code_of_dailys_pages_works_as_it_stands_there() -> None:
    run_vitest(PAGES)


def test_the_jest_tests_pass() -> None:
    run_node("jest/bin/jest.js")


SERVER = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0", "exec", "--"]


def test_a_node_program_runs_until_its_call_has_ended() -> None:
    finished = subprocess.run(
        [*SERVER, "node", str(FOLDER / "plain_node.mjs")], capture_output=True, text=True, check=False, timeout=60
    )
    assert (finished.returncode, finished.stdout) == (0, "heard hello\n"), finished.stderr


def test_jest_exits_although_a_call_is_open() -> None:
    jest = [str(NODE_MODULES / "jest/bin/jest.js"), "jest/open_call.test.cjs"]
    finished = subprocess.run(
        [*SERVER, "node", *jest],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "CI": "1"},
    )
    assert finished.returncode == 0, finished.stderr
    assert "did not exit" not in finished.stderr


CONFIG = """
import dailyTelephony from "daily-telephony-simulator/vitest";
export default { plugins: [dailyTelephony()], test: { environment: "happy-dom", testTimeout: 40_000 } };
"""


def test_the_example_in_the_readme_passes(tmp_path: Path) -> None:
    page = Path("fake_daily_server/clients/javascript/README.md").read_text("utf-8")
    [test] = re.findall(r"```js\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "readme.test.js").write_text(test, encoding="utf-8")
    (tmp_path / "vitest.config.mjs").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    run_node("vitest/vitest.mjs", "run", "--root", str(tmp_path))


@pytest.mark.parametrize("dom", ["jsdom", "happy-dom"])
def test_vitest_without_the_plugin_names_it(dom: str, tmp_path: Path) -> None:
    (tmp_path / "forgotten.test.js").write_text(
        """
        import { startDaily } from "daily-telephony-simulator";
        import { expect, test } from "vitest";

        test("says what is missing", async () => {
          await expect(startDaily()).rejects.toThrow("plugins: [dailyTelephony()]");
        });
        """
    )
    (tmp_path / "vitest.config.mjs").write_text(f'export default {{ test: {{ environment: "{dom}" }} }};')
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    run_node("vitest/vitest.mjs", "run", "--root", str(tmp_path))


PACKAGE = "../../../fake_daily_server/clients/javascript"


@pytest.mark.parametrize("project", [PACKAGE, f"{PACKAGE}/call-machine", "types"])
def test_the_package_and_its_use_pass_type_checking(project: str) -> None:
    run_node("typescript/bin/tsc", "--project", project)
