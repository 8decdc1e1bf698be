"""Every pair of Daily's audio codecs in both directions: what the room prefers, and what the phone supports."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import DailyError
from fake_daily_server.values.telephony_requests import DailyAudioCodec
from simulator.network import Network
from simulator.phone_call import PhoneCall

NUMBER = "+12065550142"
CODECS: tuple[DailyAudioCodec, ...] = get_args(DailyAudioCodec)

each_phone = pytest.mark.parametrize("spoken", CODECS)
each_room = pytest.mark.parametrize("preferred", CODECS)


async def check_audio_both_ways(client: Client, call: PhoneCall) -> None:
    await asyncio.gather(call.hum(440), client.hum(700))
    await asyncio.gather(call.expect_tones({700}), client.expect_tones({440}))


def warnings_of(client: Client, session_id: str, action: str) -> list[str]:
    return [e["errorMsg"] for e in client.events if e["action"] == action and e["sessionId"] == session_id]


def expected(preferred: str, spoken: str) -> list[str]:
    """The warnings of a call: exactly one, which names both codecs, when the room's preference is not used."""
    asked = f"Requested codec unavailable, using fallback ({preferred} was asked for, {spoken} is used)"
    return [] if preferred == spoken else [asked]


@each_room
@each_phone
async def test_each_codec_pair_dialling_out(
    phone_network: Network, daily_client: Client, preferred: DailyAudioCodec, spoken: DailyAudioCodec
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=[spoken])
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": [preferred]}})
    call = await phone.wait_for_call()
    media = await call.wait_answered()
    assert media is not None
    assert (media.codec, media.telephone_event is not None) == (spoken, True)
    await check_audio_both_ways(daily_client, call)
    await daily_client.send_dtmf({"sessionId": session_id, "tones": "5", "method": "telephone-event"})
    await call.wait_for_digits("5", method="telephone-event")
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")
    assert warnings_of(daily_client, session_id, "dialout-warning") == expected(preferred, spoken)


@each_room
@each_phone
async def test_each_codec_pair_dialling_in(
    fake_daily: FakeDaily, phone_network: Network, preferred: DailyAudioCodec, spoken: DailyAudioCodec
) -> None:
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": [preferred]}})
    client = await fake_daily.join(room)
    phone = await phone_network.phone(NUMBER, codecs=[spoken])
    call = await phone.dial(room.sip_uris[0])
    media = await call.wait_answered()
    session_id = (await client.wait_for("dialin-connected"))["sessionId"]
    assert media is not None
    assert media.codec == spoken
    await call.press("7", method="telephone-event")
    await client.wait_for("dtmf-event", where={"tone": "7", "method": "telephone-event"})
    await call.hang_up()
    await client.wait_for("dialin-stopped")
    assert warnings_of(client, session_id, "dialin-warning") == expected(preferred, spoken)


@each_room
async def test_the_first_codec_of_a_dial_out_is_used_by_a_phone_that_has_it(
    phone_network: Network, daily_client: Client, preferred: DailyAudioCodec
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=[codec for codec in CODECS if codec != preferred] + [preferred])
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": [preferred]}})
    call = await phone.wait_for_call()
    assert (await call.wait_answered()).codec == preferred
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")
    assert warnings_of(daily_client, session_id, "dialout-warning") == []


@each_room
async def test_the_preference_of_the_room_decides_the_answer(
    fake_daily: FakeDaily, phone_network: Network, preferred: DailyAudioCodec
) -> None:
    """The order of the caller's offer does not matter."""
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in", "codecs": {"audio": [preferred]}})
    client = await fake_daily.join(room)
    phone = await phone_network.phone(NUMBER, codecs=[codec for codec in CODECS if codec != preferred] + [preferred])
    call = await phone.dial(room.sip_uris[0])
    media = await call.wait_answered()
    assert media is not None
    assert media.codec == preferred
    await call.hang_up()
    stopped = await client.wait_for("dialin-stopped")
    assert warnings_of(client, stopped["sessionId"], "dialin-warning") == []


