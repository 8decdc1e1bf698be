"""Every scenario file of this repository, run from the command line on real SIP."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scenarios.loading.scenario_files import find_files
from tests.integration.scenarios.command import SHIPPED, command

FILES = find_files([SHIPPED])
FOLDERS = sorted({path.parent.name for path in FILES})


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_scenarios_of_a_folder_pass(folder: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    completed = command("run", SHIPPED / folder, "--junit", report)
    files = [path for path in FILES if path.parent.name == folder]
    assert completed.code == 0, completed.out + completed.err
    assert completed.err == ""
    count = f"{len(files)} scenario{'s' if len(files) > 1 else ''}, {len(files)} passed in "
    assert completed.out.splitlines()[-1].startswith(count)
    suite = ET.fromstring(report.read_text()).find("testsuite")
    assert suite is not None
    assert [case.get("file") for case in suite] == [str(path) for path in files]
