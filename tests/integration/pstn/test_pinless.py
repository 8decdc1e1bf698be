"""Pinless dial-in and SIP interconnect over real SIP and real HTTP: from the call to the room, and all failures."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fake_daily_server.server import FakeDaily
from fake_daily_server.settings import Settings
from fake_daily_server.web.signature import sign
from simulator.audio.tones import tone
from simulator.audio.wav import write_wav
from simulator.errors import ExpectationFailed
from simulator.network import Network
from tests.integration.pstn.conftest import CALLER, NUMBER, Pinless, pinless_domain
from tests.timeline_waits import wait_for_held_caller, wait_for_record


async def test_a_caller_is_held_reported_to_the_server_and_moved_to_a_room(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless
) -> None:
    caller = await phone_network.phone(CALLER)
    call = await caller.dial(NUMBER, headers={"X-Tenant": "acme", "Subject": "hello"})
    await call.wait_answered()
    asked = await pinless.asked()
    assert asked.body == {
        "To": NUMBER,
        "From": CALLER,
        "callId": asked.body["callId"],
        "callDomain": fake_daily.settings.domain_id,
        "sipHeaders": {"X-Tenant": "acme"},
    }
    bot = await pinless.bot()
    endpoint = next(event["sipEndpoint"] for event in bot.events if event["action"] == "dialin-ready")
    answer = await pinless.update(asked, endpoint)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    connected, joined = await bot.wait_for(["dialin-connected", "participant-joined"])
    assert connected["sipCallId"] == call.sip_call_id, "the call is moved in the same SIP dialog"
    assert connected["sipFrom"] == f"sip:{CALLER}@127.0.0.1"
    assert connected["sipEndpoint"] == endpoint
    assert connected["sipHeaders"] == {"X-Tenant": "acme"}
    assert joined["participant"]["session_id"] == connected["sessionId"]
    assert joined["participant"]["user_name"] == "a caller"
    assert joined["participant"]["participantType"] == "sip-dial-in"

    await call.press("7")
    await bot.wait_for("dtmf-event", where={"tone": "7", "sessionId": connected["sessionId"]})
    await bot.send_dtmf({"sessionId": connected["sessionId"], "tones": "42"})
    await call.wait_for_digits("42")
    await call.hang_up()
    await bot.wait_for(["participant-left", "dialin-stopped"])
    assert len([event for event in bot.events if event["action"].startswith("dialin-")]) == 3


async def test_the_hold_music_stops_when_the_caller_joins_the_room(phone_network: Network, pinless: Pinless) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    endpoint = bot.events[-1]["sipEndpoint"]
    await bot.set_audio("mix")
    await call.listen()
    assert (await pinless.update(asked, endpoint)).status_code == 200
    await bot.wait_for("participant-joined")
    await bot.hum(440)
    await call.expect_tones([440])
    await call.hum(600)
    await bot.expect_tones([600])
    await call.hang_up()


async def test_the_request_is_signed_over_its_raw_body(phone_network: Network, pinless: Pinless) -> None:
    before = time.time() * 1000
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    stamp = asked.headers["x-pinless-timestamp"]
    assert before - 1 <= int(stamp) <= time.time() * 1000, "milliseconds"
    assert asked.headers["x-pinless-signature"] == sign(pinless.config["hmac"], stamp, asked.raw)
    assert b": " not in asked.raw, "compact JSON, which customers that sign the parsed body rely on"
    assert "sipHeaders" not in asked.body
    await call.hang_up()


async def test_a_call_to_the_sip_interconnect_uri_is_held_and_moved(
    fake_daily: FakeDaily, phone_network: Network
) -> None:
    async with pinless_domain(fake_daily, phone_number=None, name_prefix="acme") as domain:
        assert domain.config["sip_uri"].startswith("acme--")
        caller = await phone_network.phone(uri="sip:desk@pbx.example.com")
        call = await caller.dial(f"sip:{domain.config['sip_uri']}", headers={"X-Queue": "sales"})
        await call.wait_answered()
        asked = await domain.asked()
        assert asked.body["From"] == "sip:desk@pbx.example.com"
        assert asked.body["To"] == f"sip:{domain.config['sip_uri']}"
        assert asked.body["sipHeaders"] == {"X-Queue": "sales"}
        bot = await domain.bot()
        assert (await domain.update(asked, bot.events[-1]["sipEndpoint"])).status_code == 200
        await bot.wait_for(["dialin-connected", "participant-joined"])
        await call.hang_up()
        await bot.wait_for("dialin-stopped")


@pytest.mark.parametrize("spelling", ["{bare}", "sip:{bare}", "sip:sip:{bare}"])
async def test_the_sip_uri_may_have_any_prefix_that_clients_use(
    phone_network: Network, pinless: Pinless, spelling: str
) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    bare = bot.events[-1]["sipEndpoint"].removeprefix("sip:")
    assert (await pinless.update(asked, spelling.format(bare=bare))).status_code == 200
    await bot.wait_for("dialin-connected")
    await call.hang_up()


async def test_a_call_can_be_moved_only_once(phone_network: Network, pinless: Pinless) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    endpoint = bot.events[-1]["sipEndpoint"]
    assert (await pinless.update(asked, endpoint)).status_code == 200
    await bot.wait_for("dialin-connected")
    again = await pinless.update(asked, endpoint)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid-request-error"
    assert "moved" in again.json()["info"]
    await call.hang_up()
    await bot.wait_for("dialin-stopped")
    assert [event["action"] for event in bot.events].count("dialin-connected") == 1


async def test_wrong_ids_are_refused(phone_network: Network, pinless: Pinless) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    endpoint = bot.events[-1]["sipEndpoint"]
    unknown = await pinless.update(asked, endpoint, callId="6f0a2d2e-0000-4000-8000-000000000000")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "not-found")
    elsewhere = await pinless.update(asked, endpoint, callDomain="6f0a2d2e-0000-4000-8000-000000000000")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid-request-error")
    assert (await pinless.update(asked, endpoint)).status_code == 200, "the right ids still work"
    await call.hang_up()


async def test_a_room_that_is_not_ready_is_refused_and_the_caller_remains_on_hold(
    fake_daily: FakeDaily, phone_network: Network, pinless: Pinless
) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    room = await fake_daily.create_room(sip={"display_name": "a caller"})
    for wrong, cause in (
        (room.sip_uris[0], "nobody is in the room"),
        ("sip:nobody.0@127.0.0.1", "no room has this SIP endpoint"),
        (room.sip_uris[0].replace(".0@", ".1@"), "no room has this SIP endpoint"),
        ("sip:what@127.0.0.1", "is not the SIP endpoint of a room"),
    ):
        refused = await pinless.update(asked, wrong)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid-request-error")
        assert cause in refused.json()["info"]
    bot = await fake_daily.join(room)
    assert (await pinless.update(asked, room.sip_uris[0])).status_code == 200
    await bot.wait_for("dialin-connected")
    before = len(pinless.customer.posts)
    second = await (await phone_network.phone("+12065550198")).dial(NUMBER)
    other = await pinless.next_held_caller(after=before)
    assert other is not None
    busy = await pinless.update(other, room.sip_uris[0])
    assert (busy.status_code, "has a caller already" in busy.json()["info"]) == (400, True)
    await call.hang_up()
    await second.hang_up()


async def test_a_caller_who_hangs_up_cannot_be_moved(phone_network: Network, pinless: Pinless) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    bot = await pinless.bot()
    await call.hang_up()
    await call.wait_for_end()
    late = await pinless.update(asked, bot.events[-1]["sipEndpoint"])
    assert (late.status_code, late.json()["error"]) == (404, "not-found")
    assert late.json()["info"].endswith("is not held any more: the caller has hung up")
    assert [event for event in bot.events if event["action"].startswith("dialin-c")] == []


async def test_two_callers_of_one_number_are_two_calls(phone_network: Network, pinless: Pinless) -> None:
    first = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked_first = await pinless.asked()
    before = len(pinless.customer.posts)
    second = await (await phone_network.phone("+12065550198")).dial(NUMBER)
    asked_second = await pinless.next_held_caller(after=before)
    assert asked_second is not None
    bots = [await pinless.bot(), await pinless.bot()]
    for bot, asked, call in zip(bots, (asked_first, asked_second), (first, second), strict=True):
        assert (await pinless.update(asked, bot.events[-1]["sipEndpoint"])).status_code == 200
        assert (await bot.wait_for("dialin-connected"))["sipCallId"] == call.sip_call_id
        await call.hang_up()


async def test_a_number_without_configuration_is_404(phone_network: Network) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    assert (await call.wait_for_end()).status == 404


async def test_a_phone_with_the_number_is_called_first(phone_network: Network, pinless: Pinless) -> None:
    await phone_network.phone(NUMBER, calls=["busy"])
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    assert (await call.wait_for_end()).status == 486


async def test_a_caller_who_is_not_moved_in_time_is_hung_up() -> None:
    async with (
        FakeDaily(Settings(port=0, sip_port=0, hold_limit=0.3)) as daily,
        pinless_domain(daily, timeout_config={"message": "Nobody is here"}) as domain,
    ):
        call = await (await daily.network.phone(CALLER)).dial(NUMBER)
        asked = await domain.asked()
        bot = await domain.bot()
        message = await wait_for_held_caller(daily, "plays timeout message")
        assert message.fields["text"] == "Nobody is here"
        late = await domain.update(asked, bot.events[-1]["sipEndpoint"])
        assert (late.status_code, late.json()["error"]) == (404, "not-found")
        ended = await call.wait_for_end()
        assert (ended.status, ended.by) == (200, "remote")


@pytest.mark.parametrize(
    ("status", "after_s", "what"), [(500, 0.0, "answered 500"), (200, 1.0, "no answer within 0.2 s")]
)
async def test_a_call_can_be_moved_after_a_failed_request_to_the_server(status: int, after_s: float, what: str) -> None:
    async with (
        FakeDaily(Settings(port=0, sip_port=0, room_creation_timeout=0.2)) as daily,
        pinless_domain(daily) as domain,
    ):
        domain.customer.status, domain.customer.delay_s = status, after_s
        call = await (await daily.network.phone(CALLER)).dial(NUMBER)
        asked = await domain.asked()
        failed = await wait_for_record(daily, lambda r: r.kind == "webhook" and r.fields.get("error") is not None)
        assert what in failed.fields["error"]
        bot = await domain.bot()
        assert (await domain.update(asked, bot.events[-1]["sipEndpoint"])).status_code == 200
        await bot.wait_for("dialin-connected")
        await call.hang_up()


async def test_a_failed_audio_wait_of_a_held_caller_names_the_hold_music_and_the_failed_request(
    phone_network: Network, pinless: Pinless, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pinless.customer.status = 404
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    await pinless.asked()
    with pytest.raises(ExpectationFailed, match="answered 404") as failed:
        await call.expect_tone(700, within=1)
    assert str(failed.value.because).startswith("Daily plays the hold music, since room_creation_api http://127.0.0.1:")
    await call.hang_up()


async def test_the_hold_music_is_no_reason_once_the_caller_is_in_the_room(
    phone_network: Network, pinless: Pinless, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    asked = await pinless.asked()
    with pytest.raises(ExpectationFailed, match="since pinlessCallUpdate has not moved the caller to a room"):
        await call.expect_tone(700, within=0.5)
    bot = await pinless.bot()
    await pinless.update(asked, bot.events[-1]["sipEndpoint"])
    await bot.wait_for("dialin-connected")
    with pytest.raises(ExpectationFailed) as failed:
        await call.expect_tone(700, within=0.5)
    assert "hold music" not in str(failed.value.because)
    await call.hang_up()


async def test_a_failed_request_to_the_server_can_end_the_call() -> None:
    settings = Settings(port=0, sip_port=0, when_no_room_is_made="drop")
    async with FakeDaily(settings) as daily, pinless_domain(daily) as domain:
        domain.customer.status = 503
        call = await (await daily.network.phone(CALLER)).dial(NUMBER)
        assert (await call.wait_for_end()).by == "remote"
        assert [r.fields["action"] for r in daily.timeline.records(kind="roomless")][-1] == "plays timeout message"


async def test_a_server_outside_this_machine_is_not_called(fake_daily: FakeDaily, phone_network: Network) -> None:
    async with pinless_domain(fake_daily, room_creation_api="https://daily.example.com/call"):
        call = await (await phone_network.phone(CALLER)).dial(NUMBER)
        await call.wait_answered()
        refused = await wait_for_record(fake_daily, lambda r: r.kind == "webhook" and "call_id" in r.fields)
        assert "allow_hosts" in refused.fields["error"]
        await call.hang_up()


async def test_configured_hold_music_is_played_twice(tmp_path: Path) -> None:
    music = write_wav(tmp_path / "hold.wav", tone(700, 0.5, -15), 16000)
    settings = Settings(port=0, sip_port=0, hold_music=music)
    async with FakeDaily(settings) as daily, pinless_domain(daily):
        call = await (await daily.network.phone(CALLER)).dial(NUMBER)
        await call.wait_answered()
        await call.expect_tone(700)
        message = await wait_for_held_caller(daily, "plays timeout message")
        held = next(r for r in daily.timeline.records(kind="roomless"))
        assert message.at - held.at == pytest.approx(1.0, abs=0.3)
        await call.hang_up()


async def test_the_timestamp_can_be_in_seconds() -> None:
    settings = Settings(port=0, sip_port=0, pinless_timestamp="s")
    async with FakeDaily(settings) as daily, pinless_domain(daily) as domain:
        call = await (await daily.network.phone(CALLER)).dial(NUMBER)
        asked = await domain.asked()
        assert abs(int(asked.headers["x-pinless-timestamp"]) - time.time()) < 5
        await call.hang_up()


async def test_a_reset_hangs_up_held_callers(fake_daily: FakeDaily, phone_network: Network, pinless: Pinless) -> None:
    call = await (await phone_network.phone(CALLER)).dial(NUMBER)
    await pinless.asked()
    await fake_daily.reset()
    assert (await call.wait_for_end()).by == "remote"
