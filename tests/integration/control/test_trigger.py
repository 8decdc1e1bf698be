"""Events by hand over HTTP and by the command: they arrive like real ones, and their records say that they are not."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from fake_daily_server.coverage.met import points_met
from fake_daily_server.recordings.timeline_story import story_of_timeline
from fake_daily_server.server import FakeDaily
from tests.integration.control.sim import Sim, live_room


async def command(daily: FakeDaily, *arguments: str) -> tuple[int, str, str]:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fake_daily_server", "trigger", *arguments, "--url", daily.url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await run.communicate()
    return run.returncode or 0, out.decode(), err.decode()


async def test_a_webhook_is_triggered_signed_and_marked_in_the_records(fake_daily: FakeDaily) -> None:
    receiver = await fake_daily.receive_webhooks(("dialout.answered",))
    await fake_daily.create_room("demo")
    status, out, err = await command(fake_daily, "dialout.answered", "--set", "destination=+12065550188")
    assert (status, err) == (0, "")
    event = await receiver.wait_for("dialout.answered", where={"destination": "+12065550188", "room": "demo"})
    assert out.startswith(f"dialout.answered → {receiver.url}\n")
    assert json.loads(out.partition("\n")[2]) == event["payload"]
    (record,) = [each for each in fake_daily.timeline.records(kind="webhook") if "payload" in each.fields]
    assert record.fields["triggered"] is True
    assert fake_daily.webhook_deliveries[-1]["triggered"] is True
    assert points_met([record]) == frozenset()


def test_an_event_reaches_the_clients_of_the_room_and_no_story_repeats_it(sim: Sim, fake_daily: FakeDaily) -> None:
    room = live_room(sim)
    sent = sim.post("/_sim/trigger", {"event": "dialout-answered", "room": room, "fields": {"origin": "+12065550111"}})
    assert len(sent["to"]) == 1
    waited = sim.post(f"/_sim/rooms/{room}/events/wait", {"events": "dialout-answered"})
    assert waited["events"][0]["event"] == sent["fields"]
    records = [*fake_daily.timeline.records()]
    assert [each.fields.get("triggered") for each in records if each.fields.get("event") == sent["fields"]] == [True]
    assert story_of_timeline(records, "x") is None
    assert "dialout-answered (triggered)" in sim.http.get("/_sim/report").text


def test_the_list_has_samples_of_a_room(sim: Sim) -> None:
    room = live_room(sim)
    listed = sim.get("/_sim/trigger", event="dialin.ready", room=room)["events"]
    assert [(each["event"], each["to"]) for each in listed] == [("dialin.ready", "webhooks")]
    assert listed[0]["fields"]["room"] == room
    assert listed[0]["fields"]["sip_endpoint"].startswith("sip:")
    assert len(sim.get("/_sim/trigger")["events"]) > 20


def refused(sim: Sim, body: dict[str, Any], status: int = 400) -> str:
    return str(sim.post("/_sim/trigger", body, status=status)["info"])


def test_what_reaches_nobody_is_refused_with_the_way_out(sim: Sim) -> None:
    assert "POST /v1/webhooks subscribes one" in refused(sim, {"event": "meeting.started"})
    assert "room is required" in refused(sim, {"event": "dtmf-event"})
    sim.post("/v1/rooms", {"name": "empty"})
    assert "no client is in room empty" in refused(sim, {"event": "dtmf-event"})
    assert "nowhere" in refused(sim, {"event": "dtmf-event", "room": "nowhere"}, 404)
    assert "did you mean 'dtmf-event'" in refused(sim, {"event": "dtmf-evnt"})
    lone, kind = b'{"event": "meeting.started", "fields": {"room": "\\ud800"}}', {"Content-Type": "application/json"}
    answer = sim.http.post("/_sim/trigger", content=lone, headers=kind)
    assert (answer.status_code, "surrogates not allowed" in answer.text) == (400, True)


async def test_a_failed_webhook_is_named(sim: Sim, fake_daily: FakeDaily) -> None:
    receiver = await fake_daily.receive_webhooks(("meeting.started",))
    receiver.answer(500)
    for _ in range(3):
        await asyncio.to_thread(sim.post, "/_sim/trigger", {"event": "meeting.started"})
        await fake_daily.site.webhooks.finish_attempts()
    said = await asyncio.to_thread(refused, sim, {"event": "meeting.started"})
    assert f"POST /v1/webhooks/{receiver.uuid} activates it" in said


async def test_the_command_says_what_is_wrong(fake_daily: FakeDaily) -> None:
    assert "did you mean 'dialout.error'" in (await command(fake_daily, "dialout.eror"))[2]
    assert "a field of" in (await command(fake_daily, "meeting.started", "--set", "metting_id=1"))[2]
    assert "EVENT is missing; --list lists all" in (await command(fake_daily))[2]
    status, out, _ = await command(fake_daily, "--list", "dtmf-event")
    assert (status, json.loads(out)["tone"]) == (0, "1")
