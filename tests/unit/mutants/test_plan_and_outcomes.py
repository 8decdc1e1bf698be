"""The order in which mutants are tried, what is excluded, and what is told of their outcomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.outcome import Outcome, outcome_lines, read_outcomes, survivors, with_untried
from fake_daily_server.mutants.plan import candidates, needless_exclusions, read_exclusions, split
from simulator.errors import ConfigurationError

DROP, TWICE, LATE = (
    Mutant("event-drop", "dialout-stopped"),
    Mutant("event-duplicate", "dialout-stopped"),
    Mutant("event-delay", "dialout-stopped"),
)
REFUSED = Mutant("call-refused", "INVITE", "486")
MET = {"test_a": [LATE, DROP], "test_b": [DROP, TWICE, REFUSED]}


def test_the_most_telling_come_first_and_a_seed_repeats_the_order() -> None:
    found = candidates(MET, seed=3)
    assert [candidate.mutant.rank for candidate in found] == [0, 0, 3, 4]
    assert found == candidates(MET, seed=3)
    orders = {tuple(candidate.mutant for candidate in candidates(MET, seed=seed)) for seed in range(9)}
    assert len(orders) == 2


def test_only_tests_that_met_it_are_run() -> None:
    tests = {candidate.mutant: candidate.tests for candidate in candidates(MET, seed=0)}
    assert tests[DROP] == ("test_a", "test_b")
    assert tests[LATE] == ("test_a",)


def test_excluded_mutants_are_not_tried_and_needless_exclusions_are_told() -> None:
    patterns = ["event-* dialout-*", "webhook-drop *"]
    assert [candidate.mutant for candidate in candidates(MET, seed=0, exclusions=patterns)] == [REFUSED]
    assert needless_exclusions(patterns, MET) == ["webhook-drop *"]


@pytest.mark.parametrize("text", ["- event-drop", "event-drop x:", "a: [", "event-drop x: 3"])
def test_an_exclusion_needs_a_reason(tmp_path: Path, text: str) -> None:
    file = tmp_path / "excluded.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"excluded\.yaml"):
        read_exclusions(file)


def test_processes_share_the_work_and_each_begins_with_the_most_telling() -> None:
    parts = split(candidates(MET, seed=0), 2)
    assert [[candidate.mutant.rank for candidate in part] for part in parts] == [[0, 3], [0, 4]]
    assert len(split(candidates(MET, seed=0), 9)) == 4


def test_outcomes_are_kept_as_lines_and_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    kept = [Outcome(DROP, "survived"), Outcome(REFUSED, "noticed", "test_b")]
    file.write_text("".join(outcome.as_line() for outcome in kept) + '{"mutant": ["even', "utf-8")
    assert list(read_outcomes(file)) == kept
    assert list(read_outcomes(tmp_path / "none.jsonl")) == []


def test_fields_of_one_event_share_their_lines() -> None:
    fields = [Mutant("event-without-field", "dialout-stopped", name) for name in ("origin", "provider")]
    found = candidates({"test_a": [*fields, DROP]}, seed=0)
    outcomes = [Outcome(candidate.mutant, "survived") for candidate in found]
    names = [outcome.mutant.detail for outcome in outcomes if outcome.mutant.detail]
    assert list(outcome_lines(found, outcomes))[3:] == [
        f"nobody noticed that `dialout-stopped` had no `{names[0]}`, `{names[1]}`",
        "    test_a met it; mutants: event-without-field dialout-stopped *",
    ]


def test_survivors_are_told_in_words_and_what_was_not_tried_counts_as_nothing() -> None:
    found = candidates(MET, seed=0)
    known = [Outcome(DROP, "survived"), Outcome(TWICE, "survived"), Outcome(REFUSED, "noticed", "test_b")]
    outcomes = with_untried(found, known, "the budget of 5 s was used up")
    assert list(outcome_lines(found, outcomes, 2)) == [
        "tried 3 of 4 mutants: 1 noticed, 2 not; 2 excluded",
        "nobody noticed that `dialout-stopped` never came",
        "    test_a, test_b met it; mutant: event-drop dialout-stopped",
        "no test failed because of these, which a good program copes with:",
        "    `dialout-stopped` came twice",
        "not tried: 1, the budget of 5 s was used up",
        "    event-delay dialout-stopped",
    ]
    assert [outcome.mutant for outcome in survivors(outcomes)] == [DROP]
