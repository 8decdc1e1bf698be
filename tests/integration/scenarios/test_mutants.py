"""`daily-sim mutants`: what a weak story would not notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.scenarios.command import command

STORY = """
title: A weak story
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
  - expect: dialout-answered
    within_ms: 2000
  - phone: desk
    do: hangup
  - expect: participant-left
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    file = tmp_path / "weak.yaml"
    file.write_text(STORY, "utf-8")
    return file


def test_a_survivor_is_told_and_another_run_goes_on_there(story: Path) -> None:
    only = ("--only", "event-drop dialout-*", "--budget", "60")
    first = command("mutants", story, *only, folder=story.parent)
    assert first.code == 1, first.err
    told = first.out.splitlines()
    assert told[0] == "tried 3 of 3 mutants: 1 noticed, 2 not"
    assert "nobody noticed that `dialout-stopped` never came" in told
    assert told[-1].endswith("/.daily-sim/reports/mutants.html")
    assert "event-drop dialout-answered: noticed" in first.err
    again = command("mutants", story, *only, "--resume", folder=story.parent)
    assert (again.code, again.out, again.err) == (1, first.out, "")


def test_all_mutants_that_are_noticed_are_a_success(story: Path) -> None:
    noticed = command("mutants", story, "--only", "event-drop dialout-answered", "--budget", "60", folder=story.parent)
    assert noticed.code == 0
    assert noticed.out == "tried 1 of 1 mutants: 1 noticed, 0 not\n"


def test_a_story_that_fails_by_itself_is_refused(story: Path) -> None:
    story.write_text(STORY.replace("participant-left", "dialout-error\n    within_ms: 100"), "utf-8")
    refused = command("mutants", story, folder=story.parent)
    assert refused.code == 2
    assert "all scenarios have to pass first; failed: " in refused.err


SENDS = """
title: Nobody looks at the digits that are sent
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142"}}
steps:
  - client: startDialOut
    with: {phoneNumber: $desk.number}
    save: {session: sessionId}
  - expect: dialout-answered
  - client: sendDTMF
    with: {sessionId: $session, tones: "12", digitDurationMs: 100}
  - phone: desk
    HEARS
  - phone: desk
    do: hangup
  - expect: dialout-stopped
"""


def verdicts(err: str) -> dict[str, str]:
    """What became of each mutant, by the lines that tell of it."""
    found = (line.split(": ", 1)[1].rpartition(": ") for line in err.splitlines())
    return {mutant: outcome.split()[0] for mutant, _, outcome in found}


@pytest.mark.parametrize(
    ("hears", "code", "lost", "other"),
    [
        ("expect: answered", 1, "survived", "survived"),
        ('hears: "12"', 0, "noticed", "survived"),
        ('hears: "12"\n    method: telephone-event', 0, "noticed", "noticed"),
    ],
    ids=["no digit", "digits", "digits and method"],
)
def test_digits_of_clients_that_no_phone_expects(story: Path, hears: str, code: int, lost: str, other: str) -> None:
    story.write_text(SENDS.replace("HEARS", hears), "utf-8")
    tried = command("mutants", story, "--only", "sent-digit-*", "--budget", "60", folder=story.parent)
    assert tried.code == code, tried.out
    assert verdicts(tried.err) == {
        "sent-digit-lost sendDTMF": lost,
        "sent-digit-doubled sendDTMF": lost,
        "sent-digit-other-method sendDTMF": other,
    }
    survived = "nobody noticed that the first digit of a client never reached the far end"
    assert (survived in tried.out.splitlines()) == (lost == "survived")


def test_webhooks_that_are_late_or_come_again(story: Path) -> None:
    """The story has no time for a late event, and does not look whether one comes again."""
    story.write_text(
        """
title: An impatient server
room: {enable_dialout: true}
phones: {desk: {number: "+12065550142", calls: busy}}
steps:
  - rest: POST /webhooks
    with: {url: $customer.url, retryType: exponential, eventTypes: [dialout.error]}
  - client: startDialOut
    with: {phoneNumber: $desk.number}
  - expect: dialout-error
  - customer: receives
    where: {type: dialout.error}
    within_ms: 700
""",
        "utf-8",
    )
    only = ("--only", "webhook-[adr]*", "--budget", "60")
    tried = command("mutants", story, *only, folder=story.parent)
    assert tried.code == 0, tried.out
    assert verdicts(tried.err) == {
        "webhook-drop dialout.error": "noticed",
        "webhook-delay dialout.error": "noticed",
        "webhook-request-lost dialout.error": "noticed",
        "webhook-answer-lost dialout.error": "survived",
    }
    assert "    the answer to the webhook `dialout.error` was lost, so that it came again" in tried.out
