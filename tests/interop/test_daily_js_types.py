"""Events that listeners of the real daily-js received, checked by `tsc --strict` against daily-js's types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interop.node import FOLDER, run_vitest
from tests.interop.typed_events import check_types

pytestmark = [pytest.mark.interop("node", "daily-js"), pytest.mark.timeout(180)]

RECORDED = tuple(FOLDER / "vitest" / f"{name}.test.js" for name in ("dial_in", "dial_out", "network", "participants"))
"""Tests that together receive every kind of event."""

TYPED = {
    *("dialin-ready", "dialin-connected", "dialin-stopped", "dialin-error", "dialin-warning"),
    *("dialout-connected", "dialout-answered", "dialout-stopped", "dialout-error", "dialout-warning", "dtmf-event"),
    *("joined-meeting", "left-meeting", "participant-joined", "participant-updated", "participant-left"),
    *("participant-counts-updated", "meeting-session-summary-updated", "meeting-session-state-updated"),
    *("track-started", "track-stopped", "app-message", "access-state-updated", "network-connection", "error"),
}
"""Events each of which must have been recorded at least once."""


def test_recorded_events_have_the_types_of_daily_js(tmp_path: Path) -> None:
    records = tmp_path / "events"
    run_vitest(*RECORDED, RECORD_EVENTS=str(records))
    events = [(path.name.split(".")[0], json.loads(path.read_text("utf-8"))) for path in sorted(records.iterdir())]
    assert TYPED - {name for name, _ in events} == set()

    check_types(events, tmp_path)
