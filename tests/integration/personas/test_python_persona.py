"""Personas that a class of the user's plays: what it is told, what its replies do, and what is wrong with a class."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_daily_server.server import FakeDaily
from simulator.errors import ConfigurationError
from simulator.network import Network
from simulator.phone import Phone
from tests.integration.scenarios.command import command

CALLER, FAR_END = "+12065550142", "+12065550143"
MODULE = """\
class Anna:
    \"\"\"Says her name, answers what she hears, and hangs up after a 9.\"\"\"

    def __init__(self, name="Anna"):
        self.name = name

    def heard(self, heard):
        match heard.kind:
            case "called":
                return [{"ring_ms": 50}]
            case "answered":
                return f"This is {self.name}."
            case "speech":
                return {"press": "1"}
            case "tone":
                return [{"tone": heard.hz[0] + 100, "ms": 2000}]
            case "digit" if heard.text == "9":
                return ["hang_up"]
            case "silence":
                return [{"press": "5"}]


class Model:
    async def heard(self, heard):
        if heard.kind == "speech":
            return "I have heard: " + heard.text if heard.text else None


class Broken:
    def heard(self, heard):
        if heard.kind == "answered":
            raise RuntimeError("no model")


class WrongReply:
    def heard(self, heard):
        return [{"shout": "Hello"}]


class Deaf:
    pass


def words(samples, rate):
    return "good morning" if abs(samples).max() > 100 else ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "far_ends.py").write_text(MODULE)
    return tmp_path


@pytest.fixture
async def network(folder: Path) -> Any:
    async with Network(personas=[folder], sip_timers="fast") as network:
        yield network


@pytest.fixture
async def caller(network: Network) -> Phone:
    return await network.phone(CALLER, name="caller")


async def test_a_class_hears_digits_tones_speech_and_silence(network: Network, caller: Phone) -> None:
    anna = await network.phone(FAR_END, name="anna", persona="far_ends:Anna", parameters={"name": "Ann"})
    call = await caller.dial(FAR_END)
    called = await anna.wait_for_call()
    await call.wait_answered()
    await call.expect_speech()
    await call.say(1.5)
    await call.wait_for_digits("1", within=10)
    await call.finish_talking()
    await asyncio.sleep(1)  # a pause, so that the tone is no part of the speech
    await call.hum(440, seconds=1.5)
    await call.expect_tone(540, within=10)
    await call.wait_for_digits("5", within=10)  # after silence
    await call.press("9")
    assert (await call.wait_for_end()).by == "remote"
    personas = [each.fields for each in network.timeline.records() if each.fields.get("action") == "persona"]
    notes = [fields["text"] for fields in personas if "step" not in fields]
    assert notes[:2] == [f"hears called “sip:{CALLER}@127.0.0.1”", "hears answered"]
    kinds = [note.split()[1] for note in notes]
    assert [kind for kind in dict.fromkeys(kinds) if kind != "noise"] == [
        *("called", "answered", "speech", "tone", "silence", "digit"),
    ]
    assert called.persona_place is not None
    assert called.persona_place.startswith("'anna' (persona far_ends:Anna) has heard digit “9”")


async def test_a_coroutine_gets_the_words_of_a_transcriber(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(folder))
    async with Network(transcriber="far_ends:words") as network:
        robot = await network.phone(FAR_END, name="robot", persona="far_ends:Model")
        caller = await network.phone(CALLER)
        call = await caller.dial(FAR_END)
        await call.wait_answered()
        await robot.wait_for_call()
        await call.say(1.5)
        await call.expect_speech(within=10)
        said = [record.fields["text"] for record in network.timeline.records() if "step" in record.fields]
        assert said == ["say “I have heard: good morning”"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("Broken", "RuntimeError: no model, at "), ("WrongReply", "a step with one of the words ring_ms, ")],
)
async def test_a_class_that_fails_ends_its_call_and_says_why(
    network: Network, caller: Phone, name: str, says: str
) -> None:
    far_end = await network.phone(FAR_END, persona=f"far_ends:{name}")
    call = await caller.dial(FAR_END)
    called = await far_end.wait_for_call()
    assert (await call.wait_for_end()).by == "remote"
    (failed,) = [each.fields["error"] for each in network.timeline.records() if each.fields.get("action") == "fails"]
    assert says in failed
    assert failed in (called.persona_place or "")


@pytest.mark.parametrize(
    ("persona", "parameters", "says"),
    [
        ("nowhere:Anna", {}, "No module named 'nowhere'"),
        ("far_ends:Bob", {}, "has no attribute 'Bob'"),
        ("far_ends:Deaf", {}, "this one has none"),
        ("far_ends:Anna", {"nam": "x"}, "unexpected keyword argument 'nam'"),
        ("far ends:Anna", {}, "module:Class"),
        ({"python": "far_ends"}, {}, "{python: module:Class}"),
        ({"pythn": "far_ends:Anna"}, {}, "{python: module:Class}"),
    ],
)
async def test_an_unusable_class_is_refused(
    network: Network, persona: Any, parameters: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        await network.phone(FAR_END, persona=persona, parameters=parameters)
    assert says in str(refused.value)


async def test_no_request_can_have_a_class_run(fake_daily: FakeDaily, daily_api: httpx.AsyncClient) -> None:
    answer = await daily_api.post(f"{fake_daily.url}/_sim/phones", json={"persona": {"python": "os:system"}})
    assert answer.status_code == 400
    assert "a class is for tests and stories" in answer.text


def test_a_story_has_a_class_beside_it(tmp_path: Path) -> None:
    (tmp_path / "personas").mkdir()
    (tmp_path / "personas" / "far_ends.py").write_text(MODULE)
    story = tmp_path / "story.yaml"
    story.write_text(
        """\
title: A caller who is played by a class
room: {enable_dialout: true}
phones:
  anna: {number: "+12065550142", persona: {python: "far_ends:Anna"}, name: Ann}
steps:
  - client: startDialOut
    with: {phoneNumber: $anna.number}
  - expect: dialout-answered
  - participant: client
    expect_speech: true
  - client: sendDTMF
    with: {tones: "9"}
  - expect: dialout-stopped
"""
    )
    completed = command("run", story)
    assert completed.code == 0, completed.out + completed.err
    story.write_text(story.read_text().replace("name: Ann", "nam: Ann"))
    completed = command("check", story)
    assert completed.code == 2
    assert "story.yaml:4:" in completed.err
    assert "far_ends:Anna" in completed.err
