"""Files with `cases` and `include`: what they stand for, and their mistakes with the place and the way out."""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.scenario_files import ScenarioFile

SHARED = """\
room: {enable_dialout: true}
phones:
  desk: {number: "+12065550142", lines: 2}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
"""
TABLE = """\
title: The desk $calls
include: _shared.yaml
tags: smoke
parameters: {within: 2000}
cases:
  - {name: busy, calls: busy, error: /busy/i}
  - {name: declines, calls: {ring_ms: 10, then: decline}, error: /603/, within: 300, tags: [slow]}
phones:
  desk: {calls: $calls}
steps:
  - include: _shared.yaml
  - expect: dialout-error
    where: {errorMsg: $error}
    within_ms: ${within}
"""


def read(folder: Path, text: str = TABLE, **others: str) -> list[ScenarioFile]:
    for name, content in {"_shared": SHARED, **others}.items():
        (folder / f"{name}.yaml").write_text(content)
    (folder / "mine.yaml").write_text(text)
    return ScenarioFile.read_all(folder / "mine.yaml")


def problems(folder: Path, text: str, **others: str) -> list[str]:
    with pytest.raises(InvalidScenarios) as invalid:
        read(folder, text, **others)
    return [line.replace(f"{folder}/", "") for line in str(invalid.value).splitlines()]


def test_each_case_is_a_scenario(tmp_path: Path) -> None:
    busy, declines = read(tmp_path)
    assert [file.short_name for file in (busy, declines)] == ["mine[busy]", "mine[declines]"]
    assert busy.scenario.title == "The desk busy"
    assert [file.scenario.phones["desk"].calls[0].then for file in (busy, declines)] == ["busy", "decline"]
    assert [file.scenario.phones["desk"].lines for file in (busy, declines)] == [2, 2]
    assert [file.scenario.steps[1].within_ms for file in (busy, declines)] == [2000, 300]  # type: ignore[union-attr]
    assert [file.scenario.tags for file in (busy, declines)] == [("smoke",), ("slow",)]
    assert [f"{place.file.name}:{place.line}" for place in busy.step_places] == ["_shared.yaml:5", "mine.yaml:12"]
    assert ScenarioFile.read(tmp_path / "mine.yaml", case="declines") == declines


def test_what_a_file_says_precedes_what_it_includes(tmp_path: Path) -> None:
    (file,) = read(
        tmp_path,
        "title: t\ninclude: [_shared.yaml, _more.yaml]\nroom: {enable_dialout: false}\nsteps: [{pause_ms: 1}]\n",
        _more='phones:\n  desk: {codecs: [PCMA]}\n  lobby: {number: "+12065550143"}\n',
    )
    assert file.scenario.room is not None
    assert file.scenario.room.properties() == {"enable_dialout": False}
    assert [*file.scenario.phones] == ["desk", "lobby"]
    assert file.scenario.phones["desk"].codecs == ("PCMA",)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("calls: busy,", "calls: bussy,", "mine.yaml:6:25: phones.desk.calls: 'bussy' is not usable; *'busy'?"),
        (
            "calls: busy, ",
            "",
            "mine.yaml:6:5: cases[1]: the case lacks 'calls', which case 2 has; add it, or a default to `parameters`",
        ),
        (
            "$error",
            "$eror",
            "mine.yaml:6:38: cases[1].error: $error is used nowhere in the file; did you mean 'eror'?*",
        ),
        ("name: declines", "name: busy", "mine.yaml:7:12: cases[2].name: 'busy' is the name of case 1, too; *"),
        ("name: busy, ", "", "mine.yaml:6:5: cases[1].name: each case has a `name` of 1 to 60 characters"),
        ("{within: 2000}", "[2000]", "mine.yaml:4:13: parameters: must be a mapping such as {ring_ms: 200}"),
        ("2000}", "2000, desk: 1}", "mine.yaml:4:34: parameters.desk: $desk is already the name of something else; *"),
        ("2000}", "2000, x-y: 1}", "mine.yaml:4:33: parameters.x-y: 'x-y' cannot be the name of a parameter; *"),
        (
            "include: _shared.yaml\ntags",
            "include: _sharde.yaml\ntags",
            "mine.yaml:2:10: include: _sharde.yaml cannot be read: No such *; did you mean '_shared.yaml'?",
        ),
        (
            "- include: _shared.yaml",
            "- include: mine.yaml",
            "mine.yaml:11:14: steps[1].include: the file includes itself: mine.yaml → mine.yaml; remove one *",
        ),
        (
            "- include: _shared.yaml",
            "- {include: _shared.yaml, save: x}",
            "*:11:*: steps[1].save: a step with `include` *",
        ),
        (
            "- include: _shared.yaml",
            "- include: _none.yaml",
            "*:11:14: steps[1].include: *none.yaml has no list of `steps`*",
        ),
        (
            "- include: _shared.yaml",
            "- include: _bad.yaml",
            "_bad.yaml:2:14: steps[1].client: 'startDialOt' is *'startDialOut'?*",
        ),
        (
            "- include: _shared.yaml",
            "- include: _loop.yaml",
            "_loop.yaml:2:14: *itself: mine.yaml → _loop.yaml → mine.yaml; *",
        ),
        (
            "  - include: _shared.yaml",
            "  - inclde: _shared.yaml",
            "mine.yaml:11:5: steps[1].inclde: *did you mean 'include'?",
        ),
        ("tags: smoke", "tags: [a-b]", "mine.yaml:3:8: tags[1]: 'a-b' is not allowed; it must be of the form *"),
    ],
)
def test_a_mistake_names_its_place_and_the_way_out(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in TABLE
    found = problems(
        tmp_path,
        TABLE.replace(old, new, 1),
        _none="phones: {}\n",
        _bad="steps:\n  - {client: startDialOt}\n",
        _loop="steps:\n  - include: mine.yaml\n",
    )
    assert len(found) == 1, found
    assert fnmatch.fnmatchcase(found[0], problem.replace("[", "[[]")), found[0]
