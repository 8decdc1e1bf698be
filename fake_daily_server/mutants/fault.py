"""The fault that a mutant sets, as the step of a story that sets the same."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

import yaml

from fake_daily_server.mutants.mutant import LATE_MS, Mutant

Carrier = Literal["sip_fault", "event_fault", "rest_fault", "webhook_fault"]

DIGIT_FAULTS = {
    "digit-lost": "event-drop",
    "digit-doubled": "event-duplicate",
    "digit-other-method": "event-other-value",
}
"""The faults on `dtmf-event` that are faults on digits."""
_ONCE = frozenset({"digit-lost", "digit-doubled", "event-duplicate", "event-out-of-order"})
_ONCE_OF_WEBHOOKS = frozenset({"webhook-twice", "webhook-out-of-order"})


class Fault(NamedTuple):
    """A fault by its fields, and the word of the step `carrier` that sets it."""

    carrier: Carrier
    fields: dict[str, Any]


def fault_of(mutant: Mutant) -> Fault | None:
    """The fault that the mutant sets; None for one that a phone carries out."""
    kind, of, detail = mutant.kind, mutant.of, mutant.detail
    if kind == "far-end-hangs-up":
        return None
    if kind == "call-refused":
        about = {"message": of, "times": "all", "status": int(detail), "reason": "Busy Here"}
        return Fault("sip_fault", {"fault": "sip-respond", **about})
    if kind == "codec-fallback":
        return Fault("sip_fault", {"fault": "sip-without-codec", "message": of, "times": "all", "codec": detail})
    if kind == "rest-status":
        method, _, path = of.partition(" ")
        route = re.sub(r"\{[^}]*\}", "*", path) + "$"
        return Fault("rest_fault", {"fault": kind, "method": method, "path": route, "status": int(detail)})
    if kind.startswith("webhook-"):
        many = {} if kind in _ONCE_OF_WEBHOOKS else {"times": "all"}
        return Fault("webhook_fault", {"fault": kind, "type": of, **many})
    fields: dict[str, Any] = {"fault": DIGIT_FAULTS.get(kind, kind), "event": of}
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
