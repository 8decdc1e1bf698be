"""Each persona of the project, called over real SIP: what the caller gets, from the wire or the timeline."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from simulator.network import Network
from simulator.phone import Phone
from simulator.phone_call import PhoneCall

CALLER, FAR_END = "+12065550142", "+12065550143"


@pytest.fixture
async def caller(phone_network: Network) -> Phone:
    return await phone_network.phone(CALLER, name="caller", codecs=("PCMU", "PCMA", "OPUS"))


class Pair:
    """A caller, and a far end with a persona."""

    def __init__(self, network: Network, caller: Phone) -> None:
        self.network, self.caller = network, caller

    async def call(self, persona: str, **parameters: Any) -> tuple[PhoneCall, PhoneCall]:
        """Call the persona; the call of the caller, and that of the far end."""
        far_end = await self.network.phone(FAR_END, name="far end", persona=persona, **parameters)
        call = await self.caller.dial(FAR_END)
        return call, await far_end.wait_for_call()

    async def answered(self, persona: str, **parameters: Any) -> tuple[PhoneCall, PhoneCall]:
        call, called = await self.call(persona, **parameters)
        await call.wait_answered()
        await call.listen()
        return call, called

    def actions(self, phone: str) -> list[str]:
        """What the timeline says that a phone did, without the steps of its persona."""
        records = self.network.timeline.records(kind="phone")
        return [
            each.fields["action"]
            for each in records
            if each.fields["phone"] == phone and each.fields["action"] != "persona"
        ]

    def steps(self) -> list[str]:
        return [each.fields["text"] for each in self.network.timeline.records() if "step" in each.fields]


@pytest.fixture
async def pair(phone_network: Network, caller: Phone) -> Pair:
    return Pair(phone_network, caller)


@pytest.mark.parametrize(
    ("persona", "parameters", "status", "reason", "cause"),
    [
        ("busy", {}, 486, "Busy Here", None),
        ("busy", {"reason": "On Another Line"}, 486, "On Another Line", None),
        ("declines", {"ring_ms": 20}, 603, "Decline", None),
        ("unallocated-number", {}, 404, "Not Found", "Q.850;cause=1;"),
        ("network-failure", {}, 503, "Service Unavailable", "Q.850;cause=38;"),
        ("network-failure", {"status": "500", "reason": "Out", "after_ms": 20}, 500, "Out", "Q.850;cause=38;"),
        ("announcement-then-404", {"announcement": "No."}, 404, "Not Found", None),
    ],
)
async def test_a_refusal_has_its_status_and_cause(
    pair: Pair, persona: str, parameters: dict[str, Any], status: int, reason: str, cause: str | None
) -> None:
    call, _ = await pair.call(persona, **parameters)
    ended = await call.wait_for_end()
    assert (ended.status, ended.reason) == (status, reason)
    causes = dict(ended.headers).get("Reason")
    assert causes is None if cause is None else (causes or "").startswith(cause)


async def test_moved_names_the_other_number(pair: Pair) -> None:
    call, _ = await pair.call("moved", to="sip:+12065550144@numbers.test")
    ended = await call.wait_for_end()
    assert (ended.status, dict(ended.headers)["Contact"]) == (302, "<sip:+12065550144@numbers.test>")


async def test_answers_greets_and_stays(pair: Pair) -> None:
    call, called = await pair.answered("answers", ring_ms=30, greeting="Hello, this is Ann.")
    await call.expect_speech()
    await call.expect_silence(1)
    assert (called.state, called.persona_place) == ("answered", "'far end' (persona answers) is at its end")
    assert pair.actions("far end")[:3] == ["is called", "rings", "answers"]


async def test_a_caller_with_a_persona_greets_once_it_is_answered(phone_network: Network) -> None:
    await phone_network.phone(FAR_END, name="bot")
    robot = await phone_network.phone(CALLER, persona="answers", greeting="I am calling about your car.")
    call = await robot.dial(FAR_END)
    await call.wait_answered()
    bot = phone_network.phones[0].calls[0]
    await bot.expect_speech()


async def test_never_answers_rings_until_the_caller_gives_up(pair: Pair) -> None:
    call, called = await pair.call("never-answers")
    await pair.network.timeline.wait(lambda record: record.fields.get("status") == 180, within=5)
    assert called.persona_place == "'far end' (persona never-answers) is at step 1 of 1: ring until the caller gives up"
    await call.hang_up()
    assert (await called.wait_for_end()).by == "remote"


async def test_slow_answer_is_silent_then_rings_then_answers(pair: Pair) -> None:
    await pair.answered("slow-answer", delay_ms=150, ring_ms=200)
    times = {each.fields["action"]: each.at for each in pair.network.timeline.records(kind="phone")}
    assert times["rings"] - times["is called"] >= 0.15
    assert times["answers"] - times["rings"] >= 0.2


async def test_drops_hangs_up(pair: Pair) -> None:
    call, _ = await pair.answered("drops", after_s=0.6)
    assert (await call.wait_for_end()).by == "remote"


async def test_an_announcement_is_heard_before_the_answer(pair: Pair) -> None:
    call, called = await pair.call("announcement-then-answer", announcement="Please hold while we connect your call.")
    await call.expect_speech()
    assert (call.state, called.state) == ("early", "early")
    await call.wait_answered()
    await call.expect_speech()


async def test_an_announcement_is_heard_before_a_404(pair: Pair) -> None:
    call, _ = await pair.call("announcement-then-404")
    await call.expect_speech()
    assert call.state == "early"
    assert (await call.wait_for_end()).status == 404


async def test_voicemail_greets_beeps_records_and_hangs_up(pair: Pair) -> None:
    from simulator.audio.speech_detector import has_speech
    from simulator.audio.wav import read_wav

    call, _ = await pair.answered("voicemail", greeting_s=1, silence_s=1)
    await call.expect_tone(1000)
    await call.say("Please call me back tomorrow morning.")
    assert (await call.wait_for_end(within=10)).by == "remote"
    notes = [each.fields for each in pair.network.timeline.records() if "path" in each.fields]
    sound, rate = read_wav(notes[0]["path"])
    assert has_speech(sound, rate)
    assert pair.steps() == [
        "ring for 0 ms",
        "answer",
        "say “You have reached the voicemail. Please leave a message after the tone.” for 1 s",
        "tone of 1000 Hz",
        "record for at most 60 s",
        "hang up",
    ]


async def test_a_full_voicemail_says_so_and_hangs_up(pair: Pair) -> None:
    call, _ = await pair.answered("full-voicemail", greeting="The mailbox is full.")
    await call.expect_speech()
    assert (await call.wait_for_end()).by == "remote"
    assert not [step for step in pair.steps() if "tone" in step or "record" in step]


async def test_a_person_picks_up_after_the_machine(pair: Pair) -> None:
    call, _ = await pair.answered("machine-then-human", greeting="Leave a message.", picks_up_after_s=0.5)
    await call.expect_tone(1000)
    await call.expect_speech()
    assert pair.steps()[-1] == "say “Hello? Sorry, I am here. Who is it?”"


async def test_only_the_key_passes_the_call_screening(pair: Pair) -> None:
    call, called = await pair.answered("call-screening", key="5", rings_ms=100)
    await call.expect_speech()
    await call.press("5")
    await call.expect_speech()
    assert called.branch == "accepted"


async def test_without_the_key_the_call_screening_hangs_up(pair: Pair) -> None:
    call, called = await pair.answered("call-screening", prompt="Press 1.", within_ms=100, repeats=0)
    await call.press("4")
    assert (await call.wait_for_end()).by == "remote"
    assert called.branch is None


async def test_g711_only(pair: Pair) -> None:
    call, _ = await pair.answered("g711-only")
    assert call.media is not None
    assert call.media.codec == "PCMA"


async def test_no_telephone_event_presses_tones(pair: Pair) -> None:
    call, _ = await pair.answered("no-telephone-event", digits="12#")
    assert call.media is not None
    assert call.media.telephone_event is None
    await call.expect_in_band_digits("12#", within=10)


async def test_info_only_presses_by_info(pair: Pair) -> None:
    call, _ = await pair.answered("info-only", digits="12#")
    await call.wait_for_digits("12#", method="sip-info")
    assert call.media is not None
    assert call.media.telephone_event is None


@pytest.mark.parametrize("lost", ["from_phone", "to_phone"])
async def test_one_side_hears_nothing(pair: Pair, lost: str) -> None:
    call, called = await pair.answered("one-way-sound", lost=lost, greeting="")
    await called.listen()
    await pair.network.timeline.wait(lambda record: record.fields.get("step") == "lose", within=5)
    deaf, other = (call, called) if lost == "from_phone" else (called, call)
    await asyncio.gather(deaf.hum(600), other.hum(800))
    await other.expect_tone(600)
    await deaf.expect_silence(1)


async def test_hold_music_plays_and_the_far_end_comes_back(pair: Pair) -> None:
    call, _ = await pair.answered("hold-music", greeting="One moment.", music_s=2, after="Thank you for waiting.")
    await call.expect_tone(523.25)
    await call.expect_speech()
    assert call.held_by is None


async def test_puts_on_hold_and_resumes(pair: Pair) -> None:
    call, _ = await pair.answered("puts-on-hold", greeting="", hold_s=0.3)
    await pair.network.timeline.wait(lambda record: record.fields.get("action") == "is held", within=5)
    await call.expect_speech()
    assert call.held_by is None
    assert pair.actions("far end")[-1] == "says"


async def test_changes_codec_in_the_call(pair: Pair) -> None:
    call, _ = await pair.answered("changes-codec", after_s=0.1)
    assert await pair.network.timeline.until(lambda: (call.media and call.media.codec == "PCMA") or None, within=5)


@pytest.mark.parametrize(("persona", "status"), [("follows-refer", 202), ("refuses-refer", 603)])
async def test_answers_to_refer(pair: Pair, persona: str, status: int) -> None:
    call, _ = await pair.answered(persona)
    await call.transfer("+15005550100")
    asked = await pair.network.timeline.wait(lambda each: each.fields.get("action") == "receives REFER", within=5)
    assert asked is not None
    assert asked.fields["status"] == status


async def test_the_receptionist_transfers_a_caller_who_has_spoken(phone_network: Network) -> None:
    caller = await phone_network.phone(CALLER, name="caller", refers="follow")
    pair = Pair(phone_network, caller)
    call, _ = await pair.answered("receptionist", greeting="Hello.", before="One moment.", to="+15005550100")
    await call.expect_speech()
    await call.say("I would like to talk to sales, please.")
    referred = await phone_network.timeline.wait(lambda each: each.fields.get("action") == "is referred", within=10)
    assert referred is not None
    assert "+15005550100" in referred.fields["to"]


async def test_of_two_answers_a_caller_ends_the_second(pair: Pair) -> None:
    """RFC 3261 §13.2.2.4: each 200 gets its ACK, the one that is not wanted a BYE, and the call goes on."""
    call, called = await pair.answered("answers-twice", greeting="")
    wanted = ["answers again", "takes the ACK", "takes the BYE"]
    ended = await pair.network.timeline.wait(lambda each: each.fields.get("did") == wanted[-1], within=5)
    assert ended is not None
    did = [each.fields["did"] for each in pair.network.timeline.records(kind="sip") if "did" in each.fields]
    assert did == wanted
    await called.hum(440)
    await call.expect_tone(440)


@pytest.mark.timeout(180)
async def test_a_session_is_refreshed_by_the_caller_and_ended_when_the_callee_does_not(
    phone_network: Network, caller: Phone
) -> None:
    """RFC 4028 §10: of 90 s, the caller refreshes after half, and ends an unrefreshed session 30 s before its end."""
    asked, silent = [
        await phone_network.phone(number, name=persona, persona=persona, greeting="")
        for number, persona in ((FAR_END, "session-timer"), ("+12065550144", "session-expires"))
    ]
    refreshed, expired = [await caller.dial(phone.number or "") for phone in (asked, silent)]
    for call in (refreshed, expired):
        await call.wait_answered()
    ended = await expired.wait_for_end(within=100)
    assert (ended.status, ended.reason, ended.by) == (408, "No session refresh received.", "local")
    assert refreshed.state == "answered"
    refreshes = [
        message.data.partition(b" ")[0]
        for message in phone_network.front_door.recent
        if refreshed.sip_call_id.encode() in message.data and message.data.startswith((b"UPDATE ", b"INVITE "))
    ]
    assert b"UPDATE" in refreshes


async def test_the_attended_receptionist_has_the_caller_call_the_colleague(phone_network: Network) -> None:
    caller = await phone_network.phone(CALLER, name="caller", refers="follow")
    pair = Pair(phone_network, caller)
    colleague = await phone_network.phone("+12065550144", name="colleague")
    await pair.answered(
        "attended-receptionist",
        greeting="",
        before="",
        listens_ms=200,
        to=colleague.number,
        announce="",
        refer_to="caller",
    )
    await colleague.wait_for_call(within=10)
    taking = await colleague.wait_for_call(within=10)
    await taking.wait_answered()
    referred = caller.calls[-1]
    await taking.listen()
    await referred.hum(440)
    await taking.expect_tone(440)


async def test_a_fax_answers_with_its_tone(pair: Pair) -> None:
    call, _ = await pair.answered("fax", ced_ms=800)
    await call.expect_tones([2100])
