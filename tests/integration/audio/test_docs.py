"""The examples in docs/audio.md run as they are written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.audio.dtmf_tones import dtmf
from simulator.audio.wav import write_wav
from tests.integration.scenarios.command import ROOT, command

TEXT = (ROOT / "docs" / "audio.md").read_text()
ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_test_passes_in_an_empty_project(pytester: pytest.Pytester) -> None:
    (example,) = (block for block in blocks("python") if "def test_" in block)
    pytester.makepyfile(example)
    pytester.runpytest_subprocess("-W", "error", *ASYNCIO).assert_outcomes(passed=1)


def test_the_example_scenario_passes(tmp_path: Path) -> None:
    (example,) = blocks("yaml")
    (tmp_path / "example.yaml").write_text(example)
    ran = command("run", tmp_path)
    assert ran.code == 0, ran.out + ran.err


def test_the_example_with_arrays_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = (block for block in blocks("python") if "read_wav" in block)
    monkeypatch.chdir(tmp_path)
    write_wav("heard.wav", dtmf("5", duration_ms=600), 16000)
    names: dict[str, object] = {}
    exec(example, names)
    assert names["rate"] == 16000
