"""`rest`: a request to Daily's REST API with the domain's API key."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from fake_daily_server.values.typed_texts import with_json_types
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.comparison import differences
from scenarios.language.field_types import Expected, ExpectedFields, Milliseconds, Saves
from scenarios.steps.base import Step
from simulator.compared_field import ComparedField
from simulator.differences import Difference, because, compared_fields, shown
from simulator.errors import ExpectationFailed

METHODS = ("GET", "POST", "PUT", "DELETE")

_REPEAT_AFTER_S = 0.02


def _check_request(text: str) -> str:
    method, _, path = text.partition(" ")
    if method not in METHODS or not path.startswith("/"):
        raise ValueError(f"{text!r} is not a request; write {', '.join(METHODS)} and a path, such as `POST /rooms`")
    return text


class RestRequest(Step):
    """Send a request to the REST API. `/v1` and the API key are added."""

    rest: Annotated[str, AfterValidator(_check_request)]
    """Method and path: `POST /rooms/$room.name/sipCallTransfer`."""
    with_: dict[str, Any] | None = Field(default=None, alias="with")
    """The JSON body. Numbers, true, false and null have their JSON types; `=12` is the text 12."""
    status: Expected = "200"
    """Expected status code of the response."""
    answer: ExpectedFields = Field(default_factory=dict)
    """Expected fields of the response body."""
    save: Saves | None = None
    """`{name: field}` saves a field of the response body for later steps."""

    within_ms: Milliseconds = 0
    """With GET: repeat the request until the response matches, at most for this time; by default it is sent once."""

    @model_validator(mode="after")
    def _only_get_is_repeated(self) -> RestRequest:
        if self.within_ms and not self.rest.startswith("GET "):
            raise ValueError(f"`within_ms` goes with GET, not with {self.rest.partition(' ')[0]}")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Send the request, compare the response and save its fields."""
        method, _, path = context.variables.resolve(self.rest).partition(" ")
        body = None if self.with_ is None else with_json_types(context.variables.resolve(self.with_))
        deadline = asyncio.get_running_loop().time() + self.within_ms / 1000
        while True:
            status, answer = await context.call_rest_api(method, path, body)
            wrong = self._compare(context, status, answer)
            if not wrong or asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(_REPEAT_AFTER_S)
        if wrong:
            raise ExpectationFailed(
                f"{self.rest} is answered {self.status} {shown(self.answer) if self.answer else ''}".rstrip(),
                nearest=f"{status} {shown(answer)}",
                because=because(wrong),
                happened=context.timeline.latest_lines(),
                compared=self._compared(context, status, answer, wrong),
            )
        context.variables.save(self.save, answer if isinstance(answer, dict) else {})

    def _compare(self, context: ScenarioContext, status: int, answer: Any) -> list[Difference]:
        expected_status = context.variables.resolve_expected(self.status)
        return [
            *differences({"status": expected_status}, {"status": status}),
            *differences(context.variables.resolve_expected(self.answer), answer),
        ]

    def _compared(
        self, context: ScenarioContext, status: int, answer: Any, wrong: Iterable[Difference]
    ) -> list[ComparedField]:
        expected = context.variables.resolve_expected({"status": self.status, **self.answer})
        found = answer if isinstance(answer, Mapping) else {"answer": answer}
        return compared_fields(expected, {"status": status, **found}, wrong)

    def __str__(self) -> str:
        return self.rest
