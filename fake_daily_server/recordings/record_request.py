"""One record of a timeline as the request over HTTP that repeats it, and requests as curl."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.timeline import Record


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a public route. One without a body has None."""

    method: str
    path: str
    body: Any = None

    def curl(self, url: str, api_key: str) -> str:
        """The request as a command line; with the key if it is one of REST."""
        parts = [f"curl -X {self.method} {shlex.quote(f'{url}{self.path}')}"]
        if self.path.startswith("/v1/"):
            parts.append(f"-H {shlex.quote(f'Authorization: Bearer {api_key}')}")
        if self.body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(self.body))}"]
        return " \\\n  ".join(parts)


_ROUTES = {
    "startDialOut": "dialOut/start",
    "stopDialOut": "dialOut/stop",
    "sendDTMF": "dialOut/sendDTMF",
    "sipCallTransfer": "sipCallTransfer",
    "sipRefer": "sipRefer",
}
"""Routes of a room that request the same as clients can."""
_VERBS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, dict[str, Any]]]] = {
    "dials": lambda fields: ("dial", {"to": fields["to"]}),
    "answers": lambda fields: ("answer", {}),
    "rejects": lambda fields: ("reject", {"status": fields["status"]}),
    "hangs up": lambda fields: ("hangup", {}),
    "holds": lambda fields: ("hold", {}),
    "resumes": lambda fields: ("resume", {}),
    "presses": lambda fields: ("press", {"tones": fields["digits"], "method": fields["method"]}),
}
"""The verbs of `/_sim/phones` by what a phone did, and their bodies."""


def request_of(record: Record, phones: Mapping[str, str], body: Any = None) -> Request | None:
    """The request that repeats what a record tells; None if there is none.

    `phones` has the ids of phones by name, and `body` is that of a REST request.
    """
    fields = record.fields
    if record.kind == "rest" and "did" not in fields:
        return Request(fields["method"], fields["path"], body if body is not None else fields.get("params"))
    if record.kind == "mark":
        return Request("POST", "/_sim/marks", {"name": fields["name"]})
    if record.kind == "client" and fields.get("method") in _ROUTES and fields.get("room"):
        path = f"/v1/rooms/{fields['room']}/{_ROUTES[fields['method']]}"
        return Request("POST", path, dict(fields.get("params") or {}))
    if record.kind == "phone" and fields.get("action") in _VERBS and str(fields["phone"]) in phones:
        verb, given = _VERBS[str(fields["action"])](fields)
        return Request("POST", f"/_sim/phones/{phones[str(fields['phone'])]}/{verb}", given or None)
    return None
