"""Digits on the wire, decoded by tshark: RFC 4733 packets with PCMU and G722 in both directions, and SIP INFO."""

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


LAST_DIGIT = "0"
"""Digit sent last and not checked: the call ends at its first end packet, which may cut off the other two."""


@dataclass(frozen=True, slots=True)
class DialOut:
    """A call from the room to a phone."""

    phone: PhoneCall
    session_id: str


async def dial_out(client: Client, network: Network, codec: AudioCodec, *, telephone_event: bool = True) -> DialOut:
    """Dial out to a phone that has only this codec and answers."""
    phone = await network.phone("+12065550142", codecs=[codec], telephone_event=telephone_event)
    session_id = await client.start_dialout({"phoneNumber": phone.number, "codecs": {"audio": [codec]}})
    await client.wait_for("dialout-answered")
    call = await phone.wait_for_call()
    await call.wait_answered()
    return DialOut(call, session_id)


async def send(client: Client, call: DialOut, tones: str, **settings: Any) -> None:
    tones += LAST_DIGIT
    await client.send_dtmf({"sessionId": call.session_id, "tones": tones, **settings})
    await call.phone.wait_for_digits(tones, within=10)


async def press(client: Client, call: DialOut, digits: str, **settings: Any) -> None:
    digits += LAST_DIGIT
    await call.phone.press(digits, **settings)
    await client.wait_for(["dtmf-event"] * len(digits), within=10)


async def hang_up(client: Client, call: DialOut) -> None:
    """End the call and wait until both sides have confirmed it, so that no packet follows."""
    await call.phone.hang_up()
    await client.wait_for("dialout-stopped")


def check(digits: list[WireDigit], sender: Sdp, receiver: Sdp, *, expected: str, duration_ms: int) -> None:
    """Check the rules of RFC 4733 §2.5 that receivers rely on."""
    assert "".join(digit.digit for digit in digits) == expected + LAST_DIGIT
    assert len({digit.timestamp for digit in digits}) == len(digits)
    for digit in digits[:-1]:
        assert digit.payload_types == {receiver.payload_type("telephone-event")}, digit
        assert digit.payload_types == {sender.payload_type("telephone-event")}, digit
        assert digit.markers == (True, *[False] * (len(digit.markers) - 1)), digit
        assert digit.ends == (*[False] * (len(digit.ends) - 3), True, True, True), digit
        assert list(digit.durations) == sorted(digit.durations), digit
        assert abs(digit.durations[-1] - duration_ms * 8) <= ONE_PACKET, digit
        assert len(set(digit.durations[-3:])) == 1, digit


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_telephone_events_from_the_room(
    codec: AudioCodec, programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, codec)
        await send(daily_client, dialled, "1A#", method="telephone-event", digitDurationMs=100)
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert call.answer.codecs == [codec]
    check(call.digits(call.offer), call.offer, call.answer, expected="1A#", duration_ms=100)
    assert call.digits(call.answer) == []


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
async def test_telephone_events_from_the_phone(
    codec: AudioCodec, programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, codec)
        await press(daily_client, dialled, "4D*", method="telephone-event", duration_ms=180)
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert call.answer.codecs == [codec]
    check(call.digits(call.answer), call.answer, call.offer, expected="4D*", duration_ms=180)
    assert call.digits(call.offer) == []


async def test_equal_digits_have_timestamps_of_their_own(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, "PCMU")
        await send(daily_client, dialled, "77", method="telephone-event", digitDurationMs=250)
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    check(call.digits(call.offer), call.offer, call.answer, expected="77", duration_ms=250)


async def test_the_bodies_of_sip_info_in_both_directions(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, "PCMU")
        await send(daily_client, dialled, "3#", method="sip-info", digitDurationMs=160)
        await press(daily_client, dialled, "*", method="sip-info", duration_ms=120)
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert call.infos() == [
        ("application/dtmf-relay", ["Signal=3", "Duration=160"]),
        ("application/dtmf-relay", ["Signal=#", "Duration=160"]),
        ("application/dtmf-relay", [f"Signal={LAST_DIGIT}", "Duration=160"]),
        ("application/dtmf-relay", ["Signal=*", "Duration=120"]),
        ("application/dtmf-relay", [f"Signal={LAST_DIGIT}", "Duration=120"]),
    ]
    assert call.digits(call.offer) == call.digits(call.answer) == []


async def test_auto_sends_sip_info_when_the_answer_has_no_telephone_event(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, "PCMU", telephone_event=False)
        await send(daily_client, dialled, "9", digitDurationMs=200)
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert "telephone-event/8000" in call.offer.names.values()
    assert "telephone-event/8000" not in call.answer.names.values()
    assert call.infos()[0] == ("application/dtmf-relay", ["Signal=9", "Duration=200"])
    assert call.digits(call.offer) == []


async def test_a_fallback_codec_is_offered_and_used(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["PCMU"])
    async with Capture(programs) as capture:
        session_id = await daily_client.start_dialout({"phoneNumber": phone.number, "codecs": {"audio": ["G722"]}})
        await daily_client.wait_for(["dialout-answered", "dialout-warning"])
        dialled = DialOut(await phone.wait_for_call(), session_id)
        await dialled.phone.wait_answered()
        await send(daily_client, dialled, "5", method="telephone-event")
        await press(daily_client, dialled, "6", method="telephone-event")
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert call.offer.codecs == ["G722", "opus", "PCMU", "PCMA"]
    assert call.answer.codecs == ["PCMU"]
    assert audio_types(call) == {0}


async def test_the_preferred_codec_is_used_when_both_sides_have_it(
    programs: Programs, daily_client: Client, phone_network: Network
) -> None:
    async with Capture(programs) as capture:
        dialled = await dial_out(daily_client, phone_network, "G722")
        await send(daily_client, dialled, "5", method="telephone-event")
        await press(daily_client, dialled, "6", method="telephone-event")
        await hang_up(daily_client, dialled)

    call = await capture.call(dialled.phone.sip_call_id)
    assert call.offer.codecs[0] == "G722"
    assert audio_types(call) == {9}


def audio_types(call: CapturedCall) -> set[int]:
    """The payload types of audio on the wire, which must be the same in both directions."""
    there, back = call.audio_payload_types(call.offer), call.audio_payload_types(call.answer)
    assert there == back
    return there
