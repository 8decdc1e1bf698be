"""Events as listeners of the real daily-js got them here, checked by `tsc --strict` against daily-js's own types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.node import FOLDER, run_node, run_vitest
from tests.peers import NODE_MODULES

pytestmark = [pytest.mark.interop("node", "daily-js"), pytest.mark.timeout(180)]

RECORDED = tuple(FOLDER / "vitest" / f"{name}.test.js" for name in ("dial_in", "dial_out", "network", "participants"))
"""Tests in which every kind of event comes."""

TYPED = {
    *("dialin-ready", "dialin-connected", "dialin-stopped", "dialin-error", "dialin-warning"),
    *("dialout-connected", "dialout-answered", "dialout-stopped", "dialout-error", "dialout-warning", "dtmf-event"),
    *("joined-meeting", "left-meeting", "participant-joined", "participant-updated", "participant-left"),
    *("participant-counts-updated", "meeting-session-summary-updated", "meeting-session-state-updated"),
    *("track-started", "track-stopped", "app-message", "access-state-updated", "network-connection", "error"),
}
"""Of these at least one must have been recorded."""


def test_recorded_events_have_the_types_of_daily_js(tmp_path: Path) -> None:
    records = tmp_path / "events"
    run_vitest(*RECORDED, RECORD_EVENTS=str(records))
    events = [(path.name.split(".")[0], json.loads(path.read_text("utf-8"))) for path in sorted(records.iterdir())]
    assert TYPED - {name for name, _ in events} == set()

    source = tmp_path / "events.ts"
    source.write_text("\n".join(_source(events)), encoding="utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps(_project(source)), encoding="utf-8")
    run_node("typescript/bin/tsc", "--project", str(tmp_path))


def _source(events: list[tuple[str, Any]]) -> Iterator[str]:
    yield 'import type { DailyEventObject, DailyEventObjectDtmfEvent } from "@daily-co/daily-js";'
    yield "declare const track: { audio: MediaStreamTrack; video: MediaStreamTrack };"
    yield 'type DtmfEvent = Omit<DailyEventObjectDtmfEvent, "action"> & { action: "dtmf-event" };'
    for number, (name, event) in enumerate(events):
        typed = "DtmfEvent" if name == "dtmf-event" else f'DailyEventObject<"{name}">'
        yield f"export const event{number}: {typed} = {_literal(event)};"


def _literal(value: Any) -> str:
    """TypeScript for a value of a recorded event, where JSON has no dates, sets and tracks."""
    match value:
        case {"$date": moment}:
            return f"new Date({json.dumps(moment)})"
        case {"$set": members}:
            return f"new Set({_literal(members)})"
        case {"$track": kind}:
            return f"track.{kind}"
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_literal(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(_literal(part) for part in value) + "]"
        case _:
            return json.dumps(value)


def _project(source: Path) -> dict[str, Any]:
    types = NODE_MODULES / "@daily-co" / "daily-js" / "index.d.ts"
    options = {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
        "paths": {"@daily-co/daily-js": [str(types)]},
    }
    return {"compilerOptions": options, "files": [str(source)]}
