"""Outputs in short words, for tests that compare whole sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fake_daily_server.telephony import outputs
from fake_daily_server.telephony.outputs import Output

PLAIN: dict[type[Output], str] = {
    outputs.JoinParticipant: "join",
    outputs.LeaveParticipant: "leave",
    outputs.HangUp: "hang up",
    outputs.Answer: "answer",
    outputs.StopRingTimer: "timer off",
    outputs.Release: "release",
    outputs.StopSound: "silence",
    outputs.AskForRoom: "ask",
    outputs.StopHoldTimer: "timer off",
    outputs.MoveToRoom: "move",
    outputs.DialTarget: "dial target",
    outputs.SendRefer: "refer",
    outputs.TakeFromRoom: "take",
    outputs.Connect: "connect",
    outputs.HangUpCaller: "hang up caller",
    outputs.HangUpTarget: "hang up target",
    outputs.ReturnCaller: "return",
}


TELLING: dict[type[Output], Callable[[Any], str]] = {
    outputs.Publish: lambda out: out.event.action,
    outputs.Reject: lambda out: f"reject {out.status}",
    outputs.DialExtension: lambda out: f"extension {out.digits} after {out.wait_s}",
    outputs.StartRingTimer: lambda out: f"timer {out.within_s}",
    outputs.StartHoldTimer: lambda out: f"timer {out.within_s}",
    outputs.PlaySound: lambda out: f"{out.sound} {out.text!r}" if out.text else out.sound,
    outputs.LookUp: lambda out: f"look up {out.code}",
    outputs.Announce: lambda out: f"calltransfer.{out.step}",
    outputs.Fail: lambda out: f"fail {out.because}",
}


def word(output: Output) -> str:
    for kind, tell in TELLING.items():
        if isinstance(output, kind):
            return tell(output)
    return PLAIN[type(output)]


def words(done: Iterable[Output]) -> list[str]:
    return [word(output) for output in done]
