"""Digits that were accepted and could not be sent, on the timeline."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.timeline import Record


def unsent_digits(records: Iterable[Record]) -> str | None:
    """Describe the latest digits that could not be sent; None if there are none."""
    failed = [record.fields for record in records if "not_sent" in record.fields]
    if not failed:
        return None
    last = failed[-1]
    return f"the digits {last['not_sent']} could not be sent by {last['method']}: {last['because']}"
