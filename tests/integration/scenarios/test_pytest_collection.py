"""pytest runs scenario files as tests."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

ASYNCIO = ("-W", "error", "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
ENDS = "- {client: startDialOut, with: {phoneNumber: $desk.number}}\n  - {expect: dialout-error, within_ms: $within}"
TABLE = f"""\
title: The desk is $calls
tags: [smoke]
room: {{enable_dialout: true}}
parameters: {{within: 3000}}
cases:
  - {{name: busy, calls: busy}}
  - {{name: declines, calls: decline, tags: [slow]}}
  - {{name: answers, calls: {{then: drop, after_ms: 1}}, within: 300, expected_failure: it is not busy}}
phones: {{desk: {{number: "+12065550142", calls: $calls}}}}
steps:
  {ENDS}
"""
FAILS = """\
title: Nobody answers
steps:
  - expect: dialout-answered
    within_ms: 50
"""


@pytest.fixture
def stories(pytester: pytest.Pytester) -> pytest.Pytester:
    calls = pytester.mkdir("calls")
    (calls / "desk.scenario.yaml").write_text(TABLE)
    (calls / "plain.yaml").write_text(FAILS)
    (calls / "_shared.scenario.yaml").write_text("phones: {}\n")
    (calls / "other.yaml").write_text("a: 1\n")
    return pytester


def test_files_with_the_pattern_are_tests_with_their_cases(stories: pytest.Pytester) -> None:
    stories.makepyfile("def test_beside(): pass")
    result = stories.runpytest_subprocess(*ASYNCIO, "-v", "--strict-markers", "--junit-xml=report.xml")
    result.assert_outcomes(passed=3, xfailed=1)
    result.stdout.fnmatch_lines(["*desk.scenario.yaml::desk[[]busy[]] PASSED*"])
    cases = ET.parse(stories.path / "report.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases} == {"desk[busy]", "desk[declines]", "desk[answers]", "test_beside"}


def test_a_failure_is_that_of_the_command(stories: pytest.Pytester) -> None:
    result = stories.runpytest_subprocess(*ASYNCIO, "calls/plain.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*plain.yaml:3: step 1, dialout-answered",
            "Expected  dialout-answered  within 0.05 s",
            "Nearest   nothing like it happened",
            "*joins the room*",
            "FAILED calls/plain.yaml::plain - Expected dialout-answered within 0.05 s*",
        ]
    )
    again = stories.runpytest_subprocess(*ASYNCIO, "--lf", "--co", "-q", "calls/plain.yaml", "calls/desk.scenario.yaml")
    again.stdout.fnmatch_lines(["calls/plain.yaml::plain"])
    again.stdout.no_fnmatch_line("*desk.scenario.yaml::*")


@pytest.mark.parametrize(
    ("options", "collected"),
    [
        (["-m", "slow"], ["desk[declines]"]),
        (["-m", "smoke"], ["desk[busy]", "desk[answers]"]),
        (["-k", "declines"], ["desk[declines]"]),
        (["-o", "daily_scenarios=calls/p*.yaml"], ["plain"]),
    ],
    ids=" ".join,
)
def test_tags_words_and_patterns_choose(stories: pytest.Pytester, options: list[str], collected: list[str]) -> None:
    result = stories.runpytest_subprocess(*ASYNCIO, "--co", "-q", "--strict-markers", *options)
    assert [line.rpartition("::")[2] for line in result.outlines if "::" in line] == collected


def test_a_mistake_is_an_error_with_its_place(stories: pytest.Pytester) -> None:
    (stories.path / "calls" / "desk.scenario.yaml").write_text(TABLE.replace("dialout-error", "dialout-eror"))
    result = stories.runpytest_subprocess(*ASYNCIO)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*desk.scenario.yaml:12:14: *'dialout-eror' is not an event; did you mean*"])


def test_a_package_of_the_user_with_the_same_name_is_named(stories: pytest.Pytester) -> None:
    (stories.mkpydir("scenarios") / "test_calls.py").write_text("def test_it(): pass")
    result = stories.runpytest_subprocess(*ASYNCIO, "--import-mode=prepend", "scenarios", "calls")
    result.stdout.fnmatch_lines(["the package 'scenarios' in *scenarios hides the one that reads scenario files; *"])
