"""Recordings of real events, webhooks and REST calls: JSON lines, a JSON list, or HAR of a browser or a proxy."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from simulator.errors import ConfigurationError

Kind = Literal[
    "event", "webhook", "caller request", "REST request", "REST answer", "client request", "far end", "unknown"
]
"""What was recorded. Only timelines have requests of clients, and what a far end did."""

_WRAPPERS = ("event", "webhook", "body")
"""Names under which a line may have the recorded object, beside a time or whatever else was noted."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded object. `where` is its place in the file; `name` the event, webhook type or REST call."""

    kind: Kind
    name: str
    body: Any
    where: str
    is_record: bool = False
    """Whether it is a record of a timeline of the simulator, whose events have no `callClientId`."""
    why: str = ""
    """Of `unknown`: why it cannot be compared."""
    room: str = ""
    """Of a timeline: the room that it is about."""


def read_recording(file: Path) -> list[Recorded]:
    """Read a recording. Raises ConfigurationError for a file that is none, OSError."""
    text = file.read_text(encoding="utf-8-sig")
    try:
        whole = json.loads(text)
    except ValueError:
        return list(_of_lines(file, text))
    if isinstance(whole, Mapping) and isinstance(log := whole.get("log"), Mapping) and "entries" in log:
        return [found for number, entry in enumerate(log["entries"], 1) for found in _of_har(entry, f"entry {number}")]
    if not isinstance(whole, list):
        return list(_of_object(whole, "line 1"))
    return [found for number, item in enumerate(whole, 1) for found in _of_object(item, f"item {number}")]


def _of_lines(file: Path, text: str) -> Iterator[Recorded]:
    usable = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            yield Recorded("unknown", "", None, f"line {number}", why="it is not JSON")
            continue
        usable = True
        yield from _of_object(item, f"line {number}")
    if not usable:
        raise ConfigurationError(str(file), "no recording", "JSON lines (one object a line), a JSON list, or HAR")


def _of_object(item: Any, where: str) -> Iterator[Recorded]:
    if not isinstance(item, Mapping):
        yield Recorded("unknown", "", item, where, why=f"it is no object, but {type(item).__name__}")
        return
    if "method" in item and "path" in item and str(item["path"]).startswith("/"):
        yield from _of_call(item, where)
        return
    yield _of_body(item, where) or next(
        (
            found
            for name in _WRAPPERS
            if isinstance(item.get(name), Mapping) and (found := _of_body(item[name], where, "kind" in item))
        ),
        Recorded("unknown", "", item, where, why=_no_kind(item)),
    )


def _of_body(body: Mapping[str, Any], where: str, is_record: bool = False) -> Recorded | None:
    if isinstance(body.get("action"), str):
        return Recorded("event", body["action"], body, where, is_record)
    if isinstance(body.get("type"), str) and "payload" in body:
        return Recorded("webhook", body["type"], body, where)
    if body.get("type") in ("sip_trunk.test", "sip_trunk.incoming"):
        return Recorded("caller request", body["type"], body, where)
    if {"callId", "callDomain"} <= set(body):
        return Recorded("caller request", "room_creation_api", body, where)
    return None


def _of_call(item: Mapping[str, Any], where: str) -> Iterator[Recorded]:
    """A REST call with `request` and `answer` (or `response`), and its `status`."""
    path = urlsplit(str(item["path"])).path
    name = f"{str(item['method']).upper()} {path if path.startswith('/v1/') else f'/v1{path}'}"
    answer = item.get("answer", item.get("response"))
    if "request" not in item and answer is None:
        yield Recorded("unknown", name, None, where, why="the call has neither request nor answer")
    if item.get("request") is not None:
        yield Recorded("REST request", name, item["request"], where)
    if answer is not None:
        status = item.get("status", 200)
        yield Recorded("REST answer", name if status == 200 else f"{name} {status}", answer, where)


def _of_har(entry: Mapping[str, Any], where: str) -> Iterator[Recorded]:
    request, response = entry.get("request", {}), entry.get("response", {})
    url = urlsplit(str(request.get("url", "")))
    sent = _json(request.get("postData", {}).get("text"))
    content = response.get("content", {})
    text = content.get("text")
    if text is not None and content.get("encoding") == "base64":
        text = base64.b64decode(text).decode("utf-8", "replace")
    received = _json(text)
    if isinstance(sent, Mapping) and (found := _of_body(sent, where)) is not None:
        yield found
    elif url.path.startswith("/v1/"):
        given = {"method": request.get("method", "GET"), "path": url.path, "status": response.get("status", 200)}
        yield from _of_call({**given, "request": sent, "answer": received}, where)
    else:
        yield Recorded("unknown", url.path, None, where, why=f"a request to {url.hostname}, none of Daily's REST API")


def _json(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _no_kind(item: Mapping[str, Any]) -> str:
    names = ", ".join(list(map(str, item))[:6]) or "none"
    return f"no event (action), webhook (type, payload) or REST call (method, path); its fields: {names}"
