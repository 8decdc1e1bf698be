"""One thing that goes wrong on purpose while a test runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

MutantKind = Literal[
    "call-refused",
    "event-drop",
    "webhook-drop",
    "digit-lost",
    "sent-digit-lost",
    "rest-status",
    "far-end-hangs-up",
    "event-without-field",
    "codec-fallback",
    "digit-other-method",
    "digit-doubled",
    "sent-digit-other-method",
    "sent-digit-doubled",
    "webhook-bad-signature",
    "event-duplicate",
    "webhook-twice",
    "event-out-of-order",
    "webhook-out-of-order",
    "webhook-request-lost",
    "webhook-answer-lost",
    "webhook-delay",
    "event-delay",
]
"""What goes wrong, the most telling first."""

LATE_MS = 1000
"""How late an event of `event-delay` or `webhook-delay` comes, and a webhook event again, in ms."""


class _About(NamedTuple):
    rank: int
    words: str
    """What went wrong, with `{of}` and `{detail}`."""
    tolerable: bool = False
    """Whether a good program copes with it without anyone noticing."""


_ABOUT: Mapping[str, _About] = MappingProxyType(
    {
        "call-refused": _About(0, "a call that is answered was refused with {detail}"),
        "event-drop": _About(0, "`{of}` never came"),
        "webhook-drop": _About(0, "the webhook `{of}` was never sent"),
        "digit-lost": _About(0, "the first digit of the far end was lost"),
        "sent-digit-lost": _About(0, "the first digit of a client never reached the far end"),
        "sent-digit-doubled": _About(1, "the first digit of a client reached the far end twice"),
        "sent-digit-other-method": _About(
            2, "the digits of clients reached the far end by the other method", tolerable=True
        ),
        "rest-status": _About(1, "`{of}` was answered {detail} once"),
        "far-end-hangs-up": _About(1, "the far end hung up as soon as the call had media"),
        "event-without-field": _About(2, "`{of}` had no `{detail}`"),
        "digit-doubled": _About(1, "the first digit of the far end came twice"),
        "codec-fallback": _About(2, "calls had to do without {detail}", tolerable=True),
        "digit-other-method": _About(2, "the digits of the far end came as {detail}", tolerable=True),
        "webhook-bad-signature": _About(1, "the webhook `{of}` was signed with another key"),
        "event-duplicate": _About(3, "`{of}` came twice", tolerable=True),
        "webhook-twice": _About(3, "the webhook `{of}` came twice", tolerable=True),
        "event-out-of-order": _About(3, "`{of}` came after the event that follows it", tolerable=True),
        "webhook-out-of-order": _About(3, "the webhook `{of}` came after the one that follows it", tolerable=True),
        "webhook-request-lost": _About(
            3, "the webhook `{of}` was lost once, and sent again where its `retryType` says so", tolerable=True
        ),
        "webhook-answer-lost": _About(
            3, "the answer to the webhook `{of}` was lost, so that it came again by its `retryType`", tolerable=True
        ),
        "webhook-delay": _About(4, f"the webhook `{{of}}` came {LATE_MS} ms late", tolerable=True),
        "event-delay": _About(4, f"`{{of}}` came {LATE_MS} ms late", tolerable=True),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A kind of fault and what it concerns: an event, a webhook type, a route; `detail` is a field or a status."""

    kind: MutantKind
    of: str
    detail: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.of, self.detail)))

    @property
    def words(self) -> str:
        """What went wrong, for a sentence that begins with `nobody noticed that`."""
        return _ABOUT[self.kind].words.format(of=self.of, detail=self.detail)

    @property
    def rank(self) -> int:
        """How telling it is; 0 is most."""
        return _ABOUT[self.kind].rank

    @property
    def tolerable(self) -> bool:
        """Whether production does it now and then, and a good program copes without anyone noticing."""
        return _ABOUT[self.kind].tolerable

    def as_list(self) -> list[str]:
        """The mutant as JSON; `Mutant(*…)` reads it."""
        return [self.kind, self.of, self.detail]
