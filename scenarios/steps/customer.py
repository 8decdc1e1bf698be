"""`customer`: the customer's own server, which Daily asks about callers and tells of events (`$customer.url`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scenarios.steps.base import Step
from scenarios.values import shown
from scenarios.words import Fields, Milliseconds, Saves

if TYPE_CHECKING:
    from scenarios.stage import Stage


class Receives(Step):
    """Wait until the server gets a request, after the one that the `receives` before has found."""

    customer: Literal["receives"]
    where: Fields = Field(default_factory=dict)
    """Fields of its JSON body, each compared; requests that are not so are passed over."""
    headers: Fields = Field(default_factory=dict)
    """Header fields, likewise."""
    save: Saves | None = None
    """`{name: field}` keeps a field of the body for later steps."""
    within_ms: Milliseconds = 5000

    async def run(self, stage: Stage) -> None:
        """Done when it is there."""
        body = await stage.receives(stage.wanted(self.where), stage.wanted(self.headers), within=self.within_ms / 1000)
        stage.save(self.save, body)

    def __str__(self) -> str:
        return f"the customer's server receives {shown(self.where) if self.where else 'a request'}"


class Answers(Step):
    """From now on the server answers so."""

    customer: Literal["answers"]
    status: Annotated[int, Field(ge=200, le=599)] = 200
    after_ms: Milliseconds = 0

    async def run(self, stage: Stage) -> None:
        """Holds for new requests."""
        stage.customer.status = self.status
        stage.customer.after_s = self.after_ms / 1000
        after = f" after {self.after_ms} ms" if self.after_ms else ""
        stage.happenings.add("customer", f"answers with {self.status}{after} from now on")

    def __str__(self) -> str:
        return f"the customer's server answers with {self.status}"


AnyCustomerStep = Annotated[Receives | Answers, Field(discriminator="customer")]
