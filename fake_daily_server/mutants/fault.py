"""The fault that a mutant sets, as the step of a story that sets the same."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

import yaml

from fake_daily_server.mutants.mutant import LATE_MS, Mutant

Carrier = Literal["sip_fault", "event_fault", "rest_fault", "webhook_fault", "digit_fault"]

DIGIT_FAULTS = {
    "digit-lost": "event-drop",
    "digit-doubled": "event-duplicate",
    "digit-other-method": "event-other-value",
}
"""The faults on `dtmf-event` that are faults on digits."""
_ONCE = frozenset({"digit-lost", "digit-doubled", "event-duplicate", "event-out-of-order"})
_ONCE_OF_WEBHOOKS = frozenset({"webhook-twice", "webhook-out-of-order", "webhook-request-lost", "webhook-answer-lost"})
_LATE_WEBHOOKS = frozenset({"webhook-delay", "webhook-request-lost", "webhook-answer-lost"})


class Fault(NamedTuple):
    """A fault by its fields, and the word of the step `carrier` that sets it."""

    carrier: Carrier
    fields: dict[str, Any]


def fault_of(mutant: Mutant) -> Fault | None:
    """The fault that the mutant sets; None for one that a phone carries out."""
    kind, of, detail = mutant.kind, mutant.of, mutant.detail
    match kind:
        case "far-end-hangs-up":
            return None
        case "call-refused":
            about = {"message": of, "times": "all", "status": int(detail), "reason": "Busy Here"}
            return Fault("sip_fault", {"fault": "sip-respond", **about})
        case "codec-fallback":
            return Fault("sip_fault", {"fault": "sip-without-codec", "message": of, "times": "all", "codec": detail})
        case "rest-status":
            method, _, path = of.partition(" ")
            route = re.sub(r"\{[^}]*\}", "*", path) + "$"
            return Fault("rest_fault", {"fault": kind, "method": method, "path": route, "status": int(detail)})
        case "sent-digit-lost" | "sent-digit-doubled" | "sent-digit-other-method":
            many = {"times": "all"} if kind == "sent-digit-other-method" else {}
            return Fault("digit_fault", {"fault": kind, **many})
    return _of_webhooks(mutant) if kind.startswith("webhook-") else _of_events(mutant)


def _of_webhooks(mutant: Mutant) -> Fault:
    many = {} if mutant.kind in _ONCE_OF_WEBHOOKS else {"times": "all"}
    late = {"delay_ms": LATE_MS} if mutant.kind in _LATE_WEBHOOKS else {}
    return Fault("webhook_fault", {"fault": mutant.kind, "type": mutant.of, **many, **late})


def _of_events(mutant: Mutant) -> Fault:
    kind, detail = mutant.kind, mutant.detail
    fields: dict[str, Any] = {"fault": DIGIT_FAULTS.get(kind, kind), "event": mutant.of}
    if kind not in _ONCE:
        fields["times"] = "all"
    if kind == "event-delay":
        fields["delay_ms"] = LATE_MS
    elif kind == "event-without-field":
        fields["field"] = detail
    elif kind == "digit-other-method":
        fields |= {"field": "method", "value": detail}
    return Fault("event_fault", fields)


def step_of(mutant: Mutant) -> str:
    """The step of a story that lets the same go wrong, as YAML."""
    fault = fault_of(mutant)
    if fault is None:
        return "- phone: …\n  do: hangup"
    fields = yaml.safe_dump(fault.fields, default_flow_style=True, sort_keys=False, width=1000).strip()
    return f"- carrier: {fault.carrier}\n  with: {fields}"
