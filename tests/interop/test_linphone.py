"""Calls from and to Debian's linphonec (liblinphone): codecs, tones and digits in both directions, hold, refusals."""

from __future__ import annotations

import re

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.network import Network
from tests.interop.linphone import TONE_HZ, Linphone
from tests.interop.program import Programs
from tests.interop.room_events import telephony_events, wait_for_media

pytestmark = pytest.mark.interop("linphonec")

OUR_HZ = 700.0
RATES = {"OPUS": 48000, "G722": 16000, "PCMU": 8000, "PCMA": 8000}
DIALIN = ["dialin-connected", "participant-joined"]
DIALOUT = ["dialout-connected", "participant-joined", "dialout-answered"]

codecs_and_transports = pytest.mark.parametrize(
    ("codec", "transport"), [("OPUS", "udp"), ("G722", "udp"), ("PCMA", "tcp")]
)


async def join_room(fake_daily: FakeDaily, codec: str) -> tuple[RoomHandle, Client]:
    sip = {"sip_mode": "dial-in", "codecs": {"audio": [codec]}}
    room = await fake_daily.create_room(enable_dialout=True, sip=sip)
    return room, await fake_daily.join(room)


async def exchange_tones(linphone: Linphone, client: Client, codec: str) -> None:
    await client.hum(OUR_HZ)
    await client.expect_tones({TONE_HZ})
    await linphone.expect_tone(OUR_HZ, rate=RATES[codec])


async def exchange_digits(linphone: Linphone, client: Client, session_id: str) -> list[str]:
    """Both sides send a digit. Returns the room's events of linphone's."""
    await linphone.send_digit("#")
    event = await client.wait_for("dtmf-event")
    await client.send_dtmf({"sessionId": session_id, "tones": "4D", "digitDurationMs": 100})
    await linphone.wait_for_digits("4D")
    return [f"dtmf-event # {event['method']}"]


@codecs_and_transports
async def test_dial_in_with_hold_and_resume(
    codec: str, transport: str, linphone: Linphone, fake_daily: FakeDaily, phone_network: Network
) -> None:
    room, client = await join_room(fake_daily, codec)
    await linphone.dial(f"{room.sip_uris[0]};transport={transport}")
    connected = await client.wait_for("dialin-connected")
    session_id = connected["sessionId"]
    media = await wait_for_media(phone_network, session_id)
    await exchange_tones(linphone, client, codec)
    digits = await exchange_digits(linphone, client, session_id)
    await linphone.hold()
    await client.expect_tone(TONE_HZ)  # linphone holds with a=sendonly, and its file is the music
    await linphone.resume()
    await exchange_tones(linphone, client, codec)
    await linphone.hang_up()
    stopped = await client.wait_for("dialin-stopped")

    assert digits == ["dtmf-event # telephone-event"]
    assert telephony_events(client.events, session_id) == [*DIALIN, *digits, "participant-left", "dialin-stopped"]
    assert media.fields["codec"] == codec
    assert connected["sipCallId"] == stopped["sipCallId"] == linphone.call_id


@codecs_and_transports
async def test_dial_out(
    codec: str, transport: str, linphone: Linphone, fake_daily: FakeDaily, phone_network: Network
) -> None:
    _, client = await join_room(fake_daily, codec)
    target = f"{linphone.uri};transport={transport}"
    session_id = await client.start_dialout({"sipUri": target, "codecs": {"audio": [codec]}})
    answered = await client.wait_for("dialout-answered")
    media = await wait_for_media(phone_network, session_id)
    await exchange_tones(linphone, client, codec)
    digits = await exchange_digits(linphone, client, session_id)
    await client.stop_dialout(session_id)
    await client.wait_for("dialout-stopped")
    await linphone.wait_ended()

    assert telephony_events(client.events, session_id) == [*DIALOUT, *digits, "participant-left", "dialout-stopped"]
    assert media.fields["codec"] == codec
    assert answered["sipCallId"] == linphone.call_id
    assert f"Via: SIP/2.0/{transport.upper()} 127.0.0.1" in linphone.log


async def test_the_room_ends_a_dial_in(linphone: Linphone, daily_room: RoomHandle, daily_client: Client) -> None:
    await linphone.dial(daily_room.sip_uris[0])
    session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
    await daily_client.wait_for("participant-joined")
    await daily_client.eject(session_id)
    await daily_client.wait_for("dialin-stopped")

    assert await linphone.wait_ended() == "No error"
    assert telephony_events(daily_client.events, session_id) == [*DIALIN, "participant-left", "dialin-stopped"]


async def test_linphone_ends_a_dial_out(linphone: Linphone, daily_client: Client) -> None:
    session_id = await daily_client.start_dialout({"sipUri": linphone.uri})
    await daily_client.wait_for("dialout-answered")
    await linphone.wait_for_media()
    await daily_client.expect_tones({TONE_HZ})
    await linphone.hang_up()
    await daily_client.wait_for("dialout-stopped")

    assert telephony_events(daily_client.events, session_id) == [*DIALOUT, "participant-left", "dialout-stopped"]


