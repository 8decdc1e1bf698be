"""The drift of a recording: all differences to the contract, each once, with how often and where they occur."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fake_daily_server.contract.drift.compare import Difference, Severity, differences
from fake_daily_server.contract.files import contract_schema, definition_at
from fake_daily_server.contract.routes import route_of
from fake_daily_server.recordings.masking import masked_text
from fake_daily_server.recordings.recording import Recorded

_CALLER_REQUESTS = {
    "room_creation_api": "RoomCreationRequest",
    "sip_trunk.incoming": "SipTrunkIncoming",
    "sip_trunk.test": "SipTrunkTest",
}
"""The definitions of the requests about callers, by their names in recordings."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note", "not compared")


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference of one kind of object, how often it occurs, and where first."""

    severity: Severity
    of: str
    path: str
    text: str
    times: int
    first: str

    def __str__(self) -> str:
        place = f"{self.of}: {self.path}" if self.path else self.of
        often = f"{self.times} times, first in {self.first}" if self.times > 1 else self.first
        return f"{self.severity:<12}  {place}  {self.text}  ({often})"

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {name: getattr(self, name) for name in ("severity", "of", "path", "text", "times", "first")}


@dataclass(frozen=True, slots=True)
class Drift:
    """What the comparison of a recording has found; `compared` counts the objects by kind."""

    findings: tuple[Finding, ...]
    compared: Counter[str]

    def worst(self) -> Severity | None:
        """The highest severity of all differences; None if there is none."""
        found = {finding.severity for finding in self.findings} - {"not compared"}
        return next((severity for severity in SEVERITIES if severity in found), None)


def drift_of(recording: Sequence[Recorded]) -> Drift:
    """Compare all objects of a recording with the contract."""
    seen: dict[tuple[str, str, str, str], list[str]] = {}
    compared: Counter[str] = Counter()
    for recorded in recording:
        of = _title(recorded)
        found = list(_differences(recorded))
        if recorded.kind != "unknown" and not (found and found[0].path == "" and found[0].severity == "not compared"):
            compared[recorded.kind] += 1
        for difference in found:
            key = (difference.severity, of, difference.path, difference.text)
            seen.setdefault(key, []).append(recorded.where)
    findings = [
        Finding(severity, of, path, text, len(places), places[0])  # type: ignore[arg-type]
        for (severity, of, path, text), places in seen.items()
    ]
    return Drift(tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity))), compared)


def _title(recorded: Recorded) -> str:
    if recorded.kind == "unknown":
        return "a part of the recording"
    if recorded.kind.startswith("REST"):
        call, _, status = recorded.name.partition(" ")[2].partition(" ")
        method = recorded.name.partition(" ")[0]
        route = route_of(method, call) or f"{method} {masked_text(call)}"
        return f"{recorded.kind.removeprefix('REST ')} of {route}{f' {status}' if status else ''}"
    return f"{recorded.kind} {recorded.name}"


def _differences(recorded: Recorded) -> Iterator[Difference]:
    match recorded.kind:
        case "event":
            yield from _of_event(recorded)
        case "webhook":
            schema = contract_schema("webhooks")
            ref = schema["x-types"].get(recorded.name)
            if ref is None:
                yield Difference("warning", "", "unknown webhook type")
            else:
                yield from differences(recorded.body, definition_at(ref, schema), schema)
        case "caller request":
            schema = contract_schema("webhooks")
            yield from differences(recorded.body, schema["$defs"][_CALLER_REQUESTS[recorded.name]], schema)
        case "REST request" | "REST answer":
            yield from _of_rest(recorded)
        case "unknown":
            yield Difference("not compared", recorded.where, recorded.why)


def _of_event(recorded: Recorded) -> Iterator[Difference]:
    schema = contract_schema("events")
    ref = schema["x-events"].get(recorded.name)
    if ref is None:
        yield Difference("warning", "", "unknown event")
        return
    for difference in differences(recorded.body, definition_at(ref, schema), schema):
        if not (recorded.is_record and difference.path == "callClientId"):
            yield difference


def _of_rest(recorded: Recorded) -> Iterator[Difference]:
    schema = contract_schema("rest")
    method, path, *status = recorded.name.split(" ")
    route = route_of(method, path)
    if route is None:
        yield Difference("warning", "", "unknown REST call")
        return
    bodies = schema["x-routes"][route]
    if status:
        yield from differences(recorded.body, schema["$defs"]["ErrorBody"], schema)
    elif (wanted := bodies.get(recorded.kind.removeprefix("REST "))) is not None:
        yield from differences(recorded.body, wanted, schema)
    else:
        yield Difference("not compared", "", "the contract has no body here")
