"""Programs under test in a file: mistakes are found before anything runs, with the place and the way out."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.scenario_texts import problems

FILE = """\
title: t
client: {command: [$python, bot.py]}
phones: {anna: {number: "+12065550142"}}
steps:
  - expect: startDialOut
"""


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("[$python, bot.py]", "pyhton bot.py", "2:19", "there is no program 'pyhton' on PATH; did you mean 'python'?"),
        ("[$python, bot.py]", "./none.sh", "2:19", "there is no program 'none.sh'; a path starts at `cwd`"),
        ("[$python, bot.py]", "sh 'x", "2:19", "cannot be split into words: No closing quotation"),
        ("[$python, bot.py]", "[]", "2:19", "must have at least 1 item"),
        ("command:", "commnd:", "2:10", "did you mean 'command'?"),
        ("bot.py]}", "bot.py], cwd: nowhere}", "2:19", "there is no folder 'nowhere' to run in"),
        ("bot.py]}", "bot.py], ready: join}", "2:45", "'join' is not allowed; allowed: joins, started, {http: URL}"),
        ("bot.py]}", "bot.py], ready: {http: x, joins: true}}", "2:52", "'x' is not a URL of this machine"),
        ("bot.py]}", "bot.py], ready: {listens: 99999}}", "2:55", "'99999' is not a port"),
        ("bot.py]}", "bot.py], ready: {prints: /(/}}", "2:54", "is not usable; allowed: a regular expression"),
        ("bot.py]}", "bot.py], env: {A: $ana.number}}", "2:47", "$ana is not saved by an earlier step; did you mean"),
        (
            "bot.py]}",
            "bot.py], env: {A: $client.prt}}",
            "2:47",
            "$client.prt is not known; did you mean '$client.port'?",
        ),
        ("bot.py]}", "bot.py], room: upstairs}", "1:1", "client 'client' is in room 'upstairs', which is not one of"),
        ("startDialOut", "startDialOt", "5:13", "'startDialOt' is not an event"),
        (
            "startDialOut",
            "startDialOut\n    where: {phoneNumbr: 1}",
            "6:13",
            "startDialOut has no 'phoneNumbr'; did you mean",
        ),
        ("startDialOut", "startDialOut\n    by: clent", "6:9", "there is no program 'clent'; did you mean 'client'?"),
        ("startDialOut", "startDialOut\n    for_ms: 1", "5:5", "`for_ms` goes with `absent: true`"),
        (
            "expect: startDialOut",
            "client: startDialOut\n    with: {phoneNumber: $anna.number}",
            "5:13",
            "'client' is a program, which decides itself what to request; write `expect: startDialOut`",
        ),
        ("expect: startDialOut", "{expect: {webhook: dialout.answerd}}", "5:24", "did you mean 'dialout.answered'?"),
        (
            "expect: startDialOut",
            "{expect: {webhook: dialout.answered, where: {x: 1}}}",
            "5:50",
            "dialout.answered has no 'x'",
        ),
        (
            "expect: startDialOut",
            "{program: bot, expect: ended}",
            "5:15",
            "there is no program 'bot'; programs: client",
        ),
        ("expect: startDialOut", "{program: client, expect: joined, exit_code: 1}", "5:5", "goes with `expect: ended`"),
        (
            "expect: startDialOut",
            "{program: client, does: x}",
            "5:5",
            "a step about a program has one of the words expect or",
        ),
        ("expect: startDialOut", "{program: client, prints: /a/, save: {x: y}}", "5:43", "`prints` has no group 'y'"),
        ("expect: startDialOut", "{hears_from: client, hum: 440}", "5:5", "`hears_from` goes with expectations"),
        (
            "expect: startDialOut",
            "{hears_from: client, phone: anna, expect_tone: 440}",
            "5:5",
            "about one party, not about",
        ),
        (
            "client: {command: [$python, bot.py]}\n",
            "",
            "4:13",
            "there is no program under test; give `client` a `command`",
        ),
    ],
)
def test_a_mistake_names_its_place_and_the_way_out(old: str, new: str, place: str, words: str) -> None:
    assert old in FILE
    found = problems(FILE.replace(old, new, 1))
    assert [each for each in found if str(each).startswith(f"here.yaml:{place}: ") and words in str(each)], found


def test_a_program_is_valid() -> None:
    assert problems(FILE) == []
