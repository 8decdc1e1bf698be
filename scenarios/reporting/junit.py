"""Results as JUnit XML, for CI systems."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from fake_daily_server.timeline_text.lines import line
from scenarios.loading.problems import Problem
from scenarios.reporting.result_text import failure_location
from scenarios.runner import Result

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 §2.2 does not allow."""


def write_junit(
    results: Sequence[Result],
    path: Path,
    *,
    problems: Sequence[Problem] = (),
    pages: Mapping[str, Path] = MappingProxyType({}),
) -> None:
    """Write a test case for each scenario, its folder as the class, and one with an error for each invalid file.

    `pages` are the reports by the name of the scenario's file; each is the property `daily_report` of its case.
    Raises OSError if the file cannot be written.
    """
    invalid: dict[Path, list[Problem]] = {}
    for problem in problems:
        invalid.setdefault(problem.file, []).append(problem)
    suite = ET.Element(
        "testsuite",
        name="scenarios",
        tests=str(len(results) + len(invalid)),
        failures=str(sum(not result.passed for result in results)),
        errors=str(len(invalid)),
        skipped=str(sum(result.expected is not None for result in results)),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        _add_case(suite, result, pages.get(result.file.name))
    for file, mistakes in invalid.items():
        case = _case(suite, file, file.stem, seconds=0)
        text = "\n".join(map(str, mistakes))
        ET.SubElement(case, "error", message=_xml_text(str(mistakes[0]))).text = _xml_text(text)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, result: Result, page: Path | None) -> None:
    file = result.file
    case = _case(suite, file.path, f"{file.short_name}: {file.scenario.title}", seconds=result.seconds)
    if page is not None:
        ET.SubElement(ET.SubElement(case, "properties"), "property", name="daily_report", value=_xml_text(str(page)))
    if result.failure is not None:
        message = f"{failure_location(file, result.failure)}: {result.failure.text.splitlines()[0]}"
        ET.SubElement(case, "failure", message=_xml_text(message)).text = _xml_text(result.failure.text)
    if result.expected is not None:
        message = f"failed as expected: {file.scenario.expected_failure}"
        ET.SubElement(case, "skipped", message=_xml_text(message)).text = _xml_text(result.expected.text)
    started_at = result.records[0].at if result.records else 0.0
    log = "\n".join(line(record, started_at) for record in result.records)
    ET.SubElement(case, "system-out").text = _xml_text(log)


def _case(suite: ET.Element, file: Path, name: str, *, seconds: float) -> ET.Element:
    return ET.SubElement(
        suite,
        "testcase",
        classname=_xml_text(f"scenarios.{file.parent.name}".rstrip(".")),
        name=_xml_text(name),
        file=_xml_text(str(file)),
        time=f"{seconds:.3f}",
    )


def _xml_text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
