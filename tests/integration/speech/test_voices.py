"""What phones say: in the voice of a program, in words of libespeak-ng, or as babble; and the words that are heard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from simulator.audio.background import telephone_level
from simulator.audio.levels import frame_levels
from simulator.audio.samples import as_signal
from simulator.audio.speech_detector import has_speech
from simulator.errors import ConfigurationError, ExpectationFailed
from simulator.network import Network
from simulator.phone_call import PhoneCall
from simulator.speech.speech import Speech
from simulator.speech.voice_setting import CommandVoice
from simulator.timeline import Timeline

ANN, BOB = "+12065550142", "+12065550143"
SETTLED = 16000
"""Samples in a second, after which the codec and the jitter buffer have settled."""
TTS = """\
import math, struct, sys, wave
text = sys.stdin.read()
if "fail" in text:
    sys.exit("no such voice")
with wave.open(sys.stdout.buffer, "wb") as file:
    file.setparams((1, 2, 22050, 0, "NONE", ""))
    samples = [int(9000 * math.sin(i * 2 * math.pi * 700 / 22050)) for i in range(22050)]
    file.writeframes(struct.pack("<22050h", *samples))
"""


@asynccontextmanager
async def call_between(network: Network, **bob: Any) -> AsyncIterator[tuple[PhoneCall, PhoneCall]]:
    ann, answering = await network.phone(ANN, name="ann"), await network.phone(BOB, name="bob", **bob)
    call = await ann.dial(BOB)
    called = await answering.wait_for_call()
    await call.wait_answered()
    await call.listen()
    yield call, called
    await call.hang_up()


@pytest.fixture
def tts(tmp_path: Path) -> CommandVoice:
    program = tmp_path / "tts.py"
    program.write_text(TTS)
    return CommandVoice(command=(sys.executable, str(program)))


async def test_a_program_of_ones_own_says_a_text(tts: CommandVoice) -> None:
    async with Network(voice=tts) as network, call_between(network) as (call, called):
        await called.say("hello")
        await call.expect_tone(700)
        with pytest.raises(ConfigurationError, match=r"voice.command: .*tts.py.*status 1: no such voice"):
            await called.say("fail")


@pytest.mark.parametrize(
    ("command", "message"),
    [("absent-tts", "can be started"), (f"{sys.executable} -c print(1)", "prints a WAV file")],
)
async def test_a_program_that_is_no_voice_is_refused(command: str, message: str) -> None:
    speech = Speech(Timeline(), CommandVoice.model_validate({"command": command}), None)
    with pytest.raises(ConfigurationError, match=message):
        await speech.say("hello", -20, 16000)


@pytest.fixture
def espeak_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.speech.voices.EspeakVoice.is_installed", staticmethod(lambda: False))


@pytest.mark.usefixtures("espeak_is_absent")
async def test_without_a_voice_texts_are_babble_which_is_said_once() -> None:
    timeline = Timeline()
    speech = Speech(timeline, "auto", None)
    sounds = [await speech.say("How can I help you today?", -20, 16000) for _ in range(2)]
    assert has_speech(sounds[0])
    assert (sounds[0] == sounds[1]).all()
    assert [record.fields["text"].partition(";")[0] for record in timeline.records()] == [
        "texts are said as babble, without words"
    ]
    with pytest.raises(ConfigurationError, match=r"pip install 'daily-telephony-simulator\[speech\]'"):
        await Speech(timeline, "espeak", None).say("hello", -20, 16000)


@pytest.fixture
def espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The extra `speech`, installed for this test and found by no later one."""
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path), "espeakng-loader"]
    subprocess.run(install, check=True, capture_output=True)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("espeakng_loader", None)


@pytest.mark.interop("pip")
@pytest.mark.usefixtures("espeak")
async def test_espeak_says_words() -> None:
    async with Network(voice="espeak") as network, call_between(network) as (call, called):
        await called.say("Your appointment is tomorrow at ten.")
        await call.expect_speech()
        first, second, other = [
            await network.audio.speech.say(text, -20, 16000) for text in ("One.", "One.", "Twenty-seven and a half.")
        ]
    assert (first == second).all()
    assert len(other) > len(first) > 4000
    assert -23 < frame_levels(other).max() < -10


def transcriber_file(folder: Path) -> None:
    (folder / "my_words.py").write_text(
        "from simulator.audio.speech_detector import has_speech\n"
        "def words(samples, rate):\n"
        "    assert samples.dtype == 'int16' and rate == 16000\n"
        "    return 'Your Appointment is at ten' if has_speech(samples, rate) else ''\n"
    )


async def test_words_are_expected_of_a_transcriber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transcriber_file(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    async with Network(transcriber="my_words:words") as network, call_between(network) as (call, called):
        await called.say("Your appointment is at ten.")
        assert await call.expect_words("/appointment/i", within=5) == "Your Appointment is at ten"
        await called.say("Your appointment is at ten.")
        assert await call.expect_words("APPOINTMENT IS", within=5) == "Your Appointment is at ten"
        await called.say("Your appointment is at ten.")
        with pytest.raises(ExpectationFailed, match="words: Your Appointment is at ten, expected eleven"):
            await call.expect_words("eleven", within=2)
        with pytest.raises(ConfigurationError, match="RE2"):
            await call.expect_words("/(/")


@pytest.mark.parametrize(
    ("transcriber", "message"),
    [
        (None, "module:function, a function of yours .*; none comes with the project"),
        ("absent_module:words", "No module named 'absent_module'"),
        ("simulator.timeline:words", "has no attribute 'words'"),
    ],
)
async def test_without_a_transcriber_the_error_says_how_to_bring_one(transcriber: str | None, message: str) -> None:
    async with Network(transcriber=transcriber) as network, call_between(network) as (call, called):
        await called.say(0.5)
        with pytest.raises(ConfigurationError, match=message):
            await call.expect_words("hello", within=5)


@pytest.mark.parametrize("kind", ["street", "babble", "hum", "clicks"])
async def test_noise_is_heard_behind_speech_and_in_its_pauses(kind: str) -> None:
    async with Network() as network, call_between(network, noise={"kind": kind, "snr_db": 6}) as (call, called):
        line = await call.audio_line()
        await called.audio_line()  # opened by the phone itself, when it has answered
        began = line.received.position + SETTLED
        await line.received.changes.until(lambda: line.received.position > began + SETTLED or None, within=10)
        heard = line.received.between(began, began + SETTLED)
    # -26 dBFS over 10 s at the source; the line takes 1.5 dB, and a single second is louder or softer
    assert telephone_level(as_signal(heard), 16000) == pytest.approx(-27.5, abs=6)
