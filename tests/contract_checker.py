"""Checks everything that the fake Daily sends during a test run against the committed JSON Schemas.

It uses the schema files and an independent validator, and none of the code that generates the files.
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

_TRUNK_REQUESTS = {"sip_trunk.test": "SipTrunkTest", "sip_trunk.incoming": "SipTrunkIncoming"}
CONTRACT = Path(__file__).parents[1] / "fake_daily_server" / "contract"


@functools.cache
def contract(name: str) -> Mapping[str, Any]:
    """Load a schema file of the contract, without its suffix `.json`."""
    read: dict[str, Any] = json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8"))
    return read


@functools.cache
def validator(name: str, ref: str) -> Any:
    """Build a validator for one definition of a schema file."""
    import jsonschema

    return jsonschema.Draft202012Validator({"$ref": ref, "$defs": contract(name)["$defs"]})


@functools.cache
def _answer_validator(route: str) -> Any:
    import jsonschema

    answer = contract("rest")["x-routes"][route].get("answer")
    return None if answer is None else jsonschema.Draft202012Validator({**answer, "$defs": contract("rest")["$defs"]})


@functools.cache
def _routes() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Tuples (pattern of the path, method, route); paths without parameters come first, as in the server."""
    known = sorted(contract("rest")["x-routes"], key=lambda route: route.count("{"))
    return tuple((_pattern(route.partition(" ")[2]), route.partition(" ")[0], route) for route in known)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/")) + "/?")


class ContractChecker:
    """Collects violations of the contract, which make the test fail during which they occur."""

    def __init__(self) -> None:
        self.checked: Counter[str] = Counter()
        self._violations: list[str] = []
        self._lock = threading.Lock()

    def take_violations(self) -> list[str]:
        """Return the violations since the last call."""
        with self._lock:
            taken, self._violations = self._violations, []
        return taken

    # --- messages --------------------------------------------------------------------------------------------

    def record(self, record: Record) -> None:
        """Check a timeline record if it has an event, or a request to `room_creation_api` or the server of a trunk."""
        if record.kind == "event":
            self.event(dict(record.fields["event"]))
        elif record.kind == "webhook" and record.fields.get("purpose") == "room_creation_api":
            kind = "RoomCreationProbe" if record.fields.get("probe") else "RoomCreationRequest"
            self._check(f"room_creation_api {kind}", validator("webhooks", f"#/$defs/{kind}"), record.fields["body"])
        elif record.kind == "webhook" and record.fields.get("purpose") in _TRUNK_REQUESTS:
            kind = _TRUNK_REQUESTS[record.fields["purpose"]]
            self._check(kind, validator("webhooks", f"#/$defs/{kind}"), record.fields["body"])

    def event(self, event: dict[str, Any]) -> None:
        """Check a published event, with a `callClientId` as the server adds it for each receiver."""
        action = str(event.get("action"))
        ref = contract("events")["x-events"].get(action)
        if ref is None:
            self._add_violation(f"event {action!r} is not in the contract: {event}")
            return
        self._check(f"event {action}", validator("events", ref), {"callClientId": "of the receiver", **event})

    def call(self, entry: ApiLogEntry) -> None:
        """Check the response of a REST request, or the body of a webhook request."""
        if entry.source == "webhook":
            self._webhook(_json(entry.request))
        else:
            self._answer(entry)

    def _webhook(self, body: Any) -> None:
        if not isinstance(body, dict):
            return
        ref = "#/$defs/WebhookTest" if "test" in body else contract("webhooks")["x-types"].get(body.get("type"))
        if ref is None:
            self._add_violation(f"webhook {body.get('type')!r} is not in the contract: {body}")
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
        self._add_violation(f"{entry.method} {entry.url} was answered with 200 but is not in the contract")

    # --- inside ----------------------------------------------------------------------------------------------

    def _check(self, what: str, expected: Any, message: Any) -> None:
        self.checked[what] += 1
        for error in expected.iter_errors(message):
            where = "/".join(str(step) for step in error.absolute_path) or "the message"
            self._add_violation(f"{what}: {where}: {error.message[:300]}\n    {json.dumps(message, default=str)[:600]}")

    def _add_violation(self, violation: str) -> None:
        with self._lock:
            self._violations.append(violation)


def _json(body: bytes) -> Any:
    """Parse a body; None if there is none, or the log has truncated it."""
    try:
        return json.loads(body)
    except ValueError:
        return None


@contextmanager
def checking_contract() -> Iterator[ContractChecker]:
    """Check the messages of every server that is created in this process within the context."""
    checker = ContractChecker()
    init, append = Site.__init__, ApiLog.append

    def checked_init(self: Site, settings: Settings, timeline: Timeline, **more: Any) -> None:
        init(self, settings, timeline, **more)
        timeline.listen(checker.record)

    def checked_append(self: ApiLog, entry: ApiLogEntry) -> None:
        append(self, entry)
        checker.call(entry)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Site, "__init__", checked_init)
        patch.setattr(ApiLog, "append", checked_append)
        yield checker
