"""Dial-out over real SIP: the events that a client receives for every outcome of a call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.handles.webhook_receiver import WebhookReceiver
from fake_daily_server.server import FakeDaily
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.ids import number_id
from simulator.network import Network

NUMBER = "+12065550142"
CALLER = "+14155550100"


def telephony(fake_daily: FakeDaily) -> list[str]:
    """The events about calls, and those about telephony participants who join and leave."""
    return [
        event["action"]
        for event in fake_daily.events()
        if event["action"].startswith(("dialout", "dialin-c", "dialin-s", "dialin-e", "dialin-w", "dtmf"))
        or event.get("participant", {}).get("participantType")
    ]


async def test_a_call_that_is_answered_and_hung_up_by_the_callee(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER, calls=[{"ring_ms": 50, "then": "answer"}])
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "displayName": "Ann", "userId": "u1"})
    connected, answered = await daily_client.wait_for(
        ["dialout-connected", "dialout-answered"], where={"sessionId": session_id}
    )
    call = await phone.wait_for_call()
    joined = await daily_client.wait_for("participant-joined", where={"participant.session_id": session_id})
    await call.wait_answered()
    await call.hang_up()
    stopped = await daily_client.wait_for("dialout-stopped", where={"sessionId": session_id})

    for event in (connected, answered, stopped):
        assert event["destination"] == NUMBER
        assert event["origin"] == event["callerId"] == CALLER
        assert event["provider"] == "daily"
        assert event["sipCallId"] == call.sip_call_id
        assert event["userId"] == "u1"
        assert event["callClientId"] == daily_client.call_client_id
    assert joined["participant"]["user_name"] == "Ann"
    assert joined["participant"]["user_id"] == "u1"
    assert joined["participant"]["participantType"] == "pstn-dial-out"
    assert joined["participant"]["owner"] is joined["participant"]["local"] is False
    assert telephony(fake_daily) == [
        "dialout-connected",
        "participant-joined",
        "dialout-answered",
        "participant-left",
        "dialout-stopped",
    ]


async def test_the_session_id_is_a_uuid_and_that_of_the_participant(
    phone_network: Network, daily_client: Client
) -> None:
    await phone_network.phone(NUMBER, calls="answer")
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    assert str(UUID(session_id)) == session_id
    joined = await daily_client.wait_for("participant-joined", where={"participant.session_id": session_id})
    assert (joined["participant"]["owner"], joined["participant"]["local"]) == (False, False)
    assert (await daily_client.wait_for("dialout-answered"))["sessionId"] == session_id


async def test_a_call_to_a_sip_uri_comes_from_the_sip_uri_of_the_room(
    phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    phone = await phone_network.phone(uri="sip:callee@example.com", calls=[{"ring_ms": 50, "then": "answer"}])
    await daily_client.start_dialout({"sipUri": "sip:callee@example.com"})
    events = await daily_client.wait_for(["dialout-connected", "dialout-answered"])
    call = await phone.wait_for_call()
    await call.hang_up()
    events.append(await daily_client.wait_for("dialout-stopped"))
    for event in events:
        assert event["destination"] == "sip:callee@example.com"
        assert event["origin"] == daily_room.sip_uris[0]
        assert "callerId" not in event
        assert event["sipCallId"] == call.sip_call_id


async def test_media_flows_from_dialout_answered_on(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER, calls=[{"ring_ms": 50, "then": "answer"}])
    await daily_client.hum(700)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await call.hum(440)
    await call.expect_tones({700})
    await daily_client.expect_tones({440})


async def test_an_answer_without_ringing_leads_to_dialout_connected_first(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    await phone_network.phone(NUMBER)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for(["dialout-connected", "participant-joined", "dialout-answered"])
    await daily_client.stop_dialout(session_id)
    await daily_client.wait_for(["participant-left", "dialout-stopped"])


async def test_early_media_counts_as_ringing(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER, calls=[{"early_media": True, "then": "wait"}])
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-connected")
    call = await phone.wait_for_call()
    await call.answer()
    await daily_client.wait_for("dialout-answered")


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("busy", "486 Busy Here (busy)"),
        ("decline", "603 Decline (declined)"),
        ({"status": 404, "reason": "Gone Fishing"}, "404 Gone Fishing (unallocated number)"),
        ({"status": 503}, "503 Service Unavailable (network failure)"),
    ],
)
async def test_a_refusal_leads_to_dialout_error_alone(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, plan: Any, says: str
) -> None:
    await phone_network.phone(NUMBER, calls=[plan])
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    error = await daily_client.wait_for("dialout-error", where={"sessionId": session_id})
    assert error["errorMsg"] == f"DialOut failed with error: {says}"
    assert error["details"] == {"destination": NUMBER}
    assert error["sipCallId"]
    assert telephony(fake_daily) == ["dialout-error"]


async def test_busy_after_ringing_removes_the_participant_before_the_error(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    await phone_network.phone(NUMBER, calls=[{"ring_ms": 50, "then": "busy"}])
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-error")
    assert telephony(fake_daily) == ["dialout-connected", "participant-joined", "participant-left", "dialout-error"]


async def test_an_unknown_number_gets_a_404_on_the_wire(fake_daily: FakeDaily, daily_client: Client) -> None:
    await daily_client.start_dialout({"phoneNumber": "+12065550199"})
    error = await daily_client.wait_for("dialout-error")
    assert "404 Not Found (unallocated number)" in error["errorMsg"]
    assert error["sipCallId"]
    assert telephony(fake_daily) == ["dialout-error"]


async def test_the_carrier_refuses_a_number_until_it_is_restored(phone_network: Network, daily_client: Client) -> None:
    await phone_network.phone(NUMBER)
    phone_network.refuse(NUMBER, 503, "Circuits Busy")
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    error = await daily_client.wait_for("dialout-error")
    assert "503 Circuits Busy" in error["errorMsg"]
    phone_network.restore(NUMBER)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")


async def test_a_dial_out_can_fail_before_it_has_a_session(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_webhook: WebhookReceiver
) -> None:
    await phone_network.phone(NUMBER)
    await fake_daily.fail_dialouts(count=2)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    error = await daily_client.wait_for("dialout-error")
    assert error["errorMsg"] == "DialOut failed with error: process error, Channel closed"
    assert error["details"] == {"destination": NUMBER}
    assert error.keys() & {"sessionId", "sipCallId"} == set()
    assert (await daily_webhook.wait_for("dialout.error"))["payload"]["session_id"] == session_id
    await fake_daily.fail_dialouts(count=0)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")


async def test_a_call_without_an_answer_ends_with_dialout_stopped(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER, calls="no_answer")
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-connected")
    await daily_client.stop_dialout(session_id)
    await daily_client.wait_for("dialout-stopped")
    call = await phone.wait_for_call()
    assert (await call.wait_for_end()).status == 487
    assert telephony(fake_daily) == ["dialout-connected", "participant-joined", "participant-left", "dialout-stopped"]


async def test_stopping_an_answered_call_hangs_it_up(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    await daily_client.stop_dialout(session_id)
    call = await phone.wait_for_call()
    ended = await call.wait_for_end()
    assert (ended.status, ended.by) == (200, "remote")
    await daily_client.wait_for("dialout-stopped")
    with pytest.raises(DailyError, match="404"):
        await daily_client.stop_dialout(session_id)


async def test_query_parameters_become_headers_and_a_simulated_phone_answers_for_any_host(
    phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(uri="sip:bob@example.com")
    await daily_client.start_dialout({"sipUri": "sip:bob@example.com?X-Account=a%20b&X-Trace=7"})
    answered = await daily_client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    assert call.headers["X-Account"] == "a b"
    assert call.headers["X-Trace"] == "7"
    assert answered["origin"] == f"{call.remote}:{phone_network.address.split(':')[1]}", (
        "From has no port (RFC 3261 §19.1.1)"
    )
    assert answered["destination"] == "sip:bob@example.com"
    assert "callerId" not in answered


async def test_a_host_outside_this_machine_is_never_called(fake_daily: FakeDaily, daily_client: Client) -> None:
    await daily_client.start_dialout({"sipUri": "sip:bob@pbx.example.net"})
    error = await daily_client.wait_for("dialout-error")
    assert "allow_hosts" in error["errorMsg"]
    assert "pbx.example.net" in error["errorMsg"]
    assert "sipCallId" not in error
    assert telephony(fake_daily) == ["dialout-error"]


async def test_caller_ids_are_numbers_of_the_domain(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER)
    second = "+14155550101"
    for caller_id in (second, number_id(second)):
        session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "callerId": caller_id})
        event = await daily_client.wait_for("dialout-answered", where={"sessionId": session_id})
        assert event["callerId"] == second
        call = await phone.wait_for_call()
        assert call.remote.startswith(f"sip:{second}@")
        await daily_client.stop_dialout(session_id)
    with pytest.raises(DailyError, match=r"\+14155550100"):
        await daily_client.start_dialout({"phoneNumber": NUMBER, "callerId": "+12065550100"})


async def test_an_extension_is_dialled_after_the_answer(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": NUMBER, "extension": "12#", "waitBeforeExtensionDialSec": 1})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await call.wait_for_digits("12#", method="telephone-event", within=5)


async def test_a_codec_fallback_leads_to_one_warning(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=["PCMU"])
    await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": ["G722"]}})
    warning = await daily_client.wait_for("dialout-warning")
    call = await phone.wait_for_call()
    assert (await call.wait_answered()).codec == "PCMU"
    assert "G722" in warning["errorMsg"]
    assert "PCMU" in warning["errorMsg"]
    assert telephony(fake_daily).count("dialout-warning") == 1


async def test_the_first_preference_is_used_when_the_phone_has_it(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=["PCMU", "G722"])
    await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": ["G722"]}})
    call = await phone.wait_for_call()
    assert (await call.wait_answered()).codec == "G722"
    assert "dialout-warning" not in telephony(fake_daily)


async def test_no_common_codec_is_an_error(fake_daily: FakeDaily, phone_network: Network, daily_client: Client) -> None:
    await phone_network.phone(NUMBER, codecs=["GSM"])
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    error = await daily_client.wait_for("dialout-error")
    assert "no common codec" in error["errorMsg"]
    assert telephony(fake_daily) == ["dialout-error"]


async def test_only_owners_and_admins_dial(fake_daily: FakeDaily, daily_room: RoomHandle) -> None:
    guest = await fake_daily.join(daily_room, owner=False)
    with pytest.raises(DailyError, match="is_owner"):
        await guest.start_dialout({"phoneNumber": NUMBER})


async def test_a_room_must_allow_dial_out(fake_daily: FakeDaily) -> None:
    room = await fake_daily.create_room()
    client = await fake_daily.join(room)
    with pytest.raises(DailyError, match="enable_dialout"):
        await client.start_dialout({"phoneNumber": NUMBER})
    assert telephony(fake_daily) == []


async def test_the_session_limit_counts_endpoints_and_dial_outs(fake_daily: FakeDaily, phone_network: Network) -> None:
    await phone_network.phone(NUMBER)
    room = await fake_daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in", "num_endpoints": 3})
    client = await fake_daily.join(room)
    for _ in range(2):
        await client.start_dialout({"phoneNumber": NUMBER})
    with pytest.raises(DailyError, match="max_sip_pstn_sessions_per_room is 5"):
        await client.start_dialout({"phoneNumber": NUMBER})


async def test_the_end_of_the_session_hangs_up_the_call(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER)
    await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    await daily_client.leave()
    call = await phone.wait_for_call()
    assert (await call.wait_for_end()).by == "remote"
    assert telephony(fake_daily)[-2:] == ["participant-left", "dialout-stopped"]


async def test_ejecting_the_participant_hangs_up(phone_network: Network, daily_client: Client) -> None:
    phone = await phone_network.phone(NUMBER)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    await daily_client.wait_for("dialout-answered")
    await daily_client.eject(session_id)
    await daily_client.wait_for(["participant-left", "dialout-stopped"])
    call = await phone.wait_for_call()
    assert (await call.wait_for_end()).by == "remote"
