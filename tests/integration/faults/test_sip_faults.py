"""Faults on SIP messages of real calls, from Python and over HTTP. scenarios/files/faults has stories with others."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.errors import ConfigurationError
from simulator.network import Network

ANN, BOB = "+12065550142", "+12065550143"


async def test_a_fault_takes_what_it_names_and_is_recorded_until_it_is_removed(phone_network: Network) -> None:
    ann, _ = await phone_network.phone(ANN), await phone_network.phone(BOB)
    phone_network.set_fault("sip-respond", "INVITE", status=480, reason="Asleep", times="all")
    first = await ann.dial(BOB)
    assert ((await first.wait_for_end()).status, first.ended and first.ended.reason) == (480, "Asleep")
    did = [record.fields for record in phone_network.timeline.records() if "did" in record.fields]
    assert [(each["did"], each["sip_call_id"]) for each in did] == [
        ("answers INVITE number 1 with 480", first.sip_call_id)
    ]
    phone_network.clear_faults()
    second = await ann.dial(BOB)
    await second.wait_answered()
    await second.hang_up()


async def test_a_garbled_body_is_no_session_description(phone_network: Network) -> None:
    ann, bob = await phone_network.phone(ANN), await phone_network.phone(BOB)
    phone_network.set_fault("sip-garble", "INVITE")
    phone_network.set_fault("sip-garble", "200 INVITE", nth=1)
    first = await ann.dial(BOB)
    assert (await first.wait_for_end()).status == 400
    await bob.wait_for_call()
    second = await ann.dial(BOB)  # its answer cannot be used: it is acknowledged, and ended with BYE
    await second.wait_for_end()
    answered = await bob.wait_for_call()
    assert (await answered.wait_for_end()).by == "remote"
    third = await ann.dial(BOB)
    await third.wait_answered()
    did = [record.fields["did"] for record in phone_network.timeline.records() if "did" in record.fields]
    assert did == ["garbles INVITE number 1", "garbles 200 INVITE number 1"]


async def test_a_codec_is_removed_and_the_call_falls_back(phone_network: Network, daily_client: Client) -> None:
    desk = await phone_network.phone(BOB, codecs=["PCMU", "PCMA"])
    phone_network.set_fault("sip-without-codec", "INVITE", codec="PCMU")
    await daily_client.start_dialout({"phoneNumber": BOB, "codecs": {"audio": ["PCMU"]}})
    warning = await daily_client.wait_for("dialout-warning")
    assert "PCMU was asked for, PCMA is used" in warning["errorMsg"]
    await desk.calls[0].hang_up()
    did = [record.fields["did"] for record in phone_network.timeline.records() if "did" in record.fields]
    assert did == ["removes PCMU from INVITE number 1"]
    with pytest.raises(ConfigurationError, match="requires a `codec`"):
        phone_network.set_fault("sip-without-codec", "INVITE")


async def test_a_reset_removes_faults(fake_daily: FakeDaily, phone_network: Network) -> None:
    phone_network.set_fault("sip-drop", "INVITE", times="all")
    await fake_daily.reset()
    ann, _ = await phone_network.phone(ANN), await phone_network.phone(BOB)
    await (await ann.dial(BOB)).wait_answered()


async def test_faults_are_set_over_http(fake_daily: FakeDaily, phone_network: Network) -> None:
    ann, _ = await phone_network.phone(ANN), await phone_network.phone(BOB)
    async with httpx.AsyncClient(base_url=f"{fake_daily.url}/_sim/", trust_env=False) as sim:
        body = {"fault": "sip-respond", "message": "INVITE", "status": 503}
        assert (await sim.post("faults", json=body)).status_code == 200
        assert (await (await ann.dial(BOB)).wait_for_end()).status == 503
        wrong = await sim.post("faults", json={"fault": "sip-dorp", "message": "INVITE"})
        assert (wrong.status_code, "did you mean 'sip-drop'" in wrong.json()["info"]) == (400, True)
        assert (await sim.delete("faults")).json() == {"ok": True}


def test_a_wrong_fault_names_the_field(sync_phone_network: object) -> None:
    with pytest.raises(ConfigurationError, match="message: 'bye'"):
        sync_phone_network.set_fault("sip-drop", "bye")  # type: ignore[attr-defined]
