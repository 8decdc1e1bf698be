"""`carrier`: what the telephone network does to calls, whoever has the number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scenarios.steps.base import Step
from scenarios.words import Model, Text
from simulator.relay import Direction, FaultFields

if TYPE_CHECKING:
    from scenarios.stage import Stage


class ScenarioFaults(FaultFields, Model):
    """What happens to RTP packets. Shares are 0 to 1, times are ms."""


class Refuse(Step):
    """From now on, answer calls to a number with a SIP status."""

    carrier: Literal["refuse"]
    number: Text
    status: Annotated[int, Field(ge=300, le=699)] = 503
    reason: str = "Service Unavailable"

    async def run(self, stage: Stage) -> None:
        """Holds for new calls at once; calls that are up stay up."""
        number = stage.value(self.number)
        stage.daily.network.refuse(number, self.status, self.reason)
        stage.happenings.add("carrier", f"refuses calls to {number} with {self.status} {self.reason}")

    def __str__(self) -> str:
        return f"the carrier refuses calls to {self.number} with {self.status}"


class Restore(Step):
    """Put calls to a number through again."""

    carrier: Literal["restore"]
    number: Text

    async def run(self, stage: Stage) -> None:
        """Holds for new calls at once."""
        number = stage.value(self.number)
        stage.daily.network.restore(number)
        stage.happenings.add("carrier", f"puts calls to {number} through again")

    def __str__(self) -> str:
        return f"the carrier puts calls to {self.number} through again"


class KillWorker(Step):
    """Kill the process that speaks SIP for Daily in a call, as a crash would."""

    carrier: Literal["kill_worker"]
    of: str
    """The phone that is in the call."""

    async def run(self, stage: Stage) -> None:
        """Done when the signal is sent."""
        call = await stage.calls.of(self.of)
        stage.kill_gateway_worker(call.sip_call_id)

    def __str__(self) -> str:
        return f"Daily's SIP worker in the call with {self.of} dies"


class Impair(Step):
    """Make the line of a phone bad: for the call that is up, and for those to come."""

    carrier: Literal["impair"]
    of: str
    """The phone."""
    direction: Direction = "both"
    """Of the packets that suffer."""
    faults: ScenarioFaults
    seed: int = 0
    """The same seed loses the same packets."""

    async def run(self, stage: Stage) -> None:
        """Holds from the next packet on."""
        faults = self.faults.as_faults()
        stage.happenings.add("carrier", f"makes the line of {self.of} bad: {faults}")
        await stage.phone(self.of).impair(faults, direction=self.direction, seed=self.seed)

    def __str__(self) -> str:
        return f"the line of {self.of} is bad: {self.faults.as_faults()} ({self.direction.replace('_', ' ')})"


class Recover(Step):
    """Make the line of a phone good again."""

    carrier: Literal["recover"]
    of: str
    """The phone."""

    async def run(self, stage: Stage) -> None:
        """Holds from the next packet on; what a frozen line kept comes at once."""
        stage.happenings.add("carrier", f"makes the line of {self.of} good again")
        await stage.phone(self.of).recover()

    def __str__(self) -> str:
        return f"the line of {self.of} is good again"


AnyCarrierStep = Annotated[Refuse | Restore | KillWorker | Impair | Recover, Field(discriminator="carrier")]
