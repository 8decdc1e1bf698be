"""Broken scenario files of many kinds: each mistake has one message, with its place and the way out.

Those of cases and includes, of personas and of programs are in test_cases_and_includes, test_persona_checks and
test_program_steps; programs that end at once or never become ready in tests/integration/scenarios.
"""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios
from scenarios.loading.scenario_files import ScenarioFile

SET_UP = 'title: t\nroom: {enable_dialout: true}\nphones:\n  desk: {number: "+12065550142"}\nsteps:\n  - '
PHONE = "title: t\nsteps: [{pause_ms: 1}]\nphones:\n  anna: "
FILES = {
    "empty": ("", "1:1: a scenario is a mapping that begins with `title: …`; the file is empty"),
    "a list": ("- title: t\n", "1:1: a scenario is a mapping that begins with `title: …`; the file contains a list"),
    "not UTF-8": ("title: caf\udce9\n", "1:11: this is not UTF-8 text; save the file as UTF-8"),
    "a tab": ("title: t\nsteps:\n\t- pause_ms: 1\n", "3:1: not YAML: * indent with spaces"),
    "an open quotation": ("title: 't\n", "2:1: not YAML: *quoted scalar*"),
    "an unknown alias": ("title: t\nsteps: [*x]\n", "2:9: not YAML: found undefined alias 'x'"),
    "a field twice": ("title: t\ntitle: u\n", "2:1: title: appears twice; the first one is in line 1"),
    "no steps": ("title: t\n", "1:1: steps: is missing"),
    "an empty list of steps": ("title: t\nsteps: []\n", "2:8: steps: must have at least 1 item"),
    "a step of one word": (f"{SET_UP}dial\n", "6:5: steps[1]: a step has one of the words client, *'dial' has none"),
    "a step without a verb": (f"{SET_UP}phone: desk\n", "6:5: steps[1]: a phone step has one of the words dial, *"),
    "a step of two verbs": (
        f"{SET_UP}{{phone: desk, do: hangup, press: '1'}}\n",
        "6:19: steps[1].do: a step does one thing, *'press'; make it a step of its own",
    ),
    "a number of no steps": (
        "title: t\nruns: 0\nsteps: [{pause_ms: 1}]\n",
        "2:7: runs: '0' is not allowed; *at least 1",
    ),
    "a text for a number": (f"{SET_UP}pause_ms: soon\n", "6:15: steps[1].pause_ms: 'soon' is not a whole number"),
    "an unknown phone": (f"{SET_UP}{{phone: dsk, do: hangup}}\n", "6:13: * no phone 'dsk'; did you mean 'desk'?*"),
    "an unknown event": (f"{SET_UP}expect: dialout-answerd\n", "6:13: *did you mean 'dialout-answered'?"),
    "a field of no event": (
        f"{SET_UP}{{expect: dialout-answered, where: {{sesionId: x}}}}\n",
        "6:40: steps[1].where.sesionId: dialout-answered has no field 'sesionId'; did you mean 'sessionId'?*",
    ),
    "a wrong pattern": (
        f"{SET_UP}{{expect: dialout-error, where: {{errorMsg: /(/}}}}\n",
        "6:47: *missing )*; write '=/(/' for the literal text",
    ),
    "a wrong digit": (f"{SET_UP}{{phone: desk, press: 12x}}\n", "6:26: steps[1].press: '12x' *'x' is not one of them"),
    "tracks in a list": (f"{SET_UP}tracks: [1]\n", "6:13: steps[1].tracks: a list is not a mapping such as *"),
    "a taken name": (
        f"{SET_UP}{{expect: dialout-answered, save: {{desk: sessionId}}}}\n",
        "6:45: steps[1].save.desk: $desk is already the name of something else; choose another name",
    ),
    "a fault on no event": (
        f"{SET_UP}{{carrier: event_fault, with: {{fault: event-drop, event: dialout-answerd}}}}\n",
        "6:61: steps[1].with.event: *did you mean 'dialout-answered'?",
    ),
    "a fault without a delay": (
        f"{SET_UP}{{carrier: event_fault, with: {{fault: event-delay}}}}\n",
        "6:34: steps[1].with: `event-delay` requires `delay_ms`*",
    ),
    "no telephone number": (f"{PHONE}{{number: '206'}}\n", "4:18: phones.anna.number: '206' *such as +12065550142"),
    "a number twice": (
        f"{PHONE}{{number: '+12065550142'}}\n  bob: {{number: '+12065550142'}}\n",
        "5:17: phones.bob.number: the phone 'anna' has +12065550142, too; give each phone a number of its own",
    ),
    "calls beside a persona": (
        f"{PHONE}{{number: '+12065550142', persona: busy, calls: busy}}\n",
        "4:9: phones.anna: `calls` has no effect beside `persona`, *; give one of the two",
    ),
    "a persona that is no class": (
        f"{PHONE}{{number: '+12065550142', persona: {{python: nowhere:Anna}}}}\n",
        "4:*: phones.anna.persona: *No module named 'nowhere'*",
    ),
    "an unknown noise": (
        f"{PHONE}{{noise: {{kind: rain}}}}\n",
        "4:24: phones.anna.noise.kind: 'rain' *allowed: street, *",
    ),
    "an unknown setting": (
        "title: t\nsettings: {ring_timout: 3}\nsteps: [{pause_ms: 1}]\n",
        "2:12: settings.ring_timout: is not known here; did you mean 'ring_timeout'?",
    ),
    "an unknown room property": (
        "title: t\nroom: {enable_dial_out: true}\nsteps: [{pause_ms: 1}]\n",
        "2:8: room.enable_dial_out: is not known here; did you mean 'enable_dialout'?",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_broken_file_has_one_message_with_its_place_and_the_way_out(tmp_path: Path, kind: str) -> None:
    text, message = FILES[kind]
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InvalidScenarios) as invalid:
        ScenarioFile.read_all(path)
    (line,) = str(invalid.value).splitlines()
    pattern = f"mine.yaml:{message}".replace("[", "[[]").replace("?", "[?]")
    assert fnmatch.fnmatchcase(line.replace(f"{tmp_path}/", ""), pattern), line
