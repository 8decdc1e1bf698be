"""The faults that mutants set, the steps of stories that set the same, and the page of survivors."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
import yaml

from fake_daily_server.mutants.fault import step_of
from fake_daily_server.mutants.mutant import Mutant, MutantKind
from fake_daily_server.mutants.outcome import Outcome
from fake_daily_server.mutants.page import write_survivors
from fake_daily_server.mutants.plan import candidates
from scenarios.loading.scenario_files import ScenarioFile

OF = {
    "call-refused": ("INVITE", "486"),
    "codec-fallback": ("INVITE", "PCMU"),
    "digit-lost": ("dtmf-event", ""),
    "digit-doubled": ("dtmf-event", ""),
    "digit-other-method": ("dtmf-event", "sip-info"),
    "rest-status": ("POST /v1/rooms/{room}/dialOut/start", "429"),
    "event-without-field": ("dialout-stopped", "sipCallId"),
    "far-end-hangs-up": ("call", ""),
    "sent-digit-lost": ("sendDTMF", ""),
    "sent-digit-doubled": ("sendDTMF", ""),
    "sent-digit-other-method": ("sendDTMF", ""),
}
MUTANTS = [
    Mutant(kind, *OF.get(kind, ("dialout.stopped" if kind.startswith("webhook") else "dialout-stopped", "")))
    for kind in get_args(MutantKind)
]


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if each.kind != "far-end-hangs-up"], ids=str)
def test_the_step_of_a_mutant_can_be_used_in_a_story(mutant: Mutant, tmp_path: Path) -> None:
    story = {"title": "with a fault", "room": {}, "steps": yaml.safe_load(step_of(mutant))}
    file = tmp_path / "story.yaml"
    file.write_text(yaml.safe_dump(story), "utf-8")
    assert len(ScenarioFile.read_all(file)) == 1


def test_every_kind_says_what_went_wrong() -> None:
    words = {mutant.words for mutant in MUTANTS}
    assert len(words) == len(MUTANTS)
    assert "{" not in "".join(words).replace("{room}", "")


def test_the_page_has_each_survivor_with_its_tests_and_its_step(tmp_path: Path) -> None:
    drop, twice = Mutant("event-drop", "dialout-stopped"), Mutant("event-duplicate", "dialout-stopped")
    found = candidates({"test_<a>": [drop, twice]}, seed=0)
    path = write_survivors(found, [Outcome(drop, "survived"), Outcome(twice, "not tried", "no time")], tmp_path)
    text = path.read_text("utf-8")
    assert "Nobody noticed that `dialout-stopped` never came" in text
    assert "test_&lt;a&gt;" in text
    assert "with: {fault: event-drop, event: dialout-stopped, times: all}" in text
    assert "event-duplicate dialout-stopped</code>: no time" in text
    assert "<script" not in text
    assert "style=" not in text
    assert (tmp_path / "report.css").exists()


def test_only_some_mutants_are_tried() -> None:
    met = {"test_a": MUTANTS}
    assert [str(each.mutant) for each in candidates(met, seed=0, only="event-drop *")] == ["event-drop dialout-stopped"]
