"""Phones and clients hear each other over real SIP and RTP; a failed expectation comes with evidence."""

from __future__ import annotations

import asyncio
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.handles.client import Client
from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from simulator.audio.dtmf_detector import digits_in
from simulator.audio.levels import level_dbfs
from simulator.audio.tone_detector import has_tone
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav, write_wav
from simulator.dtmf_senders.in_band_senders import IN_BAND_SENDERS, InBandSender
from simulator.errors import CallEnded, ConfigurationError, ExpectationFailed
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.relay.faults import Faults

ANN, BOB = "+12065550142", "+12065550143"


@pytest.fixture
async def pair(phone_network: Network) -> tuple[PhoneCall, PhoneCall]:
    """Two phones in a call."""
    ann = await phone_network.phone(ANN, name="ann")
    bob = await phone_network.phone(BOB, name="bob")
    calling = await ann.dial(BOB)
    called = await bob.wait_for_call()
    await calling.wait_answered()
    await called.wait_answered()
    return calling, called


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory, in which evidence is kept."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
async def test_each_phone_hears_the_other_and_not_itself(phone_network: Network, codec: Any) -> None:
    ann = await phone_network.phone(ANN, codecs=[codec])
    bob = await phone_network.phone(BOB, codecs=[codec])
    calling = await ann.dial(BOB)
    called = await bob.wait_for_call()
    assert (await calling.wait_answered()).codec == codec
    await calling.hum(440)
    await called.hum(700)
    await asyncio.gather(calling.expect_tones({700}), called.expect_tones({440}))


