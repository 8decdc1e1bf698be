"""Faults on the digits that clients send: lost, doubled, by the other method, and the records of what they took."""

from __future__ import annotations

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.telephony.digit_faults import DigitFault, DigitFaultName, DigitFaults
from simulator.network import Network
from simulator.timeline import Timeline


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ("sent-digit-lost", [("1", "telephone-event"), ("3", "telephone-event")]),
        (
            "sent-digit-doubled",
            [("1", "telephone-event"), ("2", "telephone-event"), ("2", "telephone-event"), ("3", "telephone-event")],
        ),
        ("sent-digit-other-method", [("1", "telephone-event"), ("2", "sip-info"), ("3", "telephone-event")]),
    ],
)
async def test_what_the_far_end_hears_of_a_digit_with_a_fault(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_client: Client,
    fault: DigitFaultName,
    heard: list[tuple[str, str]],
) -> None:
    desk = await phone_network.phone("+12065550142")
    await daily_client.start_dialout({"phoneNumber": desk.number})
    session = (await daily_client.wait_for("dialout-answered"))["sessionId"]
    async with httpx.AsyncClient(base_url=f"{fake_daily.url}/_sim/", trust_env=False) as sim:
        assert (await sim.post("digits/faults", json={"fault": fault, "nth": 2})).status_code == 200
    await daily_client.request("sendDTMF", {"sessionId": session, "tones": "123", "digitDurationMs": 100})
    call = desk.calls[0]
    await call.wait_for_digits("".join(digit for digit, _ in heard))
    assert [(each.digit, each.method) for each in call.heard] == heard
    (did,) = (record.fields for record in fake_daily.timeline.records(kind="digit") if "did" in record.fields)
    assert (did["did"], did["sent"], did["number"], did["session_id"]) == (fault, "2", 2, session)


def test_digits_are_counted_over_requests_and_sent_in_as_few_goes_as_possible() -> None:
    faults = DigitFaults(Timeline())
    faults.add(DigitFault(fault="sent-digit-other-method", nth=3, times=2))
    assert faults.apply("12", "s") == [("12", False)]
    assert faults.apply("345", "s") == [("34", True), ("5", False)]
    faults.add(DigitFault(fault="sent-digit-lost"))
    assert faults.apply("6", "s") == []
    faults.clear()
    assert faults.apply("7", "s") == [("7", False)]
