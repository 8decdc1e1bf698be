"""Why calls of a network's phones are not answered, and why nobody called them, for waits that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.misdialled import other_phone_called, records_since_call, refused_invite
from simulator.phone import Phone
from simulator.timeline import Record, Timeline
from simulator.unsent_digits import unsent_digits


class Explanations:
    """Base of `Network`: reasons for what has not happened."""

    timeline: Timeline
    phones: list[Phone]
    reasons: Callable[[Sequence[Record]], str | None]

    def explanation(self) -> str | None:
        """The reasons why the latest calls of the phones are not answered, and why the latest digits were not sent.

        None if no reason is known.
        """
        reasons = [phone.calls[-1].explanation for phone in self.phones if phone.calls]
        return "; ".join(filter(None, (*reasons, unsent_digits(self.timeline.records())))) or None

    def why_not_called(self, phone: Phone | None = None) -> str | None:
        """Why nobody has called this phone, by default any, since its latest call; None if it is not known."""
        records = records_since_call(self.timeline.records(), None if phone is None else phone.name)
        numbers = [other.number for other in self.phones if other.number]
        return refused_invite(records, numbers) or other_phone_called(records) or self.reasons(records)
