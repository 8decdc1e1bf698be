"""Every scenario file of this repository, through the command line, on real SIP."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scenarios.files import find
from tests.integration.scenarios.command import SHIPPED, command

FILES = find([SHIPPED])
FOLDERS = sorted({path.parent.name for path in FILES})


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_pass(folder: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    ran = command("run", SHIPPED / folder, "--junit", report)
    files = [path for path in FILES if path.parent.name == folder]
    assert ran.code == 0, ran.out + ran.err
    assert ran.err == ""
    count = f"{len(files)} scenario{'s' if len(files) > 1 else ''}, {len(files)} passed in "
    assert ran.out.splitlines()[-1].startswith(count)
    suite = ET.fromstring(report.read_text()).find("testsuite")
    assert suite is not None
    assert [case.get("file") for case in suite] == [str(path) for path in files]
