"""The phone numbers that the domain has purchased. In memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice
from typing import Any

from fake_daily_server.domain.available_numbers import AvailableNumber, NumberFilter
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import number_id
from simulator.errors import ConfigurationError
from simulator.numbers import check_number

RELEASE_LOCK_S = 14 * 24 * 3600
"""How long after its purchase a number cannot be released."""

MAX_AVAILABLE_NUMBERS = 100
"""Maximum number of phone numbers in one response of `list-available-numbers`."""

_FIRST_PURCHASE = datetime(2024, 8, 19, 18, 50, 34, tzinfo=UTC).timestamp()
"""The purchase time of the first number in the settings: the date of the sample in Daily's reference."""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A purchased number in E.164; `purchased_at` is in unix seconds."""

    number: str
    purchased_at: float

    @property
    def id(self) -> str:
        """The id of the number, as used by `callerId` and `release-phone-number`."""
        return number_id(self.number)

    def as_dict(self) -> dict[str, Any]:
        """The object that `GET /purchased-phone-numbers` returns."""
        return {
            "id": self.id,
            "number": self.number,
            "name": None,
            "type": "purchased_phone_number",
            "status": "verified",
            "verified": True,
            "created_date": _rfc_5322(self.purchased_at),
        }


class PurchasedNumbers:
    """The phone numbers that one domain has purchased; used on one loop. `now` gives unix seconds."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Restore the numbers of the settings."""
        self._numbers = {
            number: OwnedNumber(number, _FIRST_PURCHASE + place)
            for place, number in enumerate(self._settings.phone_numbers)
        }

    @property
    def all(self) -> tuple[OwnedNumber, ...]:
        """The purchased numbers, oldest first."""
        return tuple(self._numbers.values())

    @property
    def oldest(self) -> str | None:
        """The number that was purchased first; None if the domain has no numbers."""
        return next(iter(self._numbers), None)

    def owns(self, number: str) -> bool:
        """Whether the domain has purchased this E.164 number."""
        return number in self._numbers

    def search(self, wanted: NumberFilter) -> list[AvailableNumber]:
        """The first matching numbers that have not been purchased, at most MAX_AVAILABLE_NUMBERS."""
        return list(islice((found for found in wanted.matches() if not self.owns(found.number)), MAX_AVAILABLE_NUMBERS))

    def buy(self, number: str | None = None) -> OwnedNumber:
        """Purchase `number`, or any Californian number if None.

        Raises InvalidRequest if the number is not E.164, does not begin with +1, or has been purchased already.
        """
        if number is None:
            number = self.search(NumberFilter(region="CA"))[0].number
        try:
            check_number(number, name="number")
        except ConfigurationError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if number in self._numbers:
            raise InvalidRequest(f"number {number} is not available: this domain has purchased it; choose another")
        if not number.startswith("+1"):
            raise InvalidRequest(f"number {number} is not available: only +1 numbers can be bought")
        bought = self._numbers[number] = OwnedNumber(number, self._now())
        return bought

    def release(self, ident: str) -> OwnedNumber:
        """Release the number with this id, and return it.

        Raises NotFound for an unknown id, and InvalidRequest within 14 days of the purchase.
        """
        owned = next((owned for owned in self.all if owned.id == ident), None)
        if owned is None:
            raise NotFound(f"no purchased number has the id {ident!r}; {self.allowed()}")
        locked_until = owned.purchased_at + RELEASE_LOCK_S
        if self._now() < locked_until:
            raise InvalidRequest(
                f"number {owned.number} cannot be released before {_rfc_5322(locked_until)}, 14 days after its purchase"
            )
        return self._numbers.pop(owned.number)

    def caller_number(self, caller_id: str | None) -> str:
        """The number from which a dial-out calls: the one that `caller_id` names by id or in E.164, or else the oldest.

        Raises InvalidRequest if the number is not the domain's, or if the domain has no numbers.
        """
        if caller_id is None:
            if self.oldest is None:
                raise InvalidRequest("this domain has no phone number to call from; POST /buy-phone-number buys one")
            return self.oldest
        for owned in self.all:
            if caller_id in (owned.id, owned.number):
                return owned.number
        raise InvalidRequest(f"callerId {caller_id!r} is not a number of this domain; {self.allowed()}")

    def allowed(self) -> str:
        """The text `allowed: …` with the domain's numbers and their ids, for error messages."""
        return "allowed: " + (", ".join(f"{owned.number} (id {owned.id})" for owned in self.all) or "none")


def _rfc_5322(unix_seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(unix_seconds), UTC))
