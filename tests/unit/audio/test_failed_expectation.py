"""The error of a failed audio expectation: what was heard is the reason, the kept files are not."""

from __future__ import annotations

from fake_daily_server.clients.failure_report import summary
from simulator.errors import ExpectationFailed


def test_the_kept_files_have_a_line_of_their_own_and_are_not_the_reason() -> None:
    heard = "it heard 440 Hz at -20 dBFS from 0.1 to 2.1 s, then silence"
    failed = ExpectationFailed("bot hears 660 Hz  within 5 s", nearest=heard, kept="a.wav, a.png", happened=["record"])
    assert str(failed).splitlines() == [
        "Expected  bot hears 660 Hz  within 5 s",
        f"Nearest   {heard}",
        "Kept      a.wav, a.png",
        "Happened",
        "   record",
    ]
    assert summary(failed) == f"{heard} (expected: bot hears 660 Hz  within 5 s)"
