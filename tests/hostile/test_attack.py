"""The command of `make attack`, without an attack."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.hostile import attack

ROOT = Path(__file__).parents[2]


def test_without_privileges_it_refuses_to_start_and_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attack, "why_missing", lambda _: "ip may not make network namespaces")
    monkeypatch.setattr(attack, "_run", lambda *_: pytest.fail("it has started"))
    refused = CliRunner().invoke(attack.main)
    assert refused.exit_code == 1
    assert "ip may not make network namespaces" in refused.output
    assert "root with CAP_SYS_ADMIN and CAP_NET_ADMIN" in refused.output


@pytest.mark.parametrize(("packets", "exit_code"), [((), 0), (("UDP to 192.0.2.66:5060",), 0), ((), 1)])
def test_a_packet_that_leaves_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, packets: tuple[str, ...], exit_code: int
) -> None:
    monkeypatch.setattr(attack, "why_missing", lambda _: None)
    monkeypatch.setattr(attack, "_run", lambda stage, _: attack.Outcome(stage, exit_code, packets, 1.0))
    ended = CliRunner().invoke(attack.main, ["--seed", "7"])
    assert "random seed 7" in ended.output
    assert ended.exit_code == (0 if not packets and exit_code == 0 else 1)
    assert all(packet in ended.output for packet in packets)


def test_all_that_it_runs_exists() -> None:
    assert [path for stage in attack.STAGES for path in stage.tests if not (ROOT / path).exists()] == []
