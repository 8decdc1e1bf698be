"""Specification of a phone and of how it takes calls; shared by fixtures, scenario files and `/_sim`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from simulator.errors import ConfigurationError
from simulator.noise_spec import NoiseSpec
from simulator.numbers import SipAddress, check_number
from simulator.registering.spec import RegisterSpec
from simulator.useragent.messages import MAX_CALLS, AudioCodec
from simulator.validation_errors import KnownFieldsModel, UnknownField, with_nearest
from simulator.video.negotiated import VideoCodec

BareOutcome = Literal["answer", "busy", "decline", "no_answer", "wait"]
"""The outcomes that can stand alone, as in `calls: busy`; `drop` requires `after_ms`, and `reject` a `status`."""
Outcome = Literal[BareOutcome, "drop", "reject"]

REFUSALS = {"busy": (486, "Busy Here"), "decline": (603, "Decline")}
"""SIP status and reason of the refusals that have a name."""


class CallPlan(KnownFieldsModel):
    """How a phone takes one incoming call: `busy`, or `{ring_ms: 200, then: answer}`, or `{status: 503}`."""

    ring_ms: int = Field(default=0, ge=0, le=600_000)
    """Milliseconds for which the phone rings (180 Ringing) before `then`; with 0 it does not ring."""
    early_media: bool = False
    """Send 183 Session Progress with an SDP answer instead of 180."""
    then: Outcome = "answer"
    """`no_answer` rings without end; `wait` rings until the test answers or refuses the call; `drop` answers, and hangs
    up after `after_ms`; `reject` refuses with `status` and `reason`."""
    after_ms: int | None = Field(default=None, ge=0, le=3_600_000)
    status: int | None = Field(default=None, ge=300, le=699)
    reason: str | None = Field(default=None, max_length=200)
    headers: dict[str, str] = Field(default_factory=dict)
    """Header fields of the 200 response, or of the refusal."""

    @property
    def explanation(self) -> str | None:
        """How a phone with this plan rings, if it does, for errors about calls that are not answered."""
        if self.then in ("no_answer", "wait"):
            return f"keeps ringing as planned (calls: {self.then})"
        if self.ring_ms:
            return f"rings for {self.ring_ms / 1000:g} s as planned, then: {self.then} (calls: ring_ms)"
        return None

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            if value not in get_args(Outcome):
                words = get_args(BareOutcome)
                raise ConfigurationError("calls", value, with_nearest(f"one of {', '.join(words)}", value, words))
            return {"then": value}
        if isinstance(value, dict) and "status" in value and "then" not in value:
            return {**value, "then": "reject"}
        return value

    @model_validator(mode="after")
    def _check_companions(self) -> CallPlan:
        if (self.then == "reject") != (self.status is not None):
            raise ValueError("`then: reject` requires a `status` (300 to 699); other outcomes have none")
        if self.reason is not None and self.then not in ("reject", "busy", "decline"):
            raise ValueError("`reason` goes only with refusals: `then: reject`, busy or decline")
        if (self.then == "drop") != (self.after_ms is not None):
            raise ValueError("`then: drop` requires `after_ms`; other outcomes do not have it")
        return self

    @property
    def refusal(self) -> tuple[int, str | None] | None:
        """Status and reason phrase of the refusal, if the plan is one; otherwise None."""
        if self.then in REFUSALS:
            status, reason = REFUSALS[self.then]
            return status, self.reason or reason
        return (self.status, self.reason) if self.status is not None else None


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


REFER_ANSWERS = {"refuse": (603, "Decline"), "follow": (202, "Accepted"), "cannot": (501, "Not Implemented")}
"""The responses of a phone to a REFER (RFC 3515) from the peer, by the value of `refers`."""


def _python_persona(value: Any) -> Any:
    """`module:Class` of `{python: module:Class}`."""
    if not isinstance(value, Mapping):
        return value
    if [*value] != ["python"] or not isinstance(value["python"], str) or ":" not in value["python"]:
        raise ConfigurationError("persona", dict(value), "{python: module:Class}, or the name of a persona")
    return value["python"]


_PERSONA_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"python": {"type": "string"}},
            "required": ["python"],
            "additionalProperties": False,
        },
        {"type": "null"},
    ]
}


class PhoneSpec(KnownFieldsModel):
    """A phone: its name and number, its codecs, and how it takes its incoming calls."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    """Name in errors and reports; by default the number, the URI, or `phone-1`, …"""
    number: str | None = None
    """Telephone number in E.164."""
    uri: str | None = None
    """SIP URI of this phone. Its host is simulated: calls to `sip:bob@example.com` do not leave this machine."""
    codecs: tuple[AudioCodec, ...] = Field(default=("PCMU", "PCMA"), min_length=1)
    """Audio codecs, in the order of the phone's own offers; others are answered in the order of the offer."""
    telephone_event: bool = True
    """Whether the phone negotiates telephone-event (RFC 4733); otherwise it sends digits as SIP INFO."""
    video: tuple[VideoCodec, ...] = ()
    """Video codecs, in the order of the phone's offers. With any, it sends test cards and examines received video."""
    refers: Literal["refuse", "follow", "cannot"] = "refuse"
    """Reaction to a REFER: refuse it (603), call its target if this is on this machine, or respond with 501."""
    forward_to: str | None = None
    """SIP URI of a real peer, such as a softphone on this machine, that takes the calls to `number` instead."""
    dial_delay_ms: int = Field(default=0, ge=0, le=600_000)
    """Post-dial delay: milliseconds from an incoming call to the phone's first response, such as 180 or 486."""
    lines: int = Field(default=4, ge=1, le=200)
    """Maximum number of simultaneous calls; further ones are refused with 486. Each four lines take a process."""
    calls: Annotated[tuple[CallPlan, ...], BeforeValidator(_as_list)] = ()
    """The plans for incoming calls, in turn; the last applies to all further calls. By default the phone answers."""
    noise: NoiseSpec | None = None
    """Noise in the background of all that the phone sends."""
    registration: RegisterSpec | None = Field(default=None, alias="register")
    """Where and as whom the phone registers. It takes the calls to that address, too, and calls from it."""
    persona: Annotated[str | None, BeforeValidator(_python_persona), WithJsonSchema(_PERSONA_SCHEMA)] = None
    """The persona that takes the phone's calls in place of `calls`, such as `voicemail`; docs/personas.md has all.
    `{python: module:Class}` is a class of one's own."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters of the persona. They may also stand beside `persona`: `{persona: voicemail, greeting_s: 1}`."""

    @model_validator(mode="before")
    @classmethod
    def _take_parameters(cls, value: Any) -> Any:
        """Move fields that a phone does not have to `parameters`, if there is a persona that may have them."""
        if not isinstance(value, dict) or value.get("persona") is None:
            return value
        fields = {field.alias or name for name, field in cls.model_fields.items()}
        beside = {name: value[name] for name in value if name not in fields}
        if not beside:
            return value
        own = {name: value[name] for name in value if name in fields}
        return {**own, "parameters": {**own.get("parameters", {}), **beside}}

    @field_validator("number")
    @classmethod
    def _check_number(cls, number: str | None) -> str | None:
        return None if number is None else check_number(number)

    @field_validator("uri", "forward_to")
    @classmethod
    def _check_uri(cls, uri: str | None, info: ValidationInfo) -> str | None:
        return None if uri is None else str(SipAddress.parse(uri, name=str(info.field_name)))

    @model_validator(mode="after")
    def _check_forwarding(self) -> PhoneSpec:
        if self.forward_to is None:
            return self
        if self.number is None:
            raise ValueError("`forward_to` requires a `number`, whose calls are forwarded")
        for name, field in type(self).model_fields.items():
            if name not in ("name", "number", "forward_to") and getattr(self, name) != field.get_default(
                call_default_factory=True
            ):
                raise ValueError(
                    f"`{field.alias or name}` has no effect beside `forward_to`: {self.forward_to} takes the calls"
                )
        return self

    @model_validator(mode="after")
    def _check_persona(self) -> PhoneSpec:
        if self.parameters and self.persona is None:
            given = next(iter(self.parameters))
            raise UnknownField(given, self.parameters[given], [*type(self).model_fields])
        if self.calls and self.persona is not None:
            raise ValueError("`calls` has no effect beside `persona`, which takes the calls; give one of the two")
        return self

    @property
    def workers(self) -> int:
        """Number of worker processes that its lines need."""
        return -(-self.lines // MAX_CALLS)

    @property
    def busy(self) -> str:
        """Why the phone neither takes nor makes another call when it has as many as it has lines."""
        return f"all {self.lines} lines are in use (lines)" if self.lines > 1 else "the only line is in use (lines)"

    @property
    def is_played_by_class(self) -> bool:
        """Whether the persona is a class of the user's, `module:Class`."""
        return self.persona is not None and ":" in self.persona

    def plan(self, call: int) -> CallPlan:
        """The plan of the incoming call with index `call`, counted from 0."""
        if not self.calls:
            return CallPlan()
        return self.calls[min(call, len(self.calls) - 1)]
