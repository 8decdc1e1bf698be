"""Options that do not apply to the kind of target: ignored with a note on the timeline, or by setting refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from simulator.network import Network

DESK = "+12065550142"

PHONE = {"phoneNumber": DESK}
SIP = {"sipUri": "sip:desk@example.com"}

# What is ignored is not checked either: some of the values would be refused with the other kind of target.
INAPPLICABLE: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (SIP, {"callerId": "+14155550100"}, ["callerId is for phone numbers only"]),
    (SIP, {"extension": "12"}, ["extension is for phone numbers only"]),
    (
        SIP,
        {"extension": "12", "waitBeforeExtensionDialSec": 60},
        ["extension is for phone numbers only", "waitBeforeExtensionDialSec is for phone numbers only"],
    ),
    (SIP, {"videoSettings": {"fps": 5}}, ["videoSettings requires video to be true"]),
    (PHONE, {"video": True}, ["video is for SIP URIs only"]),
    (PHONE, {"video": True, "videoSettings": {"fps": 5}}, ["video is for SIP URIs only", "videoSettings is for SIP"]),
    (PHONE, {"provider": "signalwire"}, ["provider is for SIP URIs only"]),
    (PHONE, {"waitBeforeExtensionDialSec": 60}, ["waitBeforeExtensionDialSec requires extension"]),
    (SIP, {"callerId": "Ann"}, ["callerId is for phone numbers only"]),
    (SIP, {"extension": "1" * 21}, ["extension is for phone numbers only"]),
    (SIP, {"videoSettings": 7}, ["videoSettings requires video to be true"]),
    (PHONE, {"video": "yes"}, ["video is for SIP URIs only"]),
    (PHONE, {"videoSettings": {"width": 9999}}, ["videoSettings is for SIP URIs only"]),
    (PHONE, {"provider": "acme"}, ["provider is for SIP URIs only"]),
]


def notes(daily: FakeDaily) -> list[str]:
    return sorted(record.fields["because"] for record in daily.timeline.records(kind="note"))


@pytest.mark.parametrize(("target", "options", "reasons"), INAPPLICABLE)
async def test_they_are_ignored_by_signalling_and_rest(
    fake_daily: FakeDaily,
    phone_network: Network,
    daily_room: RoomHandle,
    daily_client: Client,
    daily_api: httpx.AsyncClient,
    target: dict[str, Any],
    options: dict[str, Any],
    reasons: list[str],
) -> None:
    phone = await phone_network.phone(target.get("phoneNumber"), uri=target.get("sipUri"), calls=["answer", "answer"])
    await daily_client.start_dialout({**target, **options})
    response = await daily_api.post(f"/rooms/{daily_room.name}/dialOut/start", json={**target, **options})
    assert response.status_code == 200
    answered = await daily_client.wait_for(["dialout-answered", "dialout-answered"])
    assert all(event["provider"] == "daily" for event in answered)
    noted = notes(fake_daily)
    assert len(noted) == 2 * len(reasons)
    assert all(note.startswith(reason) for note, reason in zip(noted[::2], sorted(reasons), strict=True))
    for event, call in zip(answered, phone.calls, strict=True):
        await daily_client.send_dtmf({"sessionId": event["sessionId"], "tones": "9", "digitDurationMs": 50})
        await call.wait_for_digits("9")
        assert call.digits == "9"


@pytest.mark.parametrize(("target", "options", "reasons"), INAPPLICABLE)
async def test_by_setting_they_are_refused(target: dict[str, Any], options: dict[str, Any], reasons: list[str]) -> None:
    async with FakeDaily(Settings(port=0, sip_port=0, inapplicable_options="refused")) as daily:
        client = await daily.join(await daily.create_room(enable_dialout=True))
        with pytest.raises(DailyError) as refused:
            await client.start_dialout({**target, **options})
        assert refused.value.status == 400
        assert any(reason in refused.value.info for reason in reasons)


@pytest.mark.parametrize("options", [{"video": False, "extension": None}, {"waitBeforeExtensionDialSec": 0}])
async def test_default_values_are_no_options(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client, options: dict[str, Any]
) -> None:
    await phone_network.phone(DESK)
    await daily_client.start_dialout({**PHONE, **options})
    await daily_client.wait_for("dialout-answered")
    assert notes(fake_daily) == []


async def test_a_transfer_ignores_them_too(fake_daily: FakeDaily, phone_network: Network, daily_client: Client) -> None:
    await phone_network.phone(DESK)
    desk = await phone_network.phone(uri="sip:desk@example.com")
    session_id = await daily_client.start_dialout(PHONE)
    await daily_client.wait_for("dialout-answered")
    options = {"callerId": "Ann", "extension": "1" * 21, "waitBeforeExtensionDialSec": 61}
    target = "sip:desk@example.com"
    await daily_client.sip_call_transfer({"sessionId": session_id, "toEndPoint": target, **options})
    call = await desk.wait_for_call()
    await call.wait_answered()
    assert [note.partition(" ")[0] for note in notes(fake_daily)] == sorted(options)
