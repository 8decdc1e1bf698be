"""Outputs in short words, for tests that compare whole sequences."""

from __future__ import annotations

from collections.abc import Iterable

from fake_daily_server.telephony import outputs
from fake_daily_server.telephony.outputs import Output

PLAIN: dict[type[Output], str] = {
    outputs.JoinParticipant: "join",
    outputs.LeaveParticipant: "leave",
    outputs.HangUp: "hang up",
    outputs.Answer: "answer",
    outputs.StopRingTimer: "timer off",
    outputs.Release: "release",
}


def word(output: Output) -> str:
    match output:
        case outputs.Publish(event):
            return event.action
        case outputs.Reject(status):
            return f"reject {status}"
        case outputs.DialExtension(wait_s, digits):
            return f"extension {digits} after {wait_s}"
        case outputs.StartRingTimer(within_s):
            return f"timer {within_s}"
        case _:
            return PLAIN[type(output)]


def words(done: Iterable[Output]) -> list[str]:
    return [word(output) for output in done]
