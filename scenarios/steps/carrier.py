"""`carrier`: what the telephone network does to calls and to their media."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fake_daily_server.rest.faults import RestFault
from fake_daily_server.signalling.event_faults import EventFault
from fake_daily_server.telephony.digit_faults import DigitFault
from fake_daily_server.webhooks.webhook_faults import WebhookFault
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Model, Text
from scenarios.steps.base import Step
from simulator.relay import Direction, FaultFields
from simulator.sip_faults import SipFault


class ScenarioFaults(FaultFields, Model):
    """Faults on the RTP path. Shares of packets are from 0 to 1, times in ms."""


class Refuse(Step):
    """Refuse new calls to a number with a SIP status; established calls continue."""

    carrier: Literal["refuse"]
    number: Text
    status: Annotated[int, Field(ge=300, le=699)] = 503
    reason: str = "Service Unavailable"

    async def run(self, context: ScenarioContext) -> None:
        """Refuse calls to the number, effective immediately."""
        number = context.variables.resolve(self.number)
        context.daily.network.refuse(number, self.status, self.reason)
        context.timeline.append("carrier", f"refuses calls to {number} with {self.status} {self.reason}")

    def __str__(self) -> str:
        return f"the carrier refuses calls to {self.number} with {self.status}"


class Restore(Step):
    """Route calls to a number again, after `refuse`."""

    carrier: Literal["restore"]
    number: Text

    async def run(self, context: ScenarioContext) -> None:
        """Route calls to the number again, effective immediately."""
        number = context.variables.resolve(self.number)
        context.daily.network.restore(number)
        context.timeline.append("carrier", f"puts calls to {number} through again")

    def __str__(self) -> str:
        return f"the carrier puts calls to {self.number} through again"


class FailDialouts(Step):
    """Let the next dial-outs be accepted and fail before they have a session: no INVITE is sent."""

    carrier: Literal["fail_dialouts"]
    cause: str = "process error, Channel closed"
    """The cause in `errorMsg` of `dialout-error`, which has no `sessionId`."""
    count: Annotated[int, Field(ge=0)] = 1
    """How many dial-outs fail; 0 takes back what is left."""

    async def run(self, context: ScenarioContext) -> None:
        """Let the next dial-outs fail."""
        await context.daily.fail_dialouts(self.cause, count=self.count)
        context.timeline.append("carrier", f"lets the next {self.count} dial-outs fail: {self.cause}")

    def __str__(self) -> str:
        return f"the next {self.count} dial-outs fail before they have a session"


class KillWorker(Step):
    """Kill the process with Daily's side of a call, to simulate a crash."""

    carrier: Literal["kill_worker"]
    of: str
    """The phone in the call, by its name in `phones`."""

    async def run(self, context: ScenarioContext) -> None:
        """Send SIGKILL to the gateway worker of the phone's call."""
        call = await context.calls.find(self.of)
        context.kill_gateway_worker(call.sip_call_id)

    def __str__(self) -> str:
        return f"Daily's SIP worker in the call with {self.of} dies"


class Impair(Step):
    """Impair the media of a phone's current and future calls."""

    carrier: Literal["impair"]
    of: str
    """The phone, by its name in `phones`."""
    direction: Direction = "both"
    """The impaired direction, seen from the phone."""
    faults: ScenarioFaults
    seed: int = 0
    """Seed of the random faults; with the same seed the same packets are lost."""

    async def run(self, context: ScenarioContext) -> None:
        """Impair the media from the next packet on."""
        faults = self.faults.as_faults()
        context.timeline.append("carrier", f"impairs the media of {self.of}: {faults}")
        await context.phone(self.of).impair(faults, direction=self.direction, seed=self.seed)

    def __str__(self) -> str:
        return f"the media of {self.of} is impaired: {self.faults.as_faults()} ({self.direction.replace('_', ' ')})"


