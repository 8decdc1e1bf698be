"""Which client method a REST call corresponds to: `POST /rooms/x/dialOut/start` is the `startDialOut` of clients."""

from __future__ import annotations

import json
import re
from typing import Any

_ROOM_ROUTE = re.compile(r"/v1/rooms/(?P<room>[^/]+)/(?P<route>.+)")
VERBS = {
    "dialOut/start": "startDialOut",
    "dialOut/stop": "stopDialOut",
    "dialOut/sendDTMF": "sendDTMF",
    "sipCallTransfer": "sipCallTransfer",
    "sipRefer": "sipRefer",
}
"""The methods of clients by the last part of the route below a room."""


def requested_verb(method: str, path: str, body: bytes) -> dict[str, Any]:
    """`room`, `verb` and `params` of a REST call that does what a client's method does; empty for any other call."""
    route = _ROOM_ROUTE.fullmatch(path)
    verb = VERBS.get(route["route"]) if route and method == "POST" else None
    if route is None or verb is None:
        return {}
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        params = {}
    return {"room": route["room"], "verb": verb, "params": params if isinstance(params, dict) else {}}
