"""Stories whose program under test is a real client: a Pipecat bot, a Node program on daily-js."""

from __future__ import annotations

import pytest

from tests.integration.scenarios.command import ROOT, command


@pytest.mark.interop("pipecat")
def test_a_pipecat_bot_passes_its_story() -> None:
    completed = command("run", ROOT / "examples" / "pipecat_bot", PYTHONWARNINGS="default")  # Pipecat itself warns
    assert completed.code == 0, completed.out + completed.err


@pytest.mark.interop("node", "daily-js")
def test_a_node_program_on_daily_js_passes_its_story() -> None:
    completed = command("run", ROOT / "tests" / "interop" / "javascript" / "stories")
    assert completed.code == 0, completed.out + completed.err