class Recover(Step):
    """End the impairment of a phone's media."""

    carrier: Literal["recover"]
    of: str
    """The phone, by its name in `phones`."""

    async def run(self, context: ScenarioContext) -> None:
        """End the impairment from the next packet on; packets held back by `frozen` are forwarded immediately."""
        context.timeline.append("carrier", f"ends the impairment of {self.of}")
        await context.phone(self.of).recover()

    def __str__(self) -> str:
        return f"the media of {self.of} is no longer impaired"


class SetSipFault(Step):
    """Let SIP messages be lost, late, doubled or answered by the network; calls that are set up later are concerned."""

    carrier: Literal["sip_fault"]
    with_: SipFault = Field(alias="with")
    """The fault, the message that it takes, and which of them."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the fault, effective immediately."""
        fault = self.with_
        context.timeline.append("carrier", f"sets {fault.fault} on {fault.message}")
        context.daily.network.front_door.faults.add(fault)

    def __str__(self) -> str:
        return f"the network has the fault {self.with_.fault} on {self.with_.message}"


class SetWebhookFault(Step):
    """Let webhook events be lost, sent twice, sent after the next one, or signed with another key."""

    carrier: Literal["webhook_fault"]
    with_: WebhookFault = Field(alias="with")
    """The fault, the type of the events that it takes, and which of them."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the fault, effective immediately."""
        fault = self.with_
        context.timeline.append("carrier", f"sets {fault.fault} on {fault.type}")
        context.daily.site.webhooks.faults.add(fault)

    def __str__(self) -> str:
        return f"webhooks have the fault {self.with_.fault} on {self.with_.type}"


class SetRestFault(Step):
    """Let requests of the REST API fail, be late, be answered with HTML in place of JSON, or be reset."""

    carrier: Literal["rest_fault"]
    with_: RestFault = Field(alias="with")
    """The fault, the requests that it takes, and which of them."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the fault, effective immediately."""
        fault = self.with_
        context.timeline.append("carrier", f"sets {fault.fault} on {fault.method or 'requests to'} {fault.path}")
        context.daily.site.rest_faults.add(fault)

    def __str__(self) -> str:
        return f"the REST API has the fault {self.with_.fault} on {self.with_.path}"


class SetEventFault(Step):
    """Let events of clients be lost, late, doubled, or come after the next one."""

    carrier: Literal["event_fault"]
    with_: EventFault = Field(alias="with")
    """The fault, the events that it takes, and which of them."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the fault, effective immediately."""
        fault = self.with_
        context.timeline.append("carrier", f"sets {fault.fault} on {fault.event or 'all events'}")
        context.daily.site.event_faults.add(fault)

    def __str__(self) -> str:
        return f"clients have the fault {self.with_.fault} on {self.with_.event or 'all events'}"


class SetDigitFault(Step):
    """Let digits that clients and programs send be lost, come twice, or by another method."""

    carrier: Literal["digit_fault"]
    with_: DigitFault = Field(alias="with")
    """The fault, and which of the digits it takes."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the fault, effective immediately."""
        context.timeline.append("carrier", f"sets {self.with_.fault}")
        context.daily.site.digit_faults.add(self.with_)

    def __str__(self) -> str:
        return f"sent digits have the fault {self.with_.fault}"


class ClearFaults(Step):
    """Remove the faults of `sip_fault`, `webhook_fault`, `rest_fault`, `event_fault` and `digit_fault`."""

    carrier: Literal["clear_faults"]

    async def run(self, context: ScenarioContext) -> None:
        """Remove the faults, effective immediately."""
        context.timeline.append("carrier", "removes the faults")
        context.daily.network.clear_faults()
        context.daily.site.webhooks.faults.clear()
        context.daily.site.rest_faults.clear()
        context.daily.site.event_faults.clear()
        context.daily.site.digit_faults.clear()

    def __str__(self) -> str:
        return "there are no faults any more"


_OfTheNetwork = Refuse | Restore | FailDialouts | KillWorker | Impair | Recover
_Faults = SetSipFault | SetWebhookFault | SetRestFault | SetEventFault | SetDigitFault | ClearFaults
AnyCarrierStep = Annotated[_OfTheNetwork | _Faults, Field(discriminator="carrier")]
