"""Faults on webhook events by name: which event they take, and what becomes of it. Without I/O."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fake_daily_server.webhooks.event_types import EventType
from simulator.fault_count import FaultList
from simulator.validation_errors import KnownFieldsModel

WebhookFaultName = Literal[
    "webhook-drop",
    "webhook-delay",
    "webhook-twice",
    "webhook-out-of-order",
    "webhook-bad-signature",
    "webhook-request-lost",
    "webhook-answer-lost",
]
_WITH_DELAY = ("webhook-delay", "webhook-request-lost", "webhook-answer-lost")


class WebhookFault(KnownFieldsModel):
    """A fault on webhook events, such as `{fault: webhook-twice, type: dialout.answered}`."""

    fault: WebhookFaultName
    """What becomes of the event: it is not sent, sent late, twice, after the next one, or signed with another key; its
    first request does not arrive, or is not known to have been answered, so that another attempt may follow.
    """
    type: EventType
    """The type of the events that it takes."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Number of the first event of this type that it takes, counted from when the fault was set."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many events it takes, from that one on."""
    share: Annotated[float, Field(gt=0, le=1)] = 1
    """The share of these that it takes at random, by `seed`."""
    seed: int | str = 0
    """The seed of all random decisions."""
    delay_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    """With `webhook-delay`: how late the event is sent, in ms. With a lost request or answer: when the second attempt
    follows, by default as the webhook's `retryType` has it; with `circuit-breaker` none does.
    """

    @model_validator(mode="after")
    def _check_delay(self) -> WebhookFault:
        if self.fault == "webhook-delay" and self.delay_ms is None:
            raise ValueError("`webhook-delay` requires `delay_ms`")
        if self.delay_ms is not None and self.fault not in _WITH_DELAY:
            raise ValueError(f"{self.fault!r} has no `delay_ms`; allowed with {', '.join(_WITH_DELAY)}")
        return self


class WebhookFaults(FaultList[WebhookFault]):
    """The faults that are set, and how many events each has seen."""

    def take(self, event_type: str) -> tuple[WebhookFault, int] | None:
        """Count an event; return the fault that takes it, the oldest first, and the number of the event; or None."""
        taken: tuple[WebhookFault, int] | None = None
        for fault, count in self._faults:
            number = count.take() if fault.type == event_type else None
            if taken is None and number is not None:
                taken = fault, number
        return taken
