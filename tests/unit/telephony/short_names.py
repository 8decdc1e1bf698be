"""Outputs of the machines as short names, for tests that compare whole sequences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fake_daily_server.telephony.machines import outputs
from fake_daily_server.telephony.machines.outputs import Output

FIXED: dict[type[Output], str] = {
    outputs.AddParticipant: "join",
    outputs.RemoveParticipant: "leave",
    outputs.HangUp: "hang up",
    outputs.Answer: "answer",
    outputs.StopRingTimer: "timer off",
    outputs.Release: "release",
    outputs.StopSound: "stop sound",
    outputs.RequestRoom: "request room",
    outputs.StopWaitTimer: "timer off",
    outputs.MoveToRoom: "move to room",
    outputs.Ring: "ring",
    outputs.MakeRoom: "make room",
    outputs.AnnounceCall: "announce",
    outputs.StopAnnouncing: "stop announcing",
    outputs.DeleteRoom: "delete room",
    outputs.EnterRoom: "enter room",
    outputs.DialTarget: "dial target",
    outputs.SendRefer: "send REFER",
    outputs.LeaveRoom: "leave room",
    outputs.BridgeCalls: "bridge",
    outputs.HangUpTransferee: "hang up transferee",
    outputs.HangUpTarget: "hang up target",
    outputs.AcceptTransfer: "accept",
    outputs.ReturnToRoom: "return to room",
}
"""Outputs without parameters, and those whose parameters the tests compare elsewhere."""

WITH_PARAMETERS: dict[type[Output], Callable[[Any], str]] = {
    outputs.Publish: lambda out: out.event.action,
    outputs.Reject: lambda out: f"reject {out.status}",
    outputs.DialExtension: lambda out: f"extension {out.digits} after {out.wait_s}",
    outputs.StartRingTimer: lambda out: f"timer {out.seconds}",
    outputs.StartWaitTimer: lambda out: f"timer {out.seconds}",
    outputs.PlaySound: lambda out: f"{out.sound} {out.text!r}" if out.text else out.sound,
    outputs.LookUpCode: lambda out: f"look up {out.code}",
    outputs.ReportStartFailure: lambda out: f"start failed: {out.error}",
    outputs.ReportTransfer: lambda out: f"calltransfer.{out.step}",
    outputs.RefuseTransfer: lambda out: f"refuse: {out.reason}",
}


def short_name(output: Output) -> str:
    for kind, name in WITH_PARAMETERS.items():
        if isinstance(output, kind):
            return name(output)
    return FIXED[type(output)]


def short_names(done: Iterable[Output]) -> list[str]:
    return [short_name(output) for output in done]
