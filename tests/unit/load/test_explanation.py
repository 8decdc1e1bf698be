"""The texts of failures in Locust's statistics are short, and equal for equal failures."""

from __future__ import annotations

from fake_daily_server.load.explanation import shortened


def test_a_failed_wait_keeps_what_was_expected_the_nearest_and_why() -> None:
    info = (
        "Expected  dialout-answered  within 0.3 s\n"
        "Nearest   +0.022 dialout-connected  {sessionId: 6afaaef7-41be-471c-a65a-15a6a9e03fc9}\n"
        "Because   the phone rings for 10 s as planned\n"
        "Kept      .daily-sim/heard.wav\n"
        "Happened\n"
        "   +0.001 phone-1 is called"
    )
    assert shortened(info) == (
        "Expected  dialout-answered  within 0.3 s\n"
        "Nearest   dialout-connected  {sessionId: …}\n"
        "Because   the phone rings for 10 s as planned"
    )


def test_another_error_keeps_its_first_line() -> None:
    assert shortened("phone-1 has no call that has not ended; calls so far: 1\nmore") == (
        "phone-1 has no call that has not ended; calls so far: 1"
    )
    assert shortened("") == ""


def test_a_line_has_at_most_200_characters() -> None:
    assert len(shortened("x" * 500)) == 200
