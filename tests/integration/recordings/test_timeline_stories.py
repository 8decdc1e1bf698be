"""Calls on a server, made into a scenario file and into a test for pytest: both pass when they are run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from simulator.network import Network
from simulator.phone_call import PhoneCall
from tests.integration.recordings.repeated import FORMS, run

DIAL_IN: dict[str, Any] = {"sip": {"sip_mode": "dial-in", "num_endpoints": 1}, "enable_dialout": True}


async def story(daily: FakeDaily, form: str, **query: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=daily.url, trust_env=False) as http:
        return await http.get("/_sim/story", params={"as": form, **query})


async def call_in(client: Client, network: Network, number: str) -> tuple[PhoneCall, str]:
    """A call from a new phone into the client's room, with its session id."""
    ready = await client.wait_for("dialin-ready")
    phone = await network.phone(number)
    call = await phone.dial(ready["sipEndpoint"])
    connected, _ = await client.wait_for(["dialin-connected", "participant-joined"])
    return call, connected["sessionId"]


@pytest.mark.parametrize("form", FORMS)
async def test_a_call_in_with_digits_and_calls_out_that_end_in_several_ways(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path, form: str
) -> None:
    client = await fake_daily.join(await fake_daily.create_room(**DIAL_IN))
    call, session_id = await call_in(client, phone_network, "+12065550150")
    await call.press("12")
    await client.wait_for(["dtmf-event", "dtmf-event"])
    await client.send_dtmf(sessionId=session_id, tones="7", method="telephone-event")
    await call.wait_for_digits("7")
    await call.hang_up()
    await client.wait_for("dialin-stopped")
    for plan, events in (
        ({"ring_ms": 100, "then": "decline"}, ["dialout-connected", "dialout-error"]),
        ({"status": 480}, ["dialout-error"]),
        ({"then": "drop", "after_ms": 200}, ["dialout-answered", "dialout-stopped"]),
    ):
        phone = await phone_network.phone(calls=[plan])
        await client.start_dialout(sipUri=phone.uri)
        await client.wait_for(events)
    await run((await story(fake_daily, form)).text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("who", ["caller", "target"])
async def test_a_caller_is_transferred_to_a_phone(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path, form: str, who: str
) -> None:
    client = await fake_daily.join(await fake_daily.create_room(**DIAL_IN))
    target = await phone_network.phone("+12065550142", calls=[{"ring_ms": 100, "then": "answer"}])
    call, session_id = await call_in(client, phone_network, "+12065550150")
    await client.sip_call_transfer(sessionId=session_id, toEndPoint=target.number)
    await client.wait_for(["dialin-stopped", "dialout-answered"])
    taken = await target.wait_for_call()
    await call.press("3")
    await taken.wait_for_digits("3")
    await (call if who == "caller" else taken).hang_up()
    await client.wait_for("dialout-stopped")
    text = (await story(fake_daily, form)).text
    assert ("far_end_1" if who == "caller" else "far_end_2") in text.partition("dialout-answered")[2]
    await run(text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_a_transfer_by_rest_comes_before_what_it_causes(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, phone_network: Network, tmp_path: Path, form: str
) -> None:
    room = await fake_daily.create_room(**DIAL_IN)
    client = await fake_daily.join(room)
    target = await phone_network.phone("+12065550142")
    _, session_id = await call_in(client, phone_network, "+12065550150")
    body = {"sessionId": session_id, "toEndPoint": target.number}
    assert (await daily_api.post(f"rooms/{room.name}/sipCallTransfer", json=body)).status_code == 200
    await client.wait_for(["dialin-stopped", "dialout-answered"])
    await (await target.wait_for_call()).hang_up()
    await client.wait_for("dialout-stopped")
    await run((await story(fake_daily, form)).text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_calls_of_two_rooms_at_a_time(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path, form: str
) -> None:
    clients = [await fake_daily.join(await fake_daily.create_room(**DIAL_IN)) for _ in range(2)]
    calls = [(await call_in(client, phone_network, f"+1206555015{number}"))[0] for number, client in enumerate(clients)]
    for call, client in zip(calls, clients, strict=True):
        await call.hang_up()
        await client.wait_for("dialin-stopped")
    await run((await story(fake_daily, form)).text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_half_a_call_is_widened_to_the_whole_one_and_says_so(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path, form: str
) -> None:
    client = await fake_daily.join(await fake_daily.create_room(**DIAL_IN))
    phones = [await phone_network.phone(f"+1206555015{number}") for number in range(3)]
    for number, phone in enumerate(phones):
        await client.start_dialout(phoneNumber=phone.number)
        await client.wait_for("dialout-answered")
        call = await phone.wait_for_call()
        await call.press(str(number))
        await client.wait_for("dtmf-event")
        await call.hang_up()
        await client.wait_for("dialout-stopped")
    digits = [record for record in fake_daily.timeline.records() if record.fields.get("action") == "presses"]
    half = digits[1].seq
    text = (await story(fake_daily, form, **{"from": half, "to": half})).text
    assert "parts of calls only (1)" in text
    assert ("far_end_1" in text, "far_end_2" in text) == (True, False)
    await run(text, form, tmp_path)
    both = await story(fake_daily, form, **{"from": digits[0].seq, "to": digits[2].seq})
    assert "parts of calls only (2)" in both.text
    first_and_last = await story(fake_daily, form, seq=[digits[0].seq, digits[2].seq])
    assert "parts of calls only (2)" in first_and_last.text
    assert "far_end_3" not in first_and_last.text
    assert "far_end_3" in both.text
    one = await story(fake_daily, form, call=digits[2].fields["sip_call_id"])
    assert "parts of calls" not in one.text
    assert ("far_end_1" in one.text, "far_end_2" in one.text) == (True, False)


async def test_a_refused_request_belongs_to_no_call(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path
) -> None:
    room = await fake_daily.create_room(**DIAL_IN)
    client = await fake_daily.join(room)
    guest = await fake_daily.join(room, user_name="guest", owner=False)
    phones = [await phone_network.phone(f"+1206555015{number}") for number in range(2)]
    for phone in phones:
        with pytest.raises(DailyError):
            await guest.start_dialout(phoneNumber=phone.number)
        await client.start_dialout(phoneNumber=phone.number, codecs={"audio": ["PCMU"]})
        await client.wait_for("dialout-answered")
        await (await phone.wait_for_call()).hang_up()
        await client.wait_for("dialout-stopped")
    requests = [
        record.seq
        for record in fake_daily.timeline.records(kind="client")
        if record.fields.get("method") == "startDialOut" and record.fields["client"] == "client"
    ]
    text = (await story(fake_daily, "scenario", seq=requests[1])).text
    assert ("PCMU" in text, "far_end_2" in text) == (True, False)
    await run(text, "scenario", tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_a_dialled_phone_is_transferred(
    fake_daily: FakeDaily, phone_network: Network, tmp_path: Path, form: str
) -> None:
    client = await fake_daily.join(await fake_daily.create_room(**DIAL_IN))
    phone, target = [await phone_network.phone(f"+1206555014{number}") for number in range(2)]
    session_id = await client.start_dialout(phoneNumber=phone.number)
    await client.wait_for("dialout-answered")
    await client.sip_call_transfer(sessionId=session_id, toEndPoint=target.number)
    await client.wait_for("dialout-answered")
    await (await target.wait_for_call()).hang_up()
    await client.wait_for(["dialout-stopped", "dialout-stopped"])
    await run((await story(fake_daily, form)).text, form, tmp_path)


@pytest.mark.parametrize("form", FORMS)
async def test_what_cannot_be_repeated_is_refused_with_the_reason(
    fake_daily: FakeDaily, phone_network: Network, form: str
) -> None:
    answer = await story(fake_daily, form)
    assert (answer.status_code, "there is no dial-out and no dial-in" in answer.json()["info"]) == (409, True)
    client = await fake_daily.join(await fake_daily.create_room(**DIAL_IN))
    call, session_id = await call_in(client, phone_network, "+12065550150")
    await client.sip_call_transfer(sessionId=session_id, toEndPoint="+12065550199")
    await call.wait_for_end()
    answer = await story(fake_daily, form)
    assert (answer.status_code, "a transfer whose target has not answered" in answer.json()["info"]) == (409, True)


async def test_a_mark_is_a_record(fake_daily: FakeDaily) -> None:
    async with httpx.AsyncClient(base_url=fake_daily.url, trust_env=False) as http:
        mark = (await http.post("/_sim/marks", json={"name": "before the call"})).json()
        lines = (await http.get("/_sim/timeline.jsonl")).text.splitlines()
        refused = await http.post("/_sim/marks", json={"name": ""})
    assert (mark["kind"], mark["name"]) == ("mark", "before the call")
    assert [json.loads(line) for line in lines] == [mark]
    assert refused.status_code == 400