@pytest.mark.parametrize(
    ("target", "used"), [({"phoneNumber": NUMBER}, "PCMU"), ({"sipUri": "sip:desk@example.com"}, "OPUS")]
)
async def test_the_default_codec_of_a_request_that_names_none(
    phone_network: Network, daily_client: Client, target: dict[str, str], used: str
) -> None:
    """A phone that supports all codecs uses the first one of the offer, whatever its own order is."""
    uri = target.get("sipUri")
    phone = await phone_network.phone(None if uri else NUMBER, uri=uri, codecs=CODECS[::-1])
    session_id = await daily_client.start_dialout(target)
    call = await phone.wait_for_call()
    media = await call.wait_answered()
    assert media is not None
    assert media.codec == used
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")
    assert warnings_of(daily_client, session_id, "dialout-warning") == []


async def test_default_codecs_are_settings() -> None:
    """Each direction has a setting of its own."""
    settings = Settings(port=0, sip_port=0, sip_dialout_codecs=("PCMU", "PCMA"), dialin_codecs=("G722",))
    async with FakeDaily(settings) as daily:
        room = await daily.create_room(enable_dialout=True, sip={"sip_mode": "dial-in"})
        client = await daily.join(room)
        phone = await daily.network.phone(uri="sip:desk@example.com", codecs=["PCMU", "G722", "OPUS"], calls="answer")
        await client.start_dialout({"sipUri": "sip:desk@example.com"})
        await client.wait_for("dialout-answered")
        media = await phone.calls[0].wait_answered()
        assert media is not None
        assert media.codec == "PCMU"
        calling = await phone.dial(room.sip_uris[0])
        media = await calling.wait_answered()
        assert media is not None
        assert media.codec == "G722"
        await client.leave()


@pytest.mark.parametrize("first", CODECS)
async def test_a_phone_changes_the_codec_in_mid_call(
    phone_network: Network, daily_client: Client, first: DailyAudioCodec
) -> None:
    """Repeated changes lead to one warning only."""
    phone = await phone_network.phone(NUMBER, codecs=[first, *(codec for codec in CODECS if codec != first)])
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": [first]}})
    call = await phone.wait_for_call()
    await call.wait_answered()
    others = [codec for codec in CODECS if codec != first]
    for codec in others:
        await call.change_codec([codec])
        assert call.media is not None
        assert call.media.codec == codec
    await check_audio_both_ways(daily_client, call)
    await daily_client.send_dtmf({"sessionId": session_id, "tones": "5", "method": "telephone-event"})
    await call.wait_for_digits("5", method="telephone-event")
    await call.hang_up()
    await daily_client.wait_for("dialout-stopped")
    assert warnings_of(daily_client, session_id, "dialout-warning") == expected(first, others[0])


@pytest.mark.parametrize("codec", CODECS)
async def test_a_phone_without_telephone_event(
    phone_network: Network, daily_client: Client, codec: DailyAudioCodec
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=[codec], telephone_event=False)
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER, "codecs": {"audio": [codec]}})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await daily_client.wait_for("dialout-answered")
    digits: dict[str, Any] = {"sessionId": session_id, "tones": "42", "digitDurationMs": 100}
    with pytest.raises(DailyError, match="telephone-event"):
        await daily_client.send_dtmf({**digits, "method": "telephone-event"})
    await daily_client.send_dtmf({**digits, "method": "auto"})
    await call.wait_for_digits("42", method="sip-info")


async def test_no_common_codec_in_either_direction(
    fake_daily: FakeDaily, phone_network: Network, daily_client: Client
) -> None:
    phone = await phone_network.phone(NUMBER, codecs=["GSM"], calls="answer")
    session_id = await daily_client.start_dialout({"phoneNumber": NUMBER})
    failed = await daily_client.wait_for("dialout-error", where={"sessionId": session_id})
    assert "no common codec" in failed["errorMsg"]
    room = await fake_daily.create_room(sip={"sip_mode": "dial-in"})
    client = await fake_daily.join(room)
    call = await phone.dial(room.sip_uris[0])
    failed = await client.wait_for("dialin-error")
    assert failed["errorMsg"].startswith("SDP negotiation failed")
    assert (await call.wait_for_end()).status == 488
