"""Applies a mutant to a server, for one test, by the faults that the server has."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from fake_daily_server.mutants.mutant import LATE_MS, Mutant
from fake_daily_server.rest.faults import RestFault
from fake_daily_server.signalling.event_faults import EventFault
from fake_daily_server.webhooks.webhook_faults import WebhookFault
from simulator.sip_faults import SipFault
from simulator.timeline import Record

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


def apply_mutant(mutant: Mutant, daily: FakeDaily) -> Callable[[], None]:
    """Let the mutant happen on a server, until it is reset; used on the server's loop.

    Returns a function to call after the test, before the reset.
    """
    kind, of, detail = mutant.kind, mutant.of, mutant.detail
    match kind:
        case "call-refused":
            fault = SipFault(fault="sip-respond", message="INVITE", times="all", status=int(detail), reason="Busy Here")
            daily.network.front_door.faults.add(fault)
        case "far-end-hangs-up":
            return _hang_up_early(daily)
        case "digit-lost" | "digit-doubled" | "digit-other-method":
            changes = {"field": "method", "value": detail, "times": "all"} if kind == "digit-other-method" else {}
            _fault_of_event(daily, _DIGIT_FAULTS[kind], of, **changes)
        case "event-delay":
            _fault_of_event(daily, kind, of, times="all", delay_ms=LATE_MS)
        case "event-without-field":
            _fault_of_event(daily, kind, of, times="all", field=detail)
        case "event-drop":
            _fault_of_event(daily, kind, of, times="all")
        case "event-duplicate" | "event-out-of-order":
            _fault_of_event(daily, kind, of)
        case "rest-status":
            method, _, path = of.partition(" ")
            wanted: Any = {"method": method, "path": re.sub(r"\{[^}]*\}", "*", path) + "$", "status": int(detail)}
            daily.site.rest_faults.add(RestFault(fault="rest-status", **wanted))
        case _:
            times: Any = 1 if kind in ("webhook-twice", "webhook-out-of-order") else "all"
            daily.site.webhooks.faults.add(WebhookFault.model_validate({"fault": kind, "type": of, "times": times}))
    return lambda: None


_DIGIT_FAULTS = {
    "digit-lost": "event-drop",
    "digit-doubled": "event-duplicate",
    "digit-other-method": "event-other-value",
}


def _fault_of_event(daily: FakeDaily, fault: str, name: str, **more: Any) -> None:
    daily.site.event_faults.add(EventFault.model_validate({"fault": fault, "event": name, **more}))


def _hang_up_early(daily: FakeDaily) -> Callable[[], None]:
    """Let every phone hang up as soon as its call has media."""
    tasks: set[asyncio.Task[None]] = set()

    async def hang_up(phone_name: str, sip_call_id: str) -> None:
        for phone in daily.network.phones:
            for call in phone.calls:
                if phone.name == phone_name and call.sip_call_id == sip_call_id:
                    daily.timeline.append("note", text=f"{phone_name} hangs up early", did="far-end-hangs-up")
                    await call.hang_up()

    def watch(record: Record) -> None:
        if record.kind == "phone" and record.fields.get("action") == "has media":
            task = asyncio.create_task(hang_up(record.fields["phone"], record.fields["sip_call_id"]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    return daily.timeline.listen(watch)


def took_effect(mutant: Mutant, records: Iterable[Record]) -> bool:
    """Whether the records of a test show that the mutant has changed something."""
    sign = _SIGNS.get(mutant.kind, mutant.kind)
    return any(str(record.fields.get("did")).startswith(sign) for record in records)


_SIGNS = {**_DIGIT_FAULTS, "call-refused": "answers INVITE"}
"""How `did` of the record begins that says what a mutant has done, where it is not the kind of the mutant."""
