"""Test numbers: each reaches its persona by number and by URI, and a phone of the user's comes first."""

from __future__ import annotations

import contextlib

import httpx
import pytest
from click.testing import CliRunner

from fake_daily_server.clients.numbers_command import numbers
from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.errors import CallEnded
from simulator.network import Network
from simulator.phone import Phone
from simulator.test_numbers import TABLE, TestNumber


@pytest.fixture
async def caller(phone_network: Network) -> Phone:
    return await phone_network.phone("+12065550142", name="caller")


async def persona_of(network: Network, caller: Phone, target: str) -> tuple[str, str]:
    """Dial; the persona that takes its first step, and the name of its phone."""
    after = network.timeline.last_seq
    call = await caller.dial(target)
    step = await network.timeline.wait(lambda each: each.fields.get("action") == "persona", after=after, within=5)
    assert step is not None, target
    with contextlib.suppress(CallEnded):  # it refuses at this moment
        await call.hang_up()
    return step.fields["persona"], step.fields["phone"]


@pytest.mark.parametrize("test", TABLE, ids=lambda test: test.name)
async def test_a_test_number_reaches_its_persona(phone_network: Network, caller: Phone, test: TestNumber) -> None:
    expected = (test.persona, f"{test.name}@numbers.test")
    assert await persona_of(phone_network, caller, test.number or "") == expected
    assert await persona_of(phone_network, caller, test.uri) == expected
    assert len(phone_network.phones) == 2


async def test_a_phone_of_ones_own_precedes_the_persona_and_is_noted(phone_network: Network, caller: Phone) -> None:
    assert (await persona_of(phone_network, caller, "+15005550101"))[0] == "busy"
    own = await phone_network.phone("+15005550101", name="mine")
    call = await caller.dial("+15005550101")
    await own.wait_for_call()
    await call.wait_answered()
    notes = [each.fields for each in phone_network.timeline.records() if each.fields["action"] == "has a test number"]
    assert [(note["phone"], note["instead_of"]) for note in notes] == [("mine", "busy")]


async def test_a_number_that_the_domain_has_purchased_precedes_the_persona(
    fake_daily: FakeDaily, phone_network: Network, caller: Phone
) -> None:
    await fake_daily.reset(phone_numbers=("+15005550101",))
    caller = await phone_network.phone("+12065550142")
    call = await caller.dial("+15005550101")
    await call.wait_answered()  # held, as a caller of the domain is
    assert [phone.name for phone in phone_network.phones] == ["+12065550142"]


async def test_a_number_takes_more_calls_than_one_phone_has_lines(phone_network: Network, caller: Phone) -> None:
    other = await phone_network.phone("+12065550143", name="other caller")
    another = await phone_network.phone("+12065550144", name="another caller")
    callers = [*[caller] * 4, *[other] * 4, another]
    calls = [await each.dial("+15005550100") for each in callers[:6]]  # a burst, before the first worker is there
    for call in calls:
        await call.wait_answered()
    calls += [await each.dial("sip:answers@numbers.test") for each in callers[6:]]
    for call in calls:
        await call.wait_answered()
    phones = [phone for phone in phone_network.phones if phone.test_number is not None]
    assert [phone.name for phone in phones] == [f"answers@numbers.test{n}" for n in ("", " (2)", " (3)")]
    assert [len(phone.calls) for phone in phones] == [4, 4, 1]


@pytest.mark.parametrize("target", ["+15005550199", "sip:bussy@numbers.test"])
async def test_other_numbers_and_names_do_not_exist(phone_network: Network, caller: Phone, target: str) -> None:
    call = await caller.dial(target)
    assert (await call.wait_for_end()).status == 404


async def test_curl_dials_a_test_number_and_sees_its_phone(
    fake_daily: FakeDaily, daily_api: httpx.AsyncClient, daily_client: Client
) -> None:
    room = daily_client.room_url.rpartition("/")[2]
    started = await daily_api.post(f"rooms/{room}/dialOut/start", json={"sipUri": "sip:busy@numbers.test"})
    assert started.status_code == 200, started.text
    await daily_client.wait_for("dialout-error", where={"errorMsg": "DialOut failed with error: 486 Busy Here (busy)"})
    phones = (await daily_api.get(f"{fake_daily.url}/_sim/phones")).json()["phones"]
    assert [(phone["number"], phone["uri"]) for phone in phones] == [("+15005550101", "sip:busy@numbers.test")]


async def test_a_phone_over_http_has_a_persona(fake_daily: FakeDaily, daily_api: httpx.AsyncClient) -> None:
    url = f"{fake_daily.url}/_sim/phones"
    made = await daily_api.post(url, json={"number": "+12065550142", "persona": "voicemail", "greeting_s": 1})
    assert made.status_code == 200, made.text
    for body, hint in (
        ({"persona": "voicemial"}, "did you mean 'voicemail'"),
        ({"persona": "voicemail", "greting_s": 1}, "did you mean 'greeting_s'"),
        ({"persona": "voicemail", "greeting_s": "long"}, "greeting_s"),
    ):
        refused = await daily_api.post(url, json=body)
        assert (refused.status_code, hint in refused.json()["info"]) == (400, True), refused.text


def test_the_command_lists_all_numbers_and_explains_one() -> None:
    listed = CliRunner().invoke(numbers).output
    assert [line.split()[0] for line in listed.splitlines()][:-1] == [each.number for each in TABLE]
    assert listed.splitlines()[-1].split()[0] == "sip:refuses@numbers.test"
    shown = CliRunner().invoke(numbers, ["deaf"]).output
    assert "lost:" in shown
    assert shown.endswith("# +15005550151 and sip:deaf@numbers.test with lost: to_phone\n")
    assert "did you mean 'voicemail'" in CliRunner().invoke(numbers, ["voicemial"]).output
