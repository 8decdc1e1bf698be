"""`expect` and `expect_none`: the events that a client receives, their order and their fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from fake_daily_server.signalling.events import EVENT_FIELDS
from scenarios.context.received_events import EventPattern
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import ExpectedFields, Milliseconds, Model, Saves, Text
from scenarios.language.suggestions import suggestion
from scenarios.scenario_setup import DEFAULT_CLIENT
from scenarios.steps.base import Step
from simulator.differences import shown
from simulator.dtmf import check_digits

DEFAULT_WITHIN_MS = 5000
DEFAULT_FOR_MS = 200


def _check_event_name(name: str) -> str:
    if name in EVENT_FIELDS:
        return name
    raise ValueError(f"{name!r} is not an event{suggestion(name, EVENT_FIELDS, label='known')}")


EventName = Annotated[str, AfterValidator(_check_event_name), Field(json_schema_extra={"enum": list(EVENT_FIELDS)})]


def _check_fields(event: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields`. Raises PydanticCustomError if the event lacks one of them."""
    for name in fields:
        if not name.startswith("$"):
            _check_field(event, name, key=name)
    return fields


def _check_saves(event: str, save: dict[str, str]) -> dict[str, str]:
    """Return `save`, a step's `{name: field}`. Raises PydanticCustomError if the event has no such field."""
    for name, field in save.items():
        _check_field(event, field, key=name)
    return save


def _check_field(event: str, field: str, *, key: str) -> None:
    known = EVENT_FIELDS[event]
    if (first := field.partition(".")[0]) not in known:
        text = f"{event} has no field {first!r}{suggestion(first, sorted(known), label='it has')}"
        raise PydanticCustomError("wrong_key", "{text}", {"key": key, "text": text})


