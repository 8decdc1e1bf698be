"""Why a phone's call is not answered, or does not go on, as far as its phone knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.phone_spec import PhoneSpec

if TYPE_CHECKING:
    from simulator.phone_call import PhoneCall


def why_not_answered(call: PhoneCall, spec: PhoneSpec, waits: Sequence[str]) -> str | None:
    """The end of the call, what SIP waits for (`waits`), where the phone's persona stands, or the phone's plan.

    None if none of these is the reason.
    """
    place = call.persona_place
    if call.ended:
        ended = f"the call of {call.phone!r} ended with {call.ended.status} {call.ended.reason}, by {call.ended.by}"
        return f"{ended}; {place}" if place else ended
    if waits:
        return f"{call.phone!r}: {'; '.join(waits)}"
    if place is not None:
        return place
    if call.plan is None or call.state == "answered":
        return None
    if call.state == "incoming" and spec.dial_delay_ms:
        return f"the phone {call.phone!r} responds after {spec.dial_delay_ms / 1000:g} s (dial_delay_ms)"
    return (rings := call.plan.explanation) and f"the phone {call.phone!r} {rings}"
