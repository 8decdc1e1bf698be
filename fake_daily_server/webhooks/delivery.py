"""What was sent to customers' servers and what came of it: a line for each request, the latest of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request. `status` is the HTTP answer, `error` why it does not count as delivered."""

    seq: int
    """Counts from 1."""
    at: float
    """When it was sent, in unix seconds of the server's clock."""
    purpose: Literal["probe", "event"]
    webhook: str | None
    """Id of the webhook; None for the probe of one that is not there yet."""
    url: str
    type: str | None
    """Of the event; None for a probe."""
    id: str | None
    attempt: int
    """Which try of this event it was, from 1."""
    status: int | None
    error: str | None
    ms: float
    """How long the answer took."""

    @property
    def delivered(self) -> bool:
        """Whether it was answered with 200 in time."""
        return self.error is None

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return asdict(self)


class DeliveryLog:
    """Older ones than the latest 10,000 are forgotten."""

    def __init__(self) -> None:
        self._seq = 0
        self._kept: deque[Delivery] = deque(maxlen=MOST_KEPT)

    def add(self, **facts: Any) -> Delivery:
        """One more."""
        self._seq += 1
        delivery = Delivery(seq=self._seq, **facts)
        self._kept.append(delivery)
        return delivery

    def __iter__(self) -> Iterator[Delivery]:
        """Oldest first."""
        return iter(tuple(self._kept))

    def clear(self) -> None:
        """Forget all; `seq` goes on counting."""
        self._kept.clear()
