"""Why calls of phones are not answered, as far as the phones are the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from simulator.useragent.messages import Ended


class ExplainedCall(Protocol):
    """A call of a phone."""

    @property
    def ended(self) -> Ended | None:
        """How the call ended; None before."""

    @property
    def explanation(self) -> str | None:
        """Why the call is not answered; None if it is, or if no reason is known."""


def why_unanswered(calls: Iterable[ExplainedCall], refused: str | None = None) -> Iterator[str]:
    """Yield the reasons of the calls under way, and `refused`, why a call has reached no phone.

    If there is none of them, yield the reason of the call which ended last.
    """
    under_way, ended = [], []
    for call in calls:
        if call.ended is None:
            under_way.append(call)
        else:
            ended.append((call.ended.at, call))
    reasons = [call.explanation for call in under_way if call.explanation]
    if refused:
        reasons.append(refused)
    if reasons:
        yield from reasons
    elif ended:
        _, latest = max(ended, key=lambda entry: entry[0])
        if latest.explanation:
            yield latest.explanation
