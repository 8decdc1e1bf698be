"""Evidence of a failed expectation: the description of the audio, and the files it is kept in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from simulator.audio.babble import babble
from simulator.audio.evidence import keep_evidence
from simulator.audio.heard_sections import describe
from simulator.audio.noise import noise, silence
from simulator.audio.samples import Sound, joined
from simulator.audio.tones import tone
from simulator.audio.wav import read_wav


@pytest.mark.parametrize(
    ("sound", "description"),
    [
        (np.zeros(0), "nothing at all"),
        (silence(1), "silence (-100 dBFS)"),
        (noise(1, -65), "silence (-65 dBFS)"),
        (tone(440, 1, -20), "440 Hz at -20 dBFS (level -20 dBFS)"),
        (tone(440, 1, -20) + tone(660, 1, -26), "440 Hz at -20 dBFS, 660 Hz at -26 dBFS (level -19 dBFS)"),
        (joined(silence(0.5), tone(440, 0.5, -20)), "440 Hz at -20 dBFS from 0.5 to 1.0 s"),
        (joined(silence(0.1), tone(440, 2, -20), silence(3)), "440 Hz at -20 dBFS from 0.1 to 2.1 s, then silence"),
        (
            joined(tone(440, 0.5, -20), silence(0.5), tone(660, 0.5, -20)),
            "440 Hz at -20 dBFS from 0.0 to 0.5 s, then 660 Hz at -20 dBFS from 1.0 to 1.5 s",
        ),
        (joined(*[tone(440, 0.1, -20), silence(0.5)] * 6), "… 2 earlier sounds, then 440 Hz"),
        (joined(silence(2), np.full(160, 0.001)), "silence"),
        (babble(1.5, -20, seed=1), "speech (level -2"),
        (noise(1, -20), "noise"),
    ],
)
def test_the_description_names_what_the_audio_contains(sound: Sound, description: str) -> None:
    assert description in describe(sound, 16000)


def test_each_evidence_has_file_names_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sounds = [tone(300, 0.1), tone(600, 0.2)]
    both = [keep_evidence(sound, 16000, "../desk hears 440 Hz / + ü") for sound in sounds]
    files = [file for each in both for file in (each.wav, each.picture)]
    assert len(set(files)) == 4
    assert {file.parent for file in files} == {Path(".daily-sim/audio")}
    assert [len(read_wav(each.wav)[0]) for each in both] == [1600, 3200]
    assert all("desk-hears-440-Hz" in file.name for file in files)
    assert str(both[0]) == f"{both[0].wav}, {both[0].picture}"


def test_git_ignores_kept_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    keep_evidence(tone(300, 0.1), 16000, "first")
    asked = subprocess.run(["git", "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True)
    assert asked.stdout == ""
    ignore = tmp_path / ".daily-sim" / ".gitignore"
    ignore.write_text("*.png\n")  # the user's choice
    keep_evidence(tone(300, 0.1), 16000, "second")
    assert ignore.read_text() == "*.png\n"