async def test_a_new_sound_ends_a_hum_and_hush_ends_all_sounds(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    await ann.hum(440)
    await bob.expect_tones({440})
    await ann.hum(880)
    await bob.expect_tones({880})
    await ann.hush()
    await bob.expect_silence(0.3)
    await ann.hum(440, seconds=0.4)
    await ann.finish_talking(within=2)
    await bob.expect_silence(0.3)


async def test_say_is_heard_as_speech_and_a_hum_is_not(pair: tuple[PhoneCall, PhoneCall], here: Path) -> None:
    ann, bob = pair
    await ann.say("Good morning, this is the front desk. How may I help you?")
    await bob.expect_speech()
    await ann.hush()
    await ann.hum(440)
    with pytest.raises(ExpectationFailed, match=r"bob hears speech[\s\S]*440 Hz"):
        await bob.expect_speech(within=1.2)
    await ann.say(2.0)
    await bob.expect_speech()


async def test_in_band_digits_are_heard(pair: tuple[PhoneCall, PhoneCall], here: Path) -> None:
    ann, bob = pair
    await bob.listen()
    await ann.press("42#", method="in-band", duration_ms=60, gap_ms=60)
    await bob.expect_in_band_digits("4")
    await bob.expect_in_band_digits("2#")
    assert bob.digits == ""
    await ann.press("7", method="in-band")
    with pytest.raises(ExpectationFailed, match=r"hears 8 in-band[\s\S]*it heard 7 \([\s\S]*digit 1: 7, expected 8"):
        await bob.expect_in_band_digits("8")


@pytest.mark.parametrize("sender", [each for each in IN_BAND_SENDERS if len(each.sound()) < 2.5 * 16000], ids=str)
async def test_the_digits_of_in_band_senders_are_detected_in_calls(
    pair: tuple[PhoneCall, PhoneCall], sender: InBandSender
) -> None:
    ann, bob = pair
    await bob.listen()
    (await ann.audio_line()).send_queue.add(sender.sound())
    await ann.finish_talking(within=5)
    await bob.expect_silence(0.2)
    assert digits_in((await bob.audio_line()).received.between(0)) == sender.expected


async def test_latency_is_measured_in_both_directions(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    there = await ann.expect_latency(bob, at_most_ms=400)
    back = await bob.expect_latency(ann, at_most_ms=400)
    assert 5 < there < 400
    assert 5 < back < 400
    with pytest.raises(ExpectationFailed, match=r"heard by bob within 1 ms\n.*it took \d+ ms"):
        await ann.expect_latency(bob, at_most_ms=1)


async def test_a_lost_chirp_is_repeated(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    await ann.impair(Faults(blocked=True))
    line = await ann.audio_line()
    measuring = asyncio.create_task(ann.expect_latency(bob, within=4))
    assert await ann.owner_loop.run(line.received.changes.until(lambda: len(line.send_queue) or None, within=2))
    await ann.finish_talking()
    await ann.recover()
    assert 5 < await measuring < 400


async def test_the_audio_of_a_failed_expectation_is_kept(pair: tuple[PhoneCall, PhoneCall], here: Path) -> None:
    ann, bob = pair
    await ann.hum(440, dbfs=-26)
    await bob.expect_tone(440)
    with pytest.raises(ExpectationFailed) as failed:
        await bob.expect_tones({440, 1000}, within=0.7)
    said = str(failed.value)
    assert "Expected  bob hears nothing but 440 + 1000 Hz  within 0.7 s" in said
    # PJSIP's resampler takes 1 dB, from 16 to 8 kHz and back again
    assert re.search(r"Nearest   it heard 44[01] Hz at -(2[5-9]|3[0-2]) dBFS \(level -(2[5-9]|3[0-2]) dBFS\)", said)
    files = re.findall(r"\.daily-sim/audio/\S+\.(?:wav|png)", said)
    assert [Path(name).suffix for name in files] == [".wav", ".png"]
    sound, rate = read_wav(here / files[0])
    assert 0.5 * rate < len(sound) < 1.2 * rate
    assert has_tone(sound[: rate // 2], 440)
    assert level_dbfs(sound) == pytest.approx(-28, abs=1)
    picture = (here / files[1]).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack("!2I", picture[16:24]) == (944, 282)


async def test_expectations_fail_when_the_call_ends(pair: tuple[PhoneCall, PhoneCall], here: Path) -> None:
    ann, bob = pair
    await bob.listen()
    waiting = asyncio.create_task(bob.expect_tone(440, within=20))
    await ann.hang_up()
    with pytest.raises(ExpectationFailed, match="the call ended with 200"):
        await waiting
    with pytest.raises(ExpectationFailed, match="the call ended with 200"):
        await bob.expect_speech(within=20)
    with pytest.raises(CallEnded):
        await ann.hum(440)


async def test_a_call_on_hold_is_silent_in_both_directions(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    await ann.hum(440)
    await bob.hum(700)
    await bob.expect_tones({440})
    await ann.hold()
    await asyncio.gather(bob.expect_silence(0.3), ann.expect_silence(0.3))
    await ann.resume()
    await asyncio.gather(bob.expect_tones({440}), ann.expect_tones({700}))


async def test_a_call_without_loss_has_the_best_rating(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    await ann.hum(440)
    await bob.expect_tone(440)
    quality = await bob.quality(delay_ms=50)
    assert quality.loss_percent == 0
    assert quality.mos == pytest.approx(4.37, abs=0.02)


@pytest.mark.parametrize("hz", [5, 9000])
async def test_a_hum_outside_the_frequency_range_is_refused(pair: tuple[PhoneCall, PhoneCall], hz: float) -> None:
    with pytest.raises(ConfigurationError, match="hz"):
        await pair[0].hum(hz)


async def test_audio_is_not_opened_before_the_first_audio_method(pair: tuple[PhoneCall, PhoneCall]) -> None:
    ann, bob = pair
    await ann.press("1")
    await bob.wait_for_digits("1")
    assert ann._audio is bob._audio is None


async def test_four_parties_hear_exactly_the_other_three(
    fake_daily: FakeDaily, phone_network: Network, daily_room: RoomHandle, daily_client: Client
) -> None:
    guest = await fake_daily.join(daily_room, user_name="guest", owner=False)
    calls: list[PhoneCall] = []
    for number in (ANN, BOB):
        phone = await phone_network.phone(number)
        await daily_client.start_dialout({"phoneNumber": number})
        calls.append(await phone.wait_for_call())
        await calls[-1].wait_answered()
    everybody: list[PhoneCall | Client] = [*calls, daily_client, guest]
    parties = dict(zip((440.0, 660.0, 880.0, 1100.0), everybody, strict=True))
    for hz, party in parties.items():
        await party.hum(hz)
    await asyncio.gather(*(party.expect_tones(set(parties) - {own}) for own, party in parties.items()))


async def test_a_client_plays_a_file_and_measures(
    phone_network: Network, daily_client: Client, tmp_path: Path, here: Path
) -> None:
    phone = await phone_network.phone(ANN, name="desk")
    await daily_client.start_dialout({"phoneNumber": ANN})
    call = await phone.wait_for_call()
    await call.wait_answered()
    await call.listen()
    await daily_client.play(write_wav(tmp_path / "tone.wav", tone(500, 1, rate=8000), 8000))
    await call.expect_tones({500})
    await daily_client.finish_talking(within=3)
    assert 5 < await daily_client.expect_latency(call, at_most_ms=600) < 600
    assert 5 < await call.expect_latency(daily_client, at_most_ms=600) < 600
    with pytest.raises(ConfigurationError, match="16-bit PCM"):
        await daily_client.play(tmp_path / "none.wav")


async def test_a_client_that_receives_participants_separately_cannot_listen_to_the_mix(daily_client: Client) -> None:
    await daily_client.set_audio("participants")
    with pytest.raises(ConfigurationError, match="mix"):
        await daily_client.expect_silence(0.2)


async def test_audio_ends_when_the_client_leaves_and_can_be_used_after_joining_again(
    daily_client: Client, here: Path
) -> None:
    await daily_client.expect_silence(0.2)
    waiting = asyncio.create_task(daily_client.expect_speech(within=20))
    await asyncio.sleep(0)
    await daily_client.leave()
    with pytest.raises(ExpectationFailed, match="left the room"):
        await waiting
    with pytest.raises(ConnectionError, match="join first"):
        await daily_client.hum(440)
    await daily_client.join()
    await daily_client.expect_silence(0.2)


def test_the_blocking_forms_have_the_same_audio_methods(sync_phone_network: Any) -> None:
    ann, bob = sync_phone_network.phone(ANN), sync_phone_network.phone(BOB)
    calling = ann.dial(BOB)
    called = bob.wait_for_call()
    calling.wait_answered()
    calling.hum(440)
    called.expect_tones({440})
    assert calling.expect_latency(called) > 0
