"""Digits as tshark sees them on the wire: RFC 4733 packets for PCMU and G722 in both directions, and SIP INFO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.useragent.messages import AudioCodec
from tests.interop.capture import Capture, CapturedCall, Sdp, WireDigit
from tests.interop.program import Programs

pytestmark = pytest.mark.interop("tshark")

ONE_PACKET = 160
"""Timestamp units of 20 ms; the RTP clock of G722 is 8 kHz too (RFC 3551 §4.5.2)."""


FULL_STOP = "0"
"""Pressed last and not looked at: a key is heard with its first end packet, and a call that is hung up then
loses the other two."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A phone in a call with the room."""

    phone: PhoneCall
    session_id: str


async def talk(client: Client, network: Network, codec: AudioCodec, *, telephone_event: bool = True) -> Talk:
    """The room dials a phone that speaks only this codec, and it picks up."""
    phone = await network.phone("+12065550142", codecs=[codec], telephone_event=telephone_event)
    session_id = await client.start_dialout({"phoneNumber": phone.number, "codecs": {"audio": [codec]}})
    await client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await call.wait_answered()
    return Talk(call, session_id)


async def send(client: Client, talk: Talk, tones: str, **settings: Any) -> None:
    tones += FULL_STOP
    await client.send_dtmf({"sessionId": talk.session_id, "tones": tones, **settings})
    await talk.phone.wait_for_digits(tones, within=10)


async def press(client: Client, talk: Talk, keys: str, **settings: Any) -> None:
    keys += FULL_STOP
    await talk.phone.press(keys, **settings)
    await client.wait_for(["dtmf-event"] * len(keys), within=10)


async def hang_up(client: Client, talk: Talk) -> None:
    """Both sides have confirmed the end, so that nothing of the call comes after it."""
    await talk.phone.hang_up()
    await client.wait_for("dialout-stopped")


def check(digits: list[WireDigit], sender: Sdp, receiver: Sdp, *, keys: str, asked_ms: int) -> None:
    """Every rule of RFC 4733 §2.5 that a receiver may count on."""
    assert "".join(digit.digit for digit in digits) == keys + FULL_STOP
    assert len({digit.timestamp for digit in digits}) == len(digits)
    for digit in digits[:-1]:
        assert digit.payload_types == {receiver.payload_type("telephone-event")}, digit
        assert digit.payload_types == {sender.payload_type("telephone-event")}, digit
        assert digit.markers == (True, *[False] * (len(digit.markers) - 1)), digit
        assert digit.ends == (*[False] * (len(digit.ends) - 3), True, True, True), digit
        assert list(digit.durations) == sorted(digit.durations), digit
        assert abs(digit.durations[-1] - asked_ms * 8) <= ONE_PACKET, digit
        assert len(set(digit.durations[-3:])) == 1, digit


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_digits_of_the_room(
    codec: AudioCodec, programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, codec)
        await send(daily_client, talking, "1A#", method="telephone-event", digitDurationMs=100)
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert call.answer.codecs == [codec]
    check(call.digits(call.offer), call.offer, call.answer, keys="1A#", asked_ms=100)
    assert call.digits(call.answer) == []


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_digits_of_the_phone(
    codec: AudioCodec, programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, codec)
        await press(daily_client, talking, "4D*", method="telephone-event", duration_ms=180)
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert call.answer.codecs == [codec]
    check(call.digits(call.answer), call.answer, call.offer, keys="4D*", asked_ms=180)
    assert call.digits(call.offer) == []


async def test_the_same_key_again_is_a_digit_of_its_own(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, "PCMU")
        await send(daily_client, talking, "77", method="telephone-event", digitDurationMs=250)
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    check(call.digits(call.offer), call.offer, call.answer, keys="77", asked_ms=250)


async def test_bodies_of_sip_info_both_ways(programs: Programs, daily_client: Client, phone_network: Network) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, "PCMU")
        await send(daily_client, talking, "3#", method="sip-info", digitDurationMs=160)
        await press(daily_client, talking, "*", method="sip-info", duration_ms=120)
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert call.infos() == [
        ("application/dtmf-relay", ["Signal=3", "Duration=160"]),
        ("application/dtmf-relay", ["Signal=#", "Duration=160"]),
        ("application/dtmf-relay", [f"Signal={FULL_STOP}", "Duration=160"]),
        ("application/dtmf-relay", ["Signal=*", "Duration=120"]),
        ("application/dtmf-relay", [f"Signal={FULL_STOP}", "Duration=120"]),
    ]
    assert call.digits(call.offer) == call.digits(call.answer) == []


async def test_auto_goes_by_sip_info_when_the_answer_has_no_telephone_event(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, "PCMU", telephone_event=False)
        await send(daily_client, talking, "9", digitDurationMs=200)
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert "telephone-event/8000" in call.offer.names.values()
    assert "telephone-event/8000" not in call.answer.names.values()
    assert call.infos()[0] == ("application/dtmf-relay", ["Signal=9", "Duration=200"])
    assert call.digits(call.offer) == []


async def test_a_fallback_is_seen_in_the_offer_and_in_the_audio(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["PCMU"])
    async with Capture(programs) as capture:
        session_id = await daily_client.start_dialout({"phoneNumber": phone.number, "codecs": {"audio": ["G722"]}})
        await daily_client.wait_for(["dialout-answered", "dialout-warning"])
        talking = Talk(await phone.wait_for_call(), session_id)
        await talking.phone.wait_answered()
        await send(daily_client, talking, "5", method="telephone-event")
        await press(daily_client, talking, "6", method="telephone-event")
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert call.offer.codecs == ["G722", "opus", "PCMU", "PCMA"]
    assert call.answer.codecs == ["PCMU"]
    assert both_ways(call) == {0}


async def test_the_preferred_codec_is_used_when_both_have_it(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        talking = await talk(daily_client, phone_network, "G722")
        await send(daily_client, talking, "5", method="telephone-event")
        await press(daily_client, talking, "6", method="telephone-event")
        await hang_up(daily_client, talking)

    call = await capture.call(talking.phone.sip_call_id)
    assert call.offer.codecs[0] == "G722"
    assert both_ways(call) == {9}


def both_ways(call: CapturedCall) -> set[int]:
    """Audio payload types on the wire, the same in both directions."""
    there, back = call.audio_payload_types(call.offer), call.audio_payload_types(call.answer)
    assert there == back
    return there
