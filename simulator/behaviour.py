"""What a phone is and how it takes its calls, as data: the same model in fixtures, scenarios and over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from simulator.numbers import SipAddress, check_number
from simulator.useragent.messages import AudioCodec, VideoCodec
from simulator.validation_errors import KnownFieldsModel

Outcome = Literal["answer", "busy", "decline", "no_answer", "wait", "drop", "reject"]

REFUSALS = {"busy": (486, "Busy Here"), "decline": (603, "Decline")}
"""What SIP says for an outcome that is a refusal by name."""


class CallPlan(KnownFieldsModel):
    """How one incoming call is taken. Written `busy`, or `{ring_ms: 200, then: answer}`, or `{status: 503}`."""

    ring_ms: int = Field(default=0, ge=0, le=600_000)
    """180 Ringing at once, and `then` so much later; 0 goes without ringing."""
    early_media: bool = False
    """Ring with 183 Session Progress and an SDP answer instead of 180."""
    then: Outcome = "answer"
    """`no_answer` rings for ever; `wait` rings until the test itself answers or refuses; `drop` answers and hangs
    up `after_ms` later; `reject` gives `status` and `reason`."""
    after_ms: int | None = Field(default=None, ge=0, le=3_600_000)
    status: int | None = Field(default=None, ge=300, le=699)
    reason: str | None = Field(default=None, max_length=200)
    headers: dict[str, str] = Field(default_factory=dict)
    """On the 200 or the refusal."""

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"then": value}
        if isinstance(value, dict) and "status" in value and "then" not in value:
            return {**value, "then": "reject"}
        return value

    @model_validator(mode="after")
    def _check_companions(self) -> CallPlan:
        if (self.then == "reject") != (self.status is not None):
            raise ValueError("`status` (300 to 699) goes with `then: reject`, and only with it")
        if self.reason is not None and self.then not in ("reject", "busy", "decline"):
            raise ValueError("`reason` goes with a refusal: `then: reject`, busy or decline")
        if (self.then == "drop") != (self.after_ms is not None):
            raise ValueError("`after_ms` goes with `then: drop`, and only with it")
        return self

    @property
    def refusal(self) -> tuple[int, str | None] | None:
        """Status and reason of the refusal that ends this plan, if it does."""
        if self.then in REFUSALS:
            status, reason = REFUSALS[self.then]
            return status, self.reason or reason
        return (self.status, self.reason) if self.status is not None else None


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


REFER_ANSWERS = {"refuse": (603, "Decline"), "follow": (202, "Accepted"), "cannot": (501, "Not Implemented")}
"""What a phone says when the other side of a call sends it elsewhere (RFC 3515)."""


class PhoneSpec(KnownFieldsModel):
    """A phone: who it is, what it speaks, and how it takes its calls in turn."""

    name: str | None = Field(default=None, min_length=1, max_length=100)
    """For messages and reports; `phone-1`, … when absent."""
    number: str | None = None
    """E.164."""
    uri: str | None = None
    """A SIP URI that leads to this phone, on any host: `sip:bob@example.com` never leaves the machine."""
    codecs: tuple[AudioCodec, ...] = Field(default=("PCMU", "PCMA"), min_length=1)
    """In order of preference."""
    telephone_event: bool = True
    """Whether it takes part in RFC 4733; without it only SIP INFO carries digits."""
    video: tuple[VideoCodec, ...] = ()
    """With a codec, a phone with video: it offers and takes it, shows a test card, and notes what it sees."""
    refers: Literal["refuse", "follow", "cannot"] = "refuse"
    """Whether it calls whom the other side of a call names in a REFER, if that is on this machine."""
    lines: int = Field(default=4, ge=1, le=4)
    """Calls at a time; one more is answered 486."""
    calls: Annotated[tuple[CallPlan, ...], BeforeValidator(_one_or_many)] = ()
    """How the incoming calls are taken, in turn; the last goes on for all further ones. Empty: answer."""

    @field_validator("number")
    @classmethod
    def _check_number(cls, number: str | None) -> str | None:
        return None if number is None else check_number(number)

    @field_validator("uri")
    @classmethod
    def _check_uri(cls, uri: str | None) -> str | None:
        return None if uri is None else str(SipAddress.parse(uri))

    def plan(self, call: int) -> CallPlan:
        """How the incoming call number `call` (from 0) is taken."""
        if not self.calls:
            return CallPlan()
        return self.calls[min(call, len(self.calls) - 1)]
