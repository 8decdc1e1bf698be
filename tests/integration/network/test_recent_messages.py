"""The SIP messages that the network keeps for reports: every one of a call, whichever way it goes."""

from __future__ import annotations

from fake_daily_server.report.report import build_report
from simulator.network import Network


async def test_a_call_between_phones_is_seen_whole_each_message_once(phone_network: Network) -> None:
    anna = await phone_network.phone("+12065550142")
    await phone_network.phone("+12065550143")
    call = await anna.dial("+12065550143")
    await call.press("1", method="sip-info")
    await call.hold()
    await call.hang_up()

    def labels() -> list[str]:
        timeline = phone_network.timeline
        report = build_report("", [*timeline.records()], phone_network.front_door.recent, timeline.seconds_at)
        steps = report.ladder.steps
        return [f"{step.source[-1]} {step.label.partition(' · ')[0]}" for step in steps if step.anchor.startswith("m")]

    assert await phone_network.timeline.until(lambda: "3 200 OK (BYE)" in labels() or None, within=5)
    assert [label for label in labels() if "100 Trying" not in label] == [
        "2 INVITE",
        "3 200 OK",
        "2 ACK",
        "2 INFO",
        "3 200 OK (INFO)",
        "2 INVITE",
        "3 200 OK",
        "2 ACK",
        "2 BYE",
        "3 200 OK (BYE)",
    ]
