"""Results as JUnit XML, for CI systems."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from fake_daily_server.timeline_text.lines import line
from scenarios.reporting.result_text import failure_location
from scenarios.runner import Result

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 §2.2 does not allow."""


def write_junit(results: Sequence[Result], path: Path) -> None:
    """Write a test case for each scenario, its folder as the class. Raises OSError if the file cannot be written."""
    suite = ET.Element(
        "testsuite",
        name="scenarios",
        tests=str(len(results)),
        failures=str(sum(not result.passed for result in results)),
        errors="0",
        skipped="0",
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        _add_case(suite, result)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, result: Result) -> None:
    file = result.file
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_xml_text(f"scenarios.{file.path.parent.name}".rstrip(".")),
        name=_xml_text(f"{file.path.stem}: {file.scenario.title}"),
        file=_xml_text(str(file.path)),
        time=f"{result.seconds:.3f}",
    )
    if result.failure is not None:
        message = f"{failure_location(file, result.failure)}: {result.failure.text.splitlines()[0]}"
        ET.SubElement(case, "failure", message=_xml_text(message)).text = _xml_text(result.failure.text)
    started_at = result.records[0].at if result.records else 0.0
    log = "\n".join(line(record, started_at) for record in result.records)
    ET.SubElement(case, "system-out").text = _xml_text(log)


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
