"""`expect` and `expect_none`: what a client is told of, in which order, with which fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.events import EVENTS
from scenarios.problems import instead
from scenarios.steps.base import Step
from scenarios.steps.client import DEFAULT_CLIENT
from scenarios.values import shown
from scenarios.words import Fields, Milliseconds, Model, Saves, Text
from simulator.dtmf import check_digits

if TYPE_CHECKING:
    from scenarios.stage import Stage

DEFAULT_WITHIN_MS = 5000
DEFAULT_QUIET_MS = 200


def _known_event(name: str) -> str:
    if name in EVENTS:
        return name
    raise ValueError(f"{name!r} is no event{instead(name, EVENTS, label='known')}")


EventName = Annotated[str, AfterValidator(_known_event), Field(json_schema_extra={"enum": list(EVENTS)})]


def check_fields(event: str, fields: dict[str, Any]) -> dict[str, Any]:
    """`fields`, none of which the event never has."""
    for name in fields:
        _check_field(event, name, key=name)
    return fields


def check_saves(event: str, save: dict[str, str]) -> dict[str, str]:
    """`save`, which takes from fields that the event can have."""
    for name, field in save.items():
        _check_field(event, field, key=name)
    return save


def _check_field(event: str, field: str, *, key: str) -> None:
    known = EVENTS[event]
    if (first := field.partition(".")[0]) not in known:
        text = f"{event} has no field {first!r}{instead(first, sorted(known), label='it has')}"
        raise PydanticCustomError("wrong_key", "{text}", {"key": key, "text": text})


class EventWanted(Model):
    """One event of a list, with more to say than its name."""

    event: EventName
    where: Fields = Field(default_factory=dict)
    """Fields of the event, each compared."""
    save: Saves | None = None
    """`{name: field}` keeps a field for later steps."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return check_fields(info.data["event"], fields) if "event" in info.data else fields

    @field_validator("save")
    @classmethod
    def _check_save(cls, save: dict[str, str] | None, info: ValidationInfo) -> dict[str, str] | None:
        return check_saves(info.data["event"], save) if save and "event" in info.data else save

    def __str__(self) -> str:
        return f"{self.event} {shown(self.where)}" if self.where else self.event


def _fields_of_all(events: tuple[EventWanted, ...], fields: dict[str, Any]) -> dict[str, Any]:
    for wanted in events:
        check_fields(wanted.event, fields)
    return fields


def _written_out(value: Any) -> Any:
    """A list of mappings, however short it was written."""
    items = value if isinstance(value, list) else [value]
    return [{"event": item} if isinstance(item, str) else item for item in items]


Events = Annotated[
    tuple[EventWanted, ...],
    BeforeValidator(_written_out, json_schema_input_type=EventName | EventWanted | list[EventName | EventWanted]),
    Field(min_length=1),
]
"""One event or several: names, or mappings with `event`, `where` and `save`."""


class Expect(Step):
    """Wait until the client is told of these events, in this order; other events may come between."""

    expect: Events
    where: Fields = Field(default_factory=dict)
    """Fields that all of the events must have so."""
    save: Saves | None = None
    """`{name: field}` keeps a field of the last event for later steps."""
    within_ms: Milliseconds = DEFAULT_WITHIN_MS
    """For all of them together."""
    in_any_order: bool = False
    absent: bool = False
    """True: none of them has happened in this scenario, nor does within `for_ms`."""
    for_ms: Milliseconds = DEFAULT_QUIET_MS
    """With `absent`: how long to watch."""
    seen_by: str = DEFAULT_CLIENT
    """Which one of `clients` is told; the scenario's own client when left out."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return _fields_of_all(info.data.get("expect", ()), fields)

    @field_validator("save")
    @classmethod
    def _check_save(cls, save: dict[str, str] | None, info: ValidationInfo) -> dict[str, str] | None:
        wanted = info.data.get("expect")
        return check_saves(wanted[-1].event, save) if save and wanted else save

    @model_validator(mode="after")
    def _check_companions(self) -> Expect:
        given = self.model_fields_set
        if "for_ms" in given and not self.absent:
            raise ValueError("`for_ms` goes with `absent: true`; how long to wait is `within_ms`")
        wrong = given & {"within_ms", "save", "in_any_order"}
        if self.absent and wrong:
            raise ValueError(f"`{min(wrong)}` does not go with `absent: true`")
        return self

    async def run(self, stage: Stage) -> None:
        """Wait, or watch; ExpectationFailed tells the nearest thing that did happen."""
        ear = stage.seat(self.seen_by).ear
        wanted = [(each, {**stage.wanted(self.where), **stage.wanted(each.where)}) for each in self.expect]
        if self.absent:
            await ear.silent([(each.event, where) for each, where in wanted], for_s=self.for_ms / 1000)
            return
        heard = await ear.hear(
            [(each.event, where) for each, where in wanted],
            within=self.within_ms / 1000,
            in_any_order=self.in_any_order,
        )
        for (each, _), event in zip(wanted, heard, strict=True):
            stage.save(each.save, event)
        stage.save(self.save, heard[-1])

    def __str__(self) -> str:
        names = " · ".join(map(str, self.expect))
        return f"no {names}" if self.absent else names


class ExpectNone(Step):
    """None of these events has happened in this scenario, nor does for a while longer."""

    expect_none: Events
    where: Fields = Field(default_factory=dict)
    for_ms: Milliseconds = DEFAULT_QUIET_MS
    """How long to watch."""
    seen_by: str = DEFAULT_CLIENT

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return _fields_of_all(info.data.get("expect_none", ()), fields)

    async def run(self, stage: Stage) -> None:
        """Look back, then watch."""
        unwanted = [(each.event, {**stage.wanted(self.where), **stage.wanted(each.where)}) for each in self.expect_none]
        await stage.seat(self.seen_by).ear.silent(unwanted, for_s=self.for_ms / 1000)

    def __str__(self) -> str:
        return "no " + " · ".join(map(str, self.expect_none))


class DigitsWanted(Model):
    """Digits that the client is told of as dtmf-events, one event for each."""

    dtmf: Annotated[Text, AfterValidator(check_digits)]
    """Keys in order: 0-9 A-D * #."""
    method: Literal["telephone-event", "sip-info"] | None = None
    """Any when left out."""
    where: Fields = Field(default_factory=dict)
    """Further fields of each of the dtmf-events."""

    @field_validator("where")
    @classmethod
    def _check_names(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return check_fields("dtmf-event", fields)


class ExpectDigits(Step):
    """Wait until the client is told of these digits, and of no others between them."""

    expect: DigitsWanted
    within_ms: Milliseconds = DEFAULT_WITHIN_MS
    seen_by: str = DEFAULT_CLIENT

    async def run(self, stage: Stage) -> None:
        """Wait for as many dtmf-events; a wrong digit fails at once."""
        method = {"method": self.expect.method} if self.expect.method else {}
        where = {**stage.wanted(self.expect.where), **method}
        await stage.seat(self.seen_by).ear.hear(
            [("dtmf-event", {"tone": tone, **where}) for tone in self.expect.dtmf],
            within=self.within_ms / 1000,
            next_of_kind=True,
        )

    def __str__(self) -> str:
        by = f" by {self.expect.method}" if self.expect.method else ""
        return f"dtmf-event {' · '.join(self.expect.dtmf)}{by}"
