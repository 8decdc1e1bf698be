"""Applies a mutant to a server, for one test, by the faults that the server has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fake_daily_server.mutants.fault import DIGIT_FAULTS, fault_of
from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.rest.faults import RestFault
from fake_daily_server.signalling.event_faults import EventFault
from fake_daily_server.telephony.digit_faults import DigitFault
from fake_daily_server.webhooks.webhook_faults import WebhookFault
from simulator.sip_faults import SipFault
from simulator.timeline import Record

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily


def apply_mutant(mutant: Mutant, daily: FakeDaily) -> Callable[[], None]:
    """Let the mutant happen on a server, until it is reset; used on the server's loop.

    Returns a function to call after the test, before the reset.
    """
    fault = fault_of(mutant)
    if fault is None:
        return _hang_up_early(daily)
    match fault.carrier:
        case "sip_fault":
            daily.network.front_door.faults.add(SipFault.model_validate(fault.fields))
        case "event_fault":
            daily.site.event_faults.add(EventFault.model_validate(fault.fields))
        case "rest_fault":
            daily.site.rest_faults.add(RestFault.model_validate(fault.fields))
        case "webhook_fault":
            daily.site.webhooks.faults.add(WebhookFault.model_validate(fault.fields))
        case "digit_fault":
            daily.site.digit_faults.add(DigitFault.model_validate(fault.fields))
    return lambda: None


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


_SIGNS = {**DIGIT_FAULTS, "call-refused": "answers INVITE", "codec-fallback": "removes"}
"""How `did` of the record begins that says what a mutant has done, where it is not the kind of the mutant."""
