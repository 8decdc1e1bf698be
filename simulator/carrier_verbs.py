"""What a test has the carrier do to the calls of a number: refuse them, put them through again, impair their RTP."""

from __future__ import annotations

import difflib
from typing import Literal

from pydantic import ValidationError

from simulator.carrier import Outage
from simulator.errors import ConfigurationError, UnknownNumber
from simulator.front_door import FrontDoor
from simulator.numbers import check_number
from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.phone import Phone
from simulator.relay import Direction, Faults
from simulator.sip_faults import FaultName, SipFault
from simulator.validation_errors import as_configuration_error


class Carrier:
    """Base of `Network`: the carrier's methods for tests."""

    owner_loop: OwnerLoop
    front_door: FrontDoor
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

    def set_fault(
        self,
        fault: FaultName,
        message: str,
        *,
        nth: int = 1,
        times: int | Literal["all"] = 1,
        delay_ms: int | None = None,
        status: int | None = None,
        reason: str = "Fault",
        share: float = 1,
        seed: int | str = 0,
        codec: str | None = None,
    ) -> None:
        """Let SIP messages be lost, late, doubled, changed or answered by the network, until `clear_faults` or `reset`.

        `message` is a request such as `BYE`, or a response such as `200 INVITE`; from the one with number `nth` on,
        counted from now, `times` messages are taken, or a `share` of them at random with `seed`. Calls that are set up
        from now on send all messages through the network's SIP address. The timeline records each message that is
        taken. Raises ConfigurationError.
        """
        given = {"fault": fault, "message": message, "nth": nth, "times": times}
        given |= {"share": share, "seed": seed}
        given |= {"delay_ms": delay_ms, "status": status, "reason": reason, "codec": codec}
        try:
            self.front_door.faults.add(SipFault.model_validate(given))
        except ValidationError as invalid:
            raise as_configuration_error(invalid) from None

    def clear_faults(self) -> None:
        """Remove the faults of `set_fault`."""
        self.front_door.faults.clear()

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
