"""Holds everything that the fake Daily says in a test run against the committed schemas, by an independent validator.

The files are read as any other project would read them; nothing of the code that made them is used here.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.domain.api_log import ApiLog, ApiLogEntry
from fake_daily_server.settings import Settings
from fake_daily_server.site import Site
from simulator.timeline import Record, Timeline

CONTRACT = Path(__file__).parents[1] / "fake_daily_server" / "contract"


@functools.cache
def contract(name: str) -> Mapping[str, Any]:
    """One of the files."""
    read: dict[str, Any] = json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8"))
    return read


@functools.cache
def validator(name: str, ref: str) -> Any:
    """A validator for one definition of a file."""
    import jsonschema

    return jsonschema.Draft202012Validator({"$ref": ref, "$defs": contract(name)["$defs"]})


@functools.cache
def _answer_validator(route: str) -> Any:
    import jsonschema

    answer = contract("rest")["x-routes"][route].get("answer")
    return None if answer is None else jsonschema.Draft202012Validator({**answer, "$defs": contract("rest")["$defs"]})


@functools.cache
def _routes() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Pattern of the path, method, route; paths without parameters first, as the server matches them."""
    known = sorted(contract("rest")["x-routes"], key=lambda route: route.count("{"))
    return tuple((_pattern(route.partition(" ")[2]), route.partition(" ")[0], route) for route in known)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/")) + "/?")


class Witness:
    """Collects what is wrong; `complaints` are taken by the test during which they came up."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self._complaints: list[str] = []
        self._lock = threading.Lock()

    def take_complaints(self) -> list[str]:
        """What was wrong since the last time."""
        with self._lock:
            taken, self._complaints = self._complaints, []
        return taken

    # --- what is said ----------------------------------------------------------------------------------------

    def record(self, record: Record) -> None:
        """Something on a timeline."""
        if record.kind == "event":
            self.event(dict(record.fields["event"]))
        elif record.kind == "webhook" and record.fields.get("purpose") == "room_creation_api":
            asked = "RoomCreationProbe" if record.fields.get("probe") else "RoomCreationRequest"
            self._check(f"room_creation_api {asked}", validator("webhooks", f"#/$defs/{asked}"), record.fields["body"])

    def event(self, event: dict[str, Any]) -> None:
        """A client event as it was published; its receivers get it with their `callClientId`."""
        action = str(event.get("action"))
        ref = contract("events")["x-events"].get(action)
        if ref is None:
            self._complain(f"event {action!r} is not in the contract: {event}")
            return
        self._check(f"event {action}", validator("events", ref), {"callClientId": "of the receiver", **event})

    def call(self, entry: ApiLogEntry) -> None:
        """A call of the REST API, or of a customer's server."""
        if entry.source == "webhook":
            self._webhook(_json(entry.request))
        else:
            self._answer(entry)

    def _webhook(self, body: Any) -> None:
        if not isinstance(body, dict):
            return
        ref = "#/$defs/WebhookTest" if "test" in body else contract("webhooks")["x-types"].get(body.get("type"))
        if ref is None:
            self._complain(f"webhook {body.get('type')!r} is not in the contract: {body}")
            return
        self._check(f"webhook {body.get('type', 'test')}", validator("webhooks", ref), body)

    def _answer(self, entry: ApiLogEntry) -> None:
        body = _json(entry.response)
        if body is None or entry.url == "/v1/openapi.json":
            return
        if entry.status != 200:
            self._check(f"{entry.method} {entry.url} {entry.status}", validator("rest", "#/$defs/ErrorBody"), body)
            return
        for pattern, method, route in _routes():
            if method == entry.method and pattern.fullmatch(entry.url):
                if (expected := _answer_validator(route)) is not None:
                    self._check(f"answer to {route}", expected, body)
                return
        self._complain(f"{entry.method} {entry.url} was answered with 200 and is not in the contract")

    # --- inside ----------------------------------------------------------------------------------------------

    def _check(self, what: str, expected: Any, said: Any) -> None:
        self.heard[what] += 1
        for error in expected.iter_errors(said):
            where = "/".join(str(step) for step in error.absolute_path) or "it"
            self._complain(f"{what}: {where}: {error.message[:300]}\n    {json.dumps(said, default=str)[:600]}")

    def _complain(self, complaint: str) -> None:
        with self._lock:
            self._complaints.append(complaint)


def _json(body: bytes) -> Any:
    """What a body says; None when there is none, or when the log has kept only its beginning."""
    try:
        return json.loads(body)
    except ValueError:
        return None


@contextmanager
def listening() -> Iterator[Witness]:
    """A witness of what every server says that is made in this process meanwhile."""
    witness = Witness()
    begin, log = Site.__init__, ApiLog.append

    def begin_heard(self: Site, settings: Settings, timeline: Timeline, **more: Any) -> None:
        begin(self, settings, timeline, **more)
        timeline.listen(witness.record)

    def log_heard(self: ApiLog, entry: ApiLogEntry) -> None:
        log(self, entry)
        witness.call(entry)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Site, "__init__", begin_heard)
        patch.setattr(ApiLog, "append", log_heard)
        yield witness
