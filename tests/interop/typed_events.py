"""Checks recorded events with `tsc --strict` against the types that daily-js declares for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.interop.node import run_node
from tests.peers import NODE_MODULES


def check_types(events: Iterable[tuple[str, Any]], folder: Path) -> None:
    """Compile (name, event) pairs in an empty folder. Raises AssertionError with tsc's output if a type does not fit.

    Values without JSON form are written as `{"$date": …}`, `{"$set": […]}` and `{"$track": "audio"}`.
    """
    source = folder / "events.ts"
    source.write_text("\n".join(_source(events)), encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps(_project(source)), encoding="utf-8")
    run_node("typescript/bin/tsc", "--project", str(folder))


def _source(events: Iterable[tuple[str, Any]]) -> Iterator[str]:
    yield 'import type { DailyEventObject, DailyEventObjectDtmfEvent } from "@daily-co/daily-js";'
    yield "declare const track: { audio: MediaStreamTrack; video: MediaStreamTrack };"
    yield 'type DtmfEvent = Omit<DailyEventObjectDtmfEvent, "action"> & { action: "dtmf-event" };'
    for number, (name, event) in enumerate(events):
        typed = "DtmfEvent" if name == "dtmf-event" else f'DailyEventObject<"{name}">'
        yield f"export const event{number}: {typed} = {_literal(event)};"


def _literal(value: Any) -> str:
    """The TypeScript literal for a value of a recorded event."""
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