class ExpectedEvent(Model):
    """One of several expected events, with its own expected fields."""

    event: EventName
    where: ExpectedFields = Field(default_factory=dict)
    """Expected fields of the event."""
    save: Saves | None = None
    """`{name: field}` saves a field of the event for later steps."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return _check_fields(info.data["event"], fields) if "event" in info.data else fields

    @field_validator("save")
    @classmethod
    def _check_save(cls, save: dict[str, str] | None, info: ValidationInfo) -> dict[str, str] | None:
        return _check_saves(info.data["event"], save) if save and "event" in info.data else save

    def __str__(self) -> str:
        return f"{self.event} {shown(self.where)}" if self.where else self.event


def _check_common_fields(events: tuple[ExpectedEvent, ...], fields: dict[str, Any]) -> dict[str, Any]:
    for expected in events:
        _check_fields(expected.event, fields)
    return fields


def _as_mappings(value: Any) -> Any:
    """Expand the short forms of a list of events: one event instead of a list, a name instead of a mapping."""
    items = value if isinstance(value, list) else [value]
    return [{"event": item} if isinstance(item, str) else item for item in items]


Events = Annotated[
    tuple[ExpectedEvent, ...],
    BeforeValidator(_as_mappings, json_schema_input_type=EventName | ExpectedEvent | list[EventName | ExpectedEvent]),
    Field(min_length=1),
]
"""One event or several: names, or mappings with `event`, `where` and `save`."""


def _patterns(context: ScenarioContext, events: tuple[ExpectedEvent, ...], where: dict[str, Any]) -> list[EventPattern]:
    resolve = context.variables.resolve_expected
    return [(expected.event, {**resolve(where), **resolve(expected.where)}) for expected in events]


class Expect(Step):
    """Wait until the client has received these events, in this order. Other events may come between them."""

    expect: Events
    where: ExpectedFields = Field(default_factory=dict)
    """Expected fields of every event."""
    save: Saves | None = None
    """`{name: field}` saves a field of the last event for later steps."""
    within_ms: Milliseconds = DEFAULT_WITHIN_MS
    """Time limit for all of the events together."""
    in_any_order: bool = False
    """Whether the events may come in any order."""
    absent: bool = False
    """Whether to expect instead that none of the events has been received so far, or is within `for_ms`."""
    for_ms: Milliseconds = DEFAULT_FOR_MS
    """With `absent`: how long to wait for an unexpected event."""
    from_here_on: bool = False
    """With `absent`: whether events before the last one that an `expect` has matched are allowed."""
    seen_by: str = DEFAULT_CLIENT
    """The client that receives the events, one of `clients`; by default the scenario's `client`."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return _check_common_fields(info.data.get("expect", ()), fields)

    @field_validator("save")
    @classmethod
    def _check_save(cls, save: dict[str, str] | None, info: ValidationInfo) -> dict[str, str] | None:
        expected = info.data.get("expect")
        return _check_saves(expected[-1].event, save) if save and expected else save

    @model_validator(mode="after")
    def _check_combination(self) -> Expect:
        given = self.model_fields_set
        if "for_ms" in given and not self.absent:
            raise ValueError("`for_ms` goes with `absent: true`; the time limit of `expect` is `within_ms`")
        if self.from_here_on and not self.absent:
            raise ValueError("`from_here_on` goes with `absent: true`; `expect` always looks only at later events")
        wrong = given & {"within_ms", "save", "in_any_order"}
        if self.absent and wrong:
            raise ValueError(f"`{min(wrong)}` does not go with `absent: true`; remove one of them")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the events and save their fields; with `absent`, check that none of them is received."""
        received = context.events(self.seen_by)
        patterns = _patterns(context, self.expect, self.where)
        if self.absent:
            await received.expect_none(patterns, for_s=self.for_ms / 1000, from_here_on=self.from_here_on)
            return
        events = await received.expect(patterns, within=self.within_ms / 1000, in_any_order=self.in_any_order)
        for expected, event in zip(self.expect, events, strict=True):
            context.variables.save(expected.save, event)
        context.variables.save(self.save, events[-1])

    def __str__(self) -> str:
        names = " · ".join(map(str, self.expect))
        return f"no {names}" if self.absent else names


class ExpectNone(Step):
    """Check that the client has not received these events so far, and does not receive them within `for_ms`."""

    expect_none: Events
    where: ExpectedFields = Field(default_factory=dict)
    """Fields of the unexpected events; events with other values are allowed."""
    for_ms: Milliseconds = DEFAULT_FOR_MS
    """How long to wait for an unexpected event."""
    from_here_on: bool = False
    """Whether such events are allowed before the last event that an `expect` has matched."""
    seen_by: str = DEFAULT_CLIENT
    """The client that must not receive the events, one of `clients`; by default the scenario's `client`."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return _check_common_fields(info.data.get("expect_none", ()), fields)

    async def run(self, context: ScenarioContext) -> None:
        """Check the events since the start, or since the last matched one, then those received within `for_ms`."""
        patterns = _patterns(context, self.expect_none, self.where)
        received = context.events(self.seen_by)
        await received.expect_none(patterns, for_s=self.for_ms / 1000, from_here_on=self.from_here_on)

    def __str__(self) -> str:
        return "no " + " · ".join(map(str, self.expect_none))


class ExpectedDigits(Model):
    """Digits that the client receives as dtmf-events, one event for each digit."""

    dtmf: Annotated[Text, AfterValidator(check_digits)]
    """The digits in order: 0-9 A-D * #."""
    method: Literal["telephone-event", "sip-info"] | None = None
    """How the digits must have been sent; by default either way."""
    where: ExpectedFields = Field(default_factory=dict)
    """Further expected fields of each dtmf-event."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return _check_fields("dtmf-event", fields)


class ExpectDigits(Step):
    """Wait until the client has received these digits, with no other digit between them."""

    expect: ExpectedDigits
    within_ms: Milliseconds = DEFAULT_WITHIN_MS
    """Time limit for all digits together."""
    seen_by: str = DEFAULT_CLIENT
    """The client that receives the digits, one of `clients`; by default the scenario's `client`."""

    async def run(self, context: ScenarioContext) -> None:
        """Wait for one dtmf-event for each digit; a wrong digit fails immediately."""
        method = {"method": self.expect.method} if self.expect.method else {}
        where = {**context.variables.resolve_expected(self.expect.where), **method}
        await context.events(self.seen_by).expect(
            [("dtmf-event", {"tone": digit, **where}) for digit in self.expect.dtmf],
            within=self.within_ms / 1000,
            consecutive=True,
        )

    def __str__(self) -> str:
        by = f" by {self.expect.method}" if self.expect.method else ""
        return f"dtmf-event {' · '.join(self.expect.dtmf)}{by}"