async def test_digits_by_sip_info(programs: Programs, daily_room: RoomHandle, daily_client: Client) -> None:
    peer = await Linphone.start(programs, use_info=1, use_rfc2833=0)
    await peer.dial(daily_room.sip_uris[0])
    session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
    assert await exchange_digits(peer, daily_client, session_id) == ["dtmf-event # sip-info"]
    await peer.hang_up()
    await daily_client.wait_for("dialin-stopped")


async def test_an_offer_that_linphone_asks_for(
    programs: Programs, daily_room: RoomHandle, daily_client: Client
) -> None:
    peer = await Linphone.start(programs, sdp_200_ack=1)
    await peer.dial(daily_room.sip_uris[0])
    session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
    await exchange_tones(peer, daily_client, "PCMU")
    await exchange_digits(peer, daily_client, session_id)
    await peer.hang_up()
    await daily_client.wait_for("dialin-stopped")

    assert "m=audio" not in peer.sent("INVITE")
    assert "m=audio" in peer.sent("ACK")


async def test_a_declined_dial_out(linphone: Linphone, daily_client: Client) -> None:
    linphone.auto_answer(False)
    await daily_client.start_dialout({"sipUri": linphone.uri})
    await daily_client.wait_for("dialout-connected")
    await linphone.hang_up()
    error = await daily_client.wait_for("dialout-error")

    assert error["errorMsg"] == "DialOut failed with error: 603 Decline (declined)"


async def test_a_dial_out_that_is_stopped_while_it_rings(linphone: Linphone, daily_client: Client) -> None:
    linphone.auto_answer(False)
    session_id = await daily_client.start_dialout({"sipUri": linphone.uri})
    await daily_client.wait_for("dialout-connected")
    await daily_client.stop_dialout(session_id)
    await daily_client.wait_for("dialout-stopped")
    await linphone.wait_ended()

    assert "dialout-answered" not in telephony_events(daily_client.events, session_id)


async def test_a_dial_out_without_a_common_codec(linphone: Linphone, daily_client: Client) -> None:
    await linphone.choose_codecs("SPEEX")
    await daily_client.start_dialout({"sipUri": linphone.uri})
    error = await daily_client.wait_for("dialout-error")

    assert "no common codec" in error["errorMsg"]


async def test_a_dial_in_without_a_common_codec(
    linphone: Linphone, daily_room: RoomHandle, daily_client: Client
) -> None:
    await linphone.choose_codecs("SPEEX")
    linphone.command(f"call {daily_room.sip_uris[0]}")
    error = await daily_client.wait_for("dialin-error")
    await linphone.wait_ended()

    assert error["type"] == "start-failed"
    assert "488 Not Acceptable Here" in linphone.log


async def test_nothing_is_renegotiated_after_an_answer_with_several_codecs(
    linphone: Linphone, daily_client: Client
) -> None:
    session_id = await daily_client.start_dialout({"sipUri": linphone.uri})
    await daily_client.wait_for("dialout-answered")
    await exchange_tones(linphone, daily_client, "OPUS")
    await daily_client.stop_dialout(session_id)
    await linphone.wait_ended()

    requests = re.findall(r"(?m)^(INVITE|ACK|UPDATE|BYE) sip:", linphone.log)
    assert requests == ["INVITE", "ACK", "BYE"]


async def test_a_redirected_dial_out(linphone: Linphone, daily_client: Client) -> None:
    linphone.auto_answer(False)
    session_id = await daily_client.start_dialout({"sipUri": linphone.uri})
    await daily_client.wait_for("dialout-connected")
    linphone.command("redirect all sip:elsewhere@127.0.0.1:9")
    error = await daily_client.wait_for("dialout-error")
    await linphone.wait_ended()

    assert error["errorMsg"].startswith("DialOut failed with error: 302")
    assert "dialout-stopped" not in telephony_events(daily_client.events, session_id)


async def test_it_follows_a_refer_and_the_room_hangs_up(
    linphone: Linphone, daily_room: RoomHandle, daily_client: Client, phone_network: Network
) -> None:
    desk = await phone_network.phone("+12065550142", codecs=["PCMU"])
    await linphone.dial(daily_room.sip_uris[0])
    session_id = (await daily_client.wait_for("dialin-connected"))["sessionId"]
    await daily_client.sip_refer({"sessionId": session_id, "toEndPoint": desk.uri})
    talking = await desk.wait_for_call()
    await talking.expect_tones({TONE_HZ})
    await daily_client.wait_for(["participant-left", "dialin-stopped"])
    await linphone.wait_ended()

    assert talking.state == "answered"
    assert "BYE sip:" in linphone.log


async def test_a_call_to_a_phone(linphone: Linphone, phone_network: Network) -> None:
    phone = await phone_network.phone("+12065550142", codecs=["OPUS"])
    await linphone.dial(f"sip:{phone.number}@{phone_network.address}")
    call = await phone.wait_for_call()
    assert (await call.wait_answered()).codec == "OPUS"
    await call.hum(OUR_HZ)
    await call.expect_tones({TONE_HZ})
    await linphone.expect_tone(OUR_HZ, rate=48000)
    await linphone.send_digit("5")
    await call.wait_for_digits("5", method="telephone-event")
    await call.hold()
    await linphone.wait_held_by_far_end(True)
    await call.resume()
    await call.expect_tones({TONE_HZ})
    await call.hang_up()
    assert await linphone.wait_ended() == "No error"
