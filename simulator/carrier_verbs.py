"""What a test has the carrier do to the calls of a number: refuse them, put them through again, impair their RTP."""

from __future__ import annotations

import difflib

from simulator.carrier import Outage
from simulator.errors import ConfigurationError, UnknownNumber
from simulator.numbers import check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone import Phone
from simulator.relay import Direction, Faults


class Carrier:
    """Base of `Network`: the carrier's methods for tests."""

    owner_loop: OwnerLoop
    phones: list[Phone]

    def __init__(self) -> None:
        self._outages: dict[str, Outage] = {}

    def refuse(self, number: str, status: int = 503, reason: str = "Service Unavailable") -> None:
        """Answer all calls to `number` with this final response, until `restore` or `reset`."""
        if not 300 <= status <= 699:
            raise ConfigurationError("status", status, "a final SIP status other than success, 300 to 699")
        self._outages[check_number(number)] = Outage(status, reason)

    def restore(self, number: str) -> None:
        """Undo `refuse`: route calls to `number` again."""
        self._outages.pop(check_number(number), None)

    @on_owner_loop
    async def impair(self, number: str, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Impair the RTP path of the calls of the phone with this number; see `Phone.impair`."""
        await self._phone_by_number(number).impair(faults, direction=direction, seed=seed)

    @on_owner_loop
    async def recover(self, number: str) -> None:
        """Remove the impairments of the phone with this number."""
        await self._phone_by_number(number).recover()

    def _phone_by_number(self, number: str) -> Phone:
        phone = self._phone_with(check_number(number))
        if phone is None:
            near = difflib.get_close_matches(number, (phone.number for phone in self.phones if phone.number), n=1)
            hint = f"did you mean {near[0]}?" if near else "create a phone with it first"
            raise UnknownNumber(number, f"no phone has this number; {hint}")
        return phone

    def _phone_with(self, number: str | None) -> Phone | None:
        return next((phone for phone in self.phones if number is not None and phone.number == number), None)
