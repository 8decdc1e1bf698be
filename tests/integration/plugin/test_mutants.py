"""The mutants of suites of other projects, by `--daily-mutants`: a weak suite shows the survivors that were planted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fake_daily_server.mutants.outcome import Outcome, read_outcomes
from tests.integration.plugin.test_plugin import run

PROJECT = """
    def test_answered(sync_daily_client, sync_phone_network):
        phone = sync_phone_network.phone("+12065550142")
        sync_daily_client.start_dialout({"phoneNumber": phone.number})
        answered = sync_daily_client.wait_for("dialout-answered", within=2)
        assert answered["destination"] == phone.number
        phone.calls[0].hang_up()
        sync_daily_client.wait_for("participant-left")
"""
"""A test that waits for `dialout-answered`, and asserts one field of it; it never looks for `dialout-stopped`."""

EXCLUSIONS = """
"event-* participant-*": who is in the room is no concern of this project
"event-delay *": nor is time
"event-duplicate *": nor are repetitions
"event-out-of-order *": nor is the order
"event-* dialout-connected*": nor is ringing
"event-* dialin-ready*": nor are callers
"event-without-field dialout-*": except for the destination
"codec-fallback *": nor are codecs
"webhook-drop *": there are none
far-end-hangs-up call: the test hangs up itself
"""


def outcomes() -> dict[str, Outcome]:
    return {str(outcome.mutant): outcome for outcome in read_outcomes(Path(".daily-sim/mutants.jsonl"))}


def test_a_weak_suite_is_told_what_nobody_would_notice(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("excluded.yaml").write_text(EXCLUSIONS, "utf-8")
    options = ("--daily-mutants", "--daily-mutants-budget=90", "--daily-mutants-exclude=excluded.yaml")
    result = run(pytester, PROJECT, *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    found = outcomes()
    assert {str(mutant): outcome.verdict for mutant, outcome in found.items()} == {
        "call-refused INVITE 486": "noticed",
        "event-drop dialout-answered": "noticed",
        "event-drop dialout-stopped": "survived",
    }
    assert found["event-drop dialout-answered"].by.endswith("::test_answered")
    result.stdout.fnmatch_lines(
        [
            "tried 3 of 3 mutants: 2 noticed, 1 not; * excluded",
            "nobody noticed that `dialout-stopped` never came",
            "    *::test_answered met it; mutant: event-drop dialout-stopped",
            "excluded.yaml: webhook-drop *: no test met such a mutant",
        ]
    )
    again = run(pytester, PROJECT, *options, "--daily-mutants-budget=0", "--daily-mutants-resume")
    again.stdout.fnmatch_lines(["tried 3 of 3 mutants: 2 noticed, 1 not; * excluded"])


def test_no_mutants_if_a_test_fails(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_bad(sync_fake_daily): assert False", "--daily-mutants")
    result.stdout.fnmatch_lines(["no mutants were tried: all tests have to pass first"])


def test_what_the_budget_cuts_off_is_not_noticed(pytester: pytest.Pytester) -> None:
    result = run(pytester, PROJECT, "--daily-mutants", "--daily-mutants-budget=0")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["tried 0 of * mutants: 0 noticed, 0 not", "not tried: *, the budget of 0 s was used up"]
    )


def test_workers_of_xdist_meet_mutants_and_as_many_processes_try_them(pytester: pytest.Pytester) -> None:
    options = ("-n", "2", "--daily-mutants", "--daily-mutants-budget=90", "--daily-mutants-only=event-drop dialout-*")
    result = run(pytester, PROJECT, *options)
    result.stdout.fnmatch_lines(["tried 3 of 3 mutants: 1 noticed, 2 not", "file://*/.daily-sim/reports/mutants.html"])
    batches = sorted(Path(".daily-sim/mutants").glob("*.json"))
    assert [len(json.loads(file.read_text("utf-8"))["todo"]) for file in batches] == [2, 1]
    assert {outcome.verdict for outcome in outcomes().values()} == {"noticed", "survived"}


def test_scenario_files_are_tried_too(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("weak.scenario.yaml").write_text(
        "title: weak\nroom: {enable_dialout: true}\nphones: {desk: {number: '+12065550142'}}\n"
        "steps: [{client: startDialOut, with: {phoneNumber: '+12065550142'}}, {expect: dialout-answered},"
        " {phone: desk, do: hangup}, {expect: participant-left}]\n",
        "utf-8",
    )
    run(pytester, "", "--daily-mutants", "--daily-mutants-budget=90", "--daily-mutants-only=event-drop dialout-[as]*")
    assert {str(mutant): outcome.verdict for mutant, outcome in outcomes().items()} == {
        "event-drop dialout-answered": "noticed",
        "event-drop dialout-stopped": "survived",
    }
