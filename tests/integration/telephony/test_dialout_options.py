"""What options of startDialOut do to a call, and what holds without them: names, caller ids, codecs, permissions.

https://docs.daily.co/reference/daily-js/instance-methods/start-dial-out
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.useragent.messages import AudioCodec

NUMBER, OLDEST, NEXT = "+12065550142", "+14155550100", "+14155550101"
BOB = "sip:bob@example.com"
PHONE, SIP = {"phoneNumber": NUMBER}, {"sipUri": BOB}


async def dialled(network: Network, client: Client, request: dict[str, Any], **phone: Any) -> tuple[str, PhoneCall]:
    """Dial out to a new phone; return the session id and the call, once it is answered."""
    uri = request["sipUri"].partition("?")[0] if "sipUri" in request else None
    device = await network.phone(request.get("phoneNumber"), uri=uri, **phone)
    session_id = await client.start_dialout(request)
    call = await device.wait_for_call()
    await call.wait_answered()
    return session_id, call


@pytest.mark.parametrize(
    ("request_body", "name"),
    [
        (PHONE, NUMBER),
        (SIP, "bob"),
        ({"sipUri": f"{BOB}?X-myHeader=value"}, "bob"),
        ({**PHONE, "displayName": "Support Line"}, "Support Line"),
        ({**SIP, "displayName": "Conference Bridge"}, "Conference Bridge"),
    ],
)
async def test_the_name_of_the_participant(
    phone_network: Network, daily_client: Client, request_body: dict[str, Any], name: str
) -> None:
    session_id, _ = await dialled(phone_network, daily_client, request_body)
    joined = await daily_client.wait_for("participant-joined", where={"participant.session_id": session_id})
    assert joined["participant"]["user_name"] == name
    assert joined["participant"]["user_id"] == session_id, "without userId"


@pytest.mark.parametrize(
    ("request_body", "provider"),
    [(SIP, "daily"), ({**SIP, "provider": "daily"}, "daily"), ({**SIP, "provider": "signalwire"}, "signalwire")],
)
async def test_the_provider_of_a_call_to_a_sip_uri(
    phone_network: Network, daily_client: Client, request_body: dict[str, Any], provider: str
) -> None:
    session_id, call = await dialled(phone_network, daily_client, request_body)
    await call.hang_up()
    events = [
        await daily_client.wait_for(f"dialout-{what}", where={"sessionId": session_id})
        for what in ("connected", "answered", "stopped")
    ]
    assert [event["provider"] for event in events] == [provider] * 3


@pytest.mark.parametrize("target", [PHONE, SIP], ids=["phone", "sip"])
async def test_a_user_id_of_36_characters_is_that_of_the_participant(
    phone_network: Network, daily_client: Client, target: dict[str, str]
) -> None:
    user_id = "u" * 36
    session_id, _ = await dialled(phone_network, daily_client, {**target, "userId": user_id})
    joined = await daily_client.wait_for("participant-joined", where={"participant.session_id": session_id})
    assert joined["participant"]["user_id"] == user_id


async def test_the_oldest_number_of_the_domain_is_shown_on_the_called_device(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, daily_api: httpx.AsyncClient
) -> None:
    bought = (await daily_api.post("/buy-phone-number", json={"number": "+12025550100"})).json()
    session_id, call = await dialled(phone_network, daily_client, PHONE)
    assert call.remote == f"sip:{OLDEST}@127.0.0.1"
    await daily_client.stop_dialout(session_id)

    purchased = (await daily_api.get("/purchased-phone-numbers")).json()["data"]
    oldest = next(owned for owned in purchased if owned["number"] == OLDEST)
    await fake_daily.advance_clock(15 * 24 * 3600)
    assert (await daily_api.delete(f"/release-phone-number/{oldest['id']}")).status_code == 200
    later = await fake_daily.join(await fake_daily.create_room(enable_dialout=True))
    phone = await phone_network.phone("+12065550143")
    await later.start_dialout({"phoneNumber": "+12065550143"})
    assert (await phone.wait_for_call()).remote == f"sip:{NEXT}@127.0.0.1", f"older than {bought['number']}"


@pytest.mark.parametrize(
    ("request_body", "supported", "used"),
    [
        (PHONE, ["OPUS", "G722", "PCMA", "PCMU"], "PCMU"),
        (PHONE, ["OPUS", "G722", "PCMA"], "PCMA"),
        (SIP, ["PCMU", "PCMA", "G722", "OPUS"], "OPUS"),
        ({**SIP, "video": False, "codecs": {"audio": ["OPUS", "G722"]}}, ["PCMU", "G722", "OPUS"], "OPUS"),
        ({**SIP, "video": False, "codecs": {"audio": ["OPUS", "G722"]}}, ["PCMU", "PCMA", "G722"], "G722"),
        ({**PHONE, "codecs": {"audio": ["PCMA"], "video": ["VP8"]}}, ["PCMU", "PCMA"], "PCMA"),
        ({**PHONE, "codecs": {"audio": ["PCMA"], "video": []}}, ["PCMU", "PCMA"], "PCMA"),
    ],
)
async def test_the_codec_of_a_call(
    phone_network: Network, daily_client: Client, request_body: dict[str, Any], supported: list[AudioCodec], used: str
) -> None:
    """`supported` is in the order of the phone, which uses the first codec of the offer that it has."""
    _, call = await dialled(phone_network, daily_client, request_body, codecs=supported, video=("H264", "VP8"))
    assert call.media is not None
    assert (call.media.codec, call.video_seen) == (used, None), "and no video, which was not asked for"


async def test_an_extension_of_20_digits_is_dialled_a_fraction_of_a_second_after_the_answer(
    phone_network: Network, daily_client: Client
) -> None:
    extension = "12345678901234567890"
    request = {**PHONE, "extension": extension, "waitBeforeExtensionDialSec": 0.5}
    _, call = await dialled(phone_network, daily_client, request)
    await call.wait_for_digits(extension, within=20)


async def test_two_sip_uris_are_dialled_at_the_same_time(phone_network: Network, daily_client: Client) -> None:
    _, bob = await dialled(phone_network, daily_client, SIP)
    ann_session, ann = await dialled(phone_network, daily_client, {"sipUri": "sip:ann@example.com"})
    await bob.hang_up()
    await daily_client.wait_for("dialout-stopped", where={"destination": BOB})
    await daily_client.send_dtmf({"sessionId": ann_session, "tones": "1234#", "method": "auto", "digitDurationMs": 100})
    await ann.wait_for_digits("1234#")


@pytest.mark.parametrize("target", [PHONE, SIP], ids=["phone", "sip"])
async def test_can_receive_decides_what_the_dialled_participant_hears(
    phone_network: Network, daily_client: Client, target: dict[str, str]
) -> None:
    await daily_client.hum(700)
    nothing = {**target, "permissions": {"canReceive": {"base": False}}}
    session_id, call = await dialled(phone_network, daily_client, nothing)
    await call.hum(440)
    await daily_client.expect_tones({440})
    await call.expect_silence(0.3)
    all_of_it = {"canReceive": {"base": True}}
    await daily_client.update_participant(session_id, permissions=all_of_it)
    await call.expect_tones({700})
