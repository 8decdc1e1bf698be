"""One record of a timeline as a step that does or expects it: of a scenario file, or as lines of Python."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from fake_daily_server.recordings.step_python import PythonSteps
from simulator.timeline import Record

Step = Mapping[str, Any]
SESSION = "$session_id"
"""Stands for the session of a request, which each call has anew. A scenario needs none: its newest call is meant."""

_TELLING: Mapping[str, tuple[str, ...]] = {
    "participant-joined": ("participant.user_name",),
    "participant-left": ("participant.user_name",),
    "dialout-error": ("errorMsg",),
    "dialin-error": ("errorMsg",),
    "dialout-warning": ("errorMsg",),
    "dialin-warning": ("errorMsg",),
    "app-message": ("data",),
}
"""The fields of an event that say what has happened, and are the same at each run."""
_REQUESTS = frozenset({"startDialOut", "stopDialOut", "sendDTMF", "sipCallTransfer", "sipRefer"})


def step_of(record: Record, body: Any = None) -> Step | None:
    """The step for a record; None if no step does or expects it. `body` is that of a REST request."""
    make = _STEPS.get(record.kind)
    return None if make is None else make({**record.fields, "body": body})


def as_yaml(step: Step) -> str:
    """A step as an entry of `steps` in a scenario file."""
    options = step.get("with")
    if isinstance(options, Mapping) and options.get("sessionId") == SESSION:
        step = {**step, "with": {name: value for name, value in options.items() if name != "sessionId"}}
        if not step["with"]:
            step = {name: value for name, value in step.items() if name != "with"}
    return yaml.safe_dump([dict(step)], sort_keys=False, allow_unicode=True, width=110)


def as_python(step: Step) -> str:
    """A step as lines of a plain pytest test."""
    return "\n".join(PythonSteps().lines(step)) + "\n"


def name_of(phone: object) -> str:
    """The name of a phone as a variable: `desk`, or `phone_12065550142` for a number."""
    name = re.sub(r"\W+", "_", str(phone), flags=re.ASCII).strip("_").lower() or "phone"
    return f"phone_{name}" if name[0].isdigit() else name


def _event(fields: Mapping[str, Any]) -> Step:
    event = fields["event"]
    action = str(event.get("action"))
    if action == "dtmf-event":
        method = {"method": event["method"]} if event.get("method") else {}
        return {"expect": {"dtmf": str(event["tone"]), **method}}
    found = {name: _literal(value) for name in _TELLING.get(action, ()) if (value := _field(event, name)) is not None}
    return {"expect": action, **({"where": found} if found else {})}


def _literal(value: Any) -> Any:
    """A value that an expectation takes as it is: not for a pattern, a tolerance, a word with a meaning, a variable."""
    if isinstance(value, Mapping):
        return {name: _literal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_literal(each) for each in value]
    if not isinstance(value, str):
        return value
    special = value.startswith(("/", "=")) or value in ("absent", "present") or "±" in value or "+-" in value
    return f"{'=' if special else ''}{value.replace('$', '$$')}"


def _field(event: Any, path: str) -> Any:
    for name in path.split("."):
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def _client(fields: Mapping[str, Any]) -> Step | None:
    if fields.get("method") not in _REQUESTS or "refused" in fields:
        return None
    params = dict(fields.get("params") or {})
    if "sessionId" in params:
        params["sessionId"] = SESSION
    return {"client": fields["method"], "with": params}


def _rest(fields: Mapping[str, Any]) -> Step | None:
    if fields.get("status") is None or "did" in fields:
        return None
    path = str(fields["path"]).removeprefix("/v1")
    if fields.get("room"):
        path = path.replace(f"/rooms/{fields['room']}", "/rooms/${room.name}")
    body = fields["body"] or fields.get("params")
    given = {"with": json.loads(json.dumps(body))} if isinstance(body, Mapping) else {}
    status = {} if fields["status"] == 200 else {"status": fields["status"]}
    return {"rest": f"{fields['method']} {path}", **given, **status}


def _webhook(fields: Mapping[str, Any]) -> Step | None:
    return {"customer": "receives", "where": {"type": fields["type"]}} if fields.get("purpose") == "event" else None


def _digit(fields: Mapping[str, Any]) -> Step | None:
    if "digit" not in fields:
        return None
    return {"expect": {"dtmf": fields["digit"], **({"method": fields["method"]} if fields.get("method") else {})}}


def _phone(fields: Mapping[str, Any]) -> Step | None:
    make = _PHONE_STEPS.get(str(fields.get("action")))
    return None if make is None else {"phone": name_of(fields["phone"]), **make(fields)}


_PHONE_STEPS: Mapping[str, Callable[[Mapping[str, Any]], Step]] = {
    "dials": lambda fields: {"dial": fields["to"]},
    "is called": lambda fields: {"expect": "call"},
    "answers": lambda fields: {"do": "answer"},
    "rejects": lambda fields: {"do": "reject", "status": fields["status"]},
    "hangs up": lambda fields: {"do": "hangup"},
    "holds": lambda fields: {"do": "hold"},
    "resumes": lambda fields: {"do": "resume"},
    "has media": lambda fields: {"expect": "answered", "codec": fields["codec"]},
    "presses": lambda fields: {"press": fields["digits"], "method": fields["method"]},
    "hears": lambda fields: {"hears": fields["digit"], "method": fields["method"]},
    "call ended": lambda fields: {"expect": "ended", "status": fields["status"], "by": fields["by"]},
}
_STEPS: Mapping[str, Callable[[Mapping[str, Any]], Step | None]] = {
    "event": _event,
    "client": _client,
    "rest": _rest,
    "webhook": _webhook,
    "digit": _digit,
    "phone": _phone,
}
"""By kind of record."""
