"""Why calls of a network's phones are not answered, and why nobody called them, for waits that fail."""

from __future__ import annotations

from collections.abc import Collection

from simulator.misdialled import Reasons, records_since_call, refused_invite, why_not_called
from simulator.phone import Phone
from simulator.timeline import Timeline
from simulator.unanswered import why_unanswered
from simulator.unsent_digits import unsent_digits


class Explanations:
    """Base of `Network`: reasons for what has not happened."""

    timeline: Timeline
    phones: list[Phone]
    reasons: Reasons

    def explanation(self, *, without: Collection[str] = ()) -> str | None:
        """Why the latest calls of the phones, `without` these Call-IDs, are not answered, and digits were not sent."""
        latest = [phone.calls[-1] for phone in self.phones if phone.calls]
        own = [call for call in latest if call.sip_call_id not in without]
        records = [record for record in self.timeline.records() if record.fields.get("sip_call_id") not in without]
        refused = refused_invite(records_since_call(records), self._numbers)
        reasons = why_unanswered(own, refused)
        return "; ".join(filter(None, (*reasons, unsent_digits(self.timeline.records())))) or None

    def why_not_called(self, phone: Phone | None = None) -> str | None:
        """Why nobody has called this phone, by default any, since its latest call; None if it is not known."""
        name = None if phone is None else phone.name
        return why_not_called(list(self.timeline.records()), name, self._numbers, self.reasons)

    @property
    def _numbers(self) -> list[str]:
        return [phone.number for phone in self.phones if phone.number]
