"""`daily-sim contract record-to-story`: a story made of a recording passes, with the events in the same order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import pytest
import yaml

from fake_daily_server.contract.command import contract
from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.integration.scenarios.command import command

Record = Callable[[list[dict[str, Any]]], Path]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    def write(objects: list[dict[str, Any]]) -> Path:
        file = tmp_path / "recorded.jsonl"
        file.write_text("".join(json.dumps(each) + "\n" for each in objects), "utf-8")
        return file

    return write


def run(*arguments: object) -> click.testing.Result:
    return click.testing.CliRunner().invoke(contract, [str(argument) for argument in arguments])


def story(recording: Path) -> dict[str, Any]:
    """Make a story of the recording and run it; return its content."""
    file = recording.with_name("story.yaml")
    made = run("record-to-story", recording, "-o", file)
    assert made.exit_code == 0, made.output
    ran = command("run", file)
    assert ran.code == 0, f"{ran.out}\n{file.read_text('utf-8')}"
    assert "2065550199" not in file.read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return content


def expected(content: dict[str, Any]) -> list[str]:
    return [step["expect"] for step in content["steps"] if isinstance(step.get("expect"), str) and "phone" not in step]


async def calls(fake_daily: FakeDaily, phone_network: Network, client: Client, room: RoomHandle) -> None:
    """A busy line, an answered call with a digit, and a caller."""
    far_end = await phone_network.phone("+12065550199", calls=[{"then": "busy"}, {"then": "answer"}])
    await client.start_dialout({"phoneNumber": far_end.number})
    await client.wait_for("dialout-error")
    await client.start_dialout({"phoneNumber": far_end.number})
    await client.wait_for("dialout-answered")
    call = far_end.calls[-1]
    await call.press("5")
    await client.wait_for("dtmf-event")
    await call.hang_up()
    await client.wait_for("dialout-stopped")
    caller = await phone_network.phone("+12065550198")
    dialled = await caller.dial(room.sip_uris[0])
    await client.wait_for("dialin-connected")
    await dialled.wait_answered()
    await dialled.hang_up()
    await client.wait_for("dialin-stopped")


async def test_events_come_in_the_same_order(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_room: RoomHandle, record: Record
) -> None:
    await calls(fake_daily, phone_network, daily_client, daily_room)
    own = daily_client.session_id
    recorded = [
        event
        for event in daily_client.events
        if event["action"].startswith(("dialout-", "dialin-", "dtmf-", "participant-joined", "participant-left"))
        and event.get("participant", {}).get("session_id") != own
    ]
    file = record(recorded)
    assert run("diff", file).exit_code == 0
    assert expected(story(file)) == [event["action"] for event in recorded]


async def test_webhooks_are_enough(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_webhook: WebhookReceiver,
    daily_client: Client,
    daily_room: RoomHandle,
    record: Record,
) -> None:
    await calls(fake_daily, phone_network, daily_client, daily_room)
    await daily_webhook.wait_for("dialin.stopped")
    types = [post["type"] for post in daily_webhook.events if post["type"].startswith(("dialout.", "dialin."))]
    file = record(list(daily_webhook.events))
    assert run("diff", file).exit_code == 0
    assert expected(story(file)) == [kind.replace(".", "-") for kind in types]


def test_a_call_that_fails_before_its_session_and_one_that_is_stopped(record: Record) -> None:
    about = {"provider": "daily", "callClientId": "c", "actionTraceId": "t"}
    failed = {
        "action": "dialout-error",
        "errorMsg": "DialOut failed with error: process error, Channel closed",
        **about,
    }
    ids = {"sessionId": "s", "sipCallId": "i"}
    connected, stopped = ({"action": f"dialout-{end}", **ids, **about} for end in ("connected", "stopped"))
    warning = {"action": "dialout-warning", "errorMsg": "Requested codec unavailable, using fallback", **ids, **about}
    answered = {"action": "dialout-answered", **ids, **about}
    assert expected(story(record([failed, connected, stopped]))) == [
        "dialout-error",
        "dialout-connected",
        "dialout-stopped",
    ]
    record([connected, answered, warning, stopped]).with_name("story.yaml").unlink()
    content = story(record([connected, answered, warning, stopped]))
    assert expected(content) == ["dialout-connected", "dialout-answered", "dialout-warning", "dialout-stopped"]


def test_a_recording_without_calls_is_refused(record: Record) -> None:
    refused = run("record-to-story", record([{"action": "left-meeting", "callClientId": "c"}]))
    assert refused.exit_code == 2
    assert "events or webhooks about dial-outs or dial-ins" in refused.output
