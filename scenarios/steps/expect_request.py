"""`expect: startDialOut` and the like: what a program under test requests of Daily, and how it answers webhooks."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from fake_daily_server.handles.event_names import webhook_events
from fake_daily_server.signalling import messages
from fake_daily_server.values import telephony_requests
from scenarios.context.program_requests import CALLER_REQUESTS
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Expected, ExpectedFields, Milliseconds, Model, Saves
from scenarios.language.program_verbs import Verb
from scenarios.language.suggestions import suggestion
from scenarios.steps.base import Step
from simulator.differences import shown

_MODELS = MappingProxyType[str, type[BaseModel]](
    {
        "startDialOut": telephony_requests.StartDialOut,
        "stopDialOut": telephony_requests.StopDialOut,
        "sendDTMF": telephony_requests.SendDtmf,
        "sipCallTransfer": telephony_requests.SipCallTransfer,
        "sipRefer": telephony_requests.SipRefer,
        "updateParticipant": messages.UpdateParticipant,
        "sendAppMessage": messages.SendAppMessage,
        "setUserName": messages.SetUserName,
    }
)


def _options(verb: str) -> list[str]:
    return [field.alias or name for name, field in _MODELS[verb].model_fields.items()]


def _check_known(field: str, known: list[str], what: str, *, key: str) -> None:
    if known and (first := field.partition(".")[0]) not in known:
        text = f"{what} has no {first!r}{suggestion(first, sorted(known), label='it has')}"
        raise PydanticCustomError("wrong_key", "{text}", {"key": key, "text": text})


class ExpectRequest(Step):
    """Wait until a program under test makes this request, over the signalling or REST, after those matched before."""

    expect: Verb
    where: ExpectedFields = Field(default_factory=dict)
    """Expected options of the request."""
    refused: Expected | None = None
    """What the refusal must say, such as `/owner/`; without it, Daily must have accepted the request."""
    save: Saves | None = None
    """`{name: option}` saves an option for later steps."""
    by: str | None = None
    """The program: `client`, or one of `programs`; by default any of them."""
    within_ms: Milliseconds = 5000
    absent: bool = False
    """Whether to expect instead that no further request like this has come, or comes within `for_ms`."""
    for_ms: Milliseconds = 200
    """With `absent`: how long to wait for an unexpected request."""

    @field_validator("where", "save")
    @classmethod
    def _check_options(cls, fields: dict[str, Any] | None, info: ValidationInfo) -> dict[str, Any] | None:
        verb = info.data.get("expect")
        for name, value in (fields or {}).items() if verb else ():
            option = value if info.field_name == "save" else name
            if not str(option).startswith("$"):
                _check_known(str(option), _options(str(verb)), str(verb), key=name)
        return fields

    @model_validator(mode="after")
    def _check_combination(self) -> ExpectRequest:
        if "for_ms" in self.model_fields_set and not self.absent:
            raise ValueError("`for_ms` goes with `absent: true`; the time limit of `expect` is `within_ms`")
        wrong = self.model_fields_set & {"within_ms", "save", "refused"}
        if self.absent and wrong:
            raise ValueError(f"`{min(wrong)}` does not go with `absent: true`; remove one of them")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the request and save its options; with `absent`, check that none comes."""
        where = context.variables.resolve_expected(self.where)
        if self.absent:
            await context.requests.expect_none(self.expect, where, program=self.by, for_s=self.for_ms / 1000)
            return
        refused = None if self.refused is None else context.variables.resolve_expected(self.refused)
        options = await context.requests.expect(
            self.expect, where, refused=refused, program=self.by, within=self.within_ms / 1000
        )
        context.variables.save(self.save, options)

    def __str__(self) -> str:
        verb = "does not request" if self.absent else "requests"
        return f"{self.by or 'the program'} {verb} {self.expect}{f' {shown(self.where)}' if self.where else ''}"


def _check_type(name: str) -> str:
    known = [*webhook_events(), *CALLER_REQUESTS]
    if name in known:
        return name
    raise ValueError(f"{name!r} is not a webhook event{suggestion(name, known, label='known')}")


class ExpectedWebhook(Model):
    """A webhook that Daily sends to a program under test, and how the program answers."""

    webhook: Annotated[str, AfterValidator(_check_type)]
    """The type of the event, such as `dialout.answered`; `room_creation_api` is the request about a held caller,
    `sip_trunk.incoming` that about a call to a trunk, and `sip_trunk.test` the one before."""
    where: ExpectedFields = Field(default_factory=dict)
    """Expected fields of the payload."""
    status: Expected = "200"
    """The status with which the program answers."""

    @field_validator("where")
    @classmethod
    def _check_where(cls, fields: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        event_type = info.data.get("webhook")
        known = list(webhook_events().get(event_type, ())) if event_type else []
        for name in fields:
            if not name.startswith("$"):
                _check_known(name, known, str(event_type), key=name)
        return fields


class ExpectWebhook(Step):
    """Wait until a program under test has answered a webhook, after those matched before."""

    expect: ExpectedWebhook
    save: Saves | None = None
    """`{name: field}` saves a field of the payload for later steps."""
    within_ms: Milliseconds = 5000

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the answer and save fields of the payload."""
        payload = await context.requests.expect_answer(
            self.expect.webhook,
            context.variables.resolve_expected(self.expect.where),
            context.variables.resolve_expected(self.expect.status),
            within=self.within_ms / 1000,
        )
        context.variables.save(self.save, payload)

    def __str__(self) -> str:
        return f"the program answers {self.expect.webhook} with {shown(self.expect.status)}"
