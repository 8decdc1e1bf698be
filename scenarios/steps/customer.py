"""`customer`: the customer's server (`$customer.url`), to which Daily posts held callers and webhook events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import ExpectedFields, Milliseconds, Saves
from scenarios.steps.base import Step
from simulator.differences import shown


class CustomerReceives(Step):
    """Wait for a request to the customer's server that comes after the one matched by the previous `receives`."""

    customer: Literal["receives"]
    where: ExpectedFields = Field(default_factory=dict)
    """Expected fields of the JSON body. Requests that do not match are skipped."""
    headers: ExpectedFields = Field(default_factory=dict)
    """Expected header fields. Requests that do not match are skipped."""
    save: Saves | None = None
    """`{name: field}` saves a field of the body for later steps."""
    within_ms: Milliseconds = 5000

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the request and save the fields."""
        body = await context.expect_customer_request(
            context.variables.resolve_expected(self.where),
            context.variables.resolve_expected(self.headers),
            within=self.within_ms / 1000,
        )
        context.variables.save(self.save, body)

    def __str__(self) -> str:
        return f"the customer's server receives {shown(self.where) if self.where else 'a request'}"


class CustomerAnswers(Step):
    """Set how the customer's server responds to requests from now on."""

    customer: Literal["answers"]
    status: Annotated[int, Field(ge=200, le=599)] = 200
    after_ms: Milliseconds = 0
    """Time from a request to its response."""

    async def run(self, context: ScenarioContext) -> None:
        """Set the response to new requests."""
        context.customer.status = self.status
        context.customer.delay_s = self.after_ms / 1000
        after = f" after {self.after_ms} ms" if self.after_ms else ""
        context.timeline.append("customer", f"answers with {self.status}{after} from now on")

    def __str__(self) -> str:
        return f"the customer's server answers with {self.status}"


AnyCustomerStep = Annotated[CustomerReceives | CustomerAnswers, Field(discriminator="customer")]
