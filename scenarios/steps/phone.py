"""`phone`: what a simulated phone does, and expectations about its calls: digits, video and state."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Expected, ExpectedFields, Milliseconds, Model, Saves, Text
from scenarios.language.suggestions import suggestion
from scenarios.steps.base import Step
from simulator.differences import shown
from simulator.dtmf import check_digits
from simulator.dtmf_senders import BAD_SENDERS, press_like
from simulator.errors import ConfigurationError
from simulator.personas.steps import STEPS
from simulator.useragent.messages import AudioCodec
from simulator.video.negotiated import VideoCodec

DigitMethod = Literal["telephone-event", "sip-info", "in-band", "auto"]


def _check_pressed_digits(digits: str) -> str:
    return digits if digits.startswith("$") else check_digits(digits, pauses=True)


def _check_sender(name: str) -> str:
    if name not in BAD_SENDERS:
        raise ConfigurationError("press_like", name, ", ".join(BAD_SENDERS))
    return name


def _check_step_word(word: Any) -> Any:
    if isinstance(word, str) and not word.startswith(("$", "/")) and word not in STEPS:
        raise ValueError(f"{word!r} is not a step of personas{suggestion(word, STEPS, label='known')}")
    return word


class PhoneStep(Step):
    """Base of the steps about a phone: about its newest call, or about the one that `call` selects."""

    phone: str
    """The phone, by its name in `phones`."""
    call: Annotated[int, Field(ge=1)] | None = None
    """Number of the phone's call in this scenario, from 1; by default its newest call."""


class Dial(PhoneStep):
    """Dial a number or a SIP URI."""

    dial: Text
    """`+12065550142`, `sip:…`, or a variable: `$room.sip_uri`, `$desk.number`."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Additional header fields of the INVITE."""
    display_name: str | None = None
    """Display name in the From header field."""

    async def run(self, context: ScenarioContext) -> None:
        """Dial; return once the INVITE has been sent. Another step expects the outcome."""
        await context.phone(self.phone).dial(
            context.variables.resolve(self.dial),
            headers=context.variables.resolve(self.headers),
            display_name=context.variables.resolve(self.display_name),
        )

    def __str__(self) -> str:
        return f"{self.phone} dials {self.dial}"


class Press(PhoneStep):
    """Send digits during a call."""

    press: Annotated[Text, AfterValidator(_check_pressed_digits)]
    """0-9 A-D * #, and a comma for a pause of 1 s; or a variable such as `$room.dialin_code`."""
    method: DigitMethod = "auto"
    """`auto` is telephone-event if it was negotiated, else SIP INFO; `in-band` are tones in the audio."""
    duration_ms: Annotated[int, Field(ge=40, le=10_000)] = 100
    """Duration of each digit."""
    gap_ms: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Silence between two digits."""

    async def run(self, context: ScenarioContext) -> None:
        """Send the digits; return once the last one has ended."""
        call = await context.calls.find(self.phone, self.call)
        digits = check_digits(context.variables.resolve(self.press), pauses=True)
        await call.press(digits, method=self.method, duration_ms=self.duration_ms, gap_ms=self.gap_ms)

    def __str__(self) -> str:
        digits = self.press if "$" in self.press else " ".join(self.press)
        return f"{self.phone} presses {digits} ({self.method}, {self.duration_ms} ms)"


class PressLike(PhoneStep):
    """Send digits like a faulty sender. docs/dtmf.md lists the senders and the digits of each."""

    press_like: Annotated[str, AfterValidator(_check_sender)]
    """The name of the sender, such as `no-marker`."""
    stream: Literal["same", "own"] = "same"
    """`same` replaces the phone's audio packets; `own` is a parallel stream with an SSRC of its own."""

    async def run(self, context: ScenarioContext) -> None:
        """Send the packets; return once the last one has been sent."""
        call = await context.calls.find(self.phone, self.call)
        await press_like(call, BAD_SENDERS[self.press_like], stream=self.stream)

    def __str__(self) -> str:
        return f"{self.phone} presses like {self.press_like}"


class CallAction(PhoneStep):
    """Answer, ring, reject, hang up, hold or resume. Waits for the call if it has not arrived yet."""

    do: Literal["answer", "ring", "reject", "hangup", "hold", "resume"]
    status: Annotated[int, Field(ge=300, le=699)] | None = None
    """With `reject`: the SIP status; by default 486."""
    reason: str | None = None
    """With `reject`: the reason phrase."""
    music: bool = False
    """With `hold`: send music, 390 and 490 Hz in turn, until the phone resumes; otherwise silence."""

    @model_validator(mode="after")
    def _check_combination(self) -> CallAction:
        if self.do != "hold" and self.music:
            raise ValueError(f"`music` goes with `do: hold`, not with `do: {self.do}`")
        if self.do != "reject" and (self.status is not None or self.reason is not None):
            raise ValueError(f"`status` and `reason` go with `do: reject`, not with `do: {self.do}`")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Perform the action; return once the phone has sent its request or response."""
        call = await context.calls.find(self.phone, self.call)
        match self.do:
            case "answer":
                await call.answer()
            case "ring":
                await call.ring()
            case "reject":
                await call.reject(self.status or 486, self.reason)
            case "hangup":
                await call.hang_up()
            case "hold":
                await call.hold(music=self.music)
            case "resume":
                await call.resume()

    def __str__(self) -> str:
        verb = {"hangup": "hangs up"}.get(self.do, f"{self.do}s")
        return f"{self.phone} {verb}{' with music' if self.music else ''}"


class Offer(PhoneStep):
    """Change the codec of an established call, by re-INVITE."""

    offer: Annotated[tuple[AudioCodec, ...], Field(min_length=1)]
    """The offered codecs in order of preference, such as `[G722, PCMU]`."""

    async def run(self, context: ScenarioContext) -> None:
        """Send the offer; return once the peer has answered with one of the codecs."""
        call = await context.calls.find(self.phone, self.call)
        await call.change_codec(self.offer)

    def __str__(self) -> str:
        return f"{self.phone} offers {', '.join(self.offer)}"


class Hears(PhoneStep):
    """Wait until the next digits that the phone receives are these, in this order; a wrong digit fails immediately."""

    hears: Annotated[Text, AfterValidator(check_digits)]
    method: Literal["telephone-event", "sip-info"] | None = None
    """How the digits must have been sent; by default either way."""
    duration_ms: Expected | None = None
    """Duration of each digit, such as `200±40`."""
    after_answer_ms: Expected | None = None
    """Time from the answer to the end of the first digit, such as `1100±150`."""
    within_ms: Milliseconds = 5000

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the digits; return once the last one has ended."""
        call = await context.calls.find(self.phone, self.call)
        expected = {"method": self.method, "duration_ms": context.variables.resolve_expected(self.duration_ms)}
        await context.calls.expect_digits(
            call,
            self.hears,
            {name: value for name, value in expected.items() if value is not None},
            after_answer_ms=context.variables.resolve_expected(self.after_answer_ms),
            within=self.within_ms / 1000,
        )

    def __str__(self) -> str:
        return f"{self.phone} hears {' '.join(self.hears)}"


class Sees(PhoneStep):
    """Wait until the phone has received this many more pictures of the peer's video."""

    sees: Annotated[int, Field(ge=1, le=1000)]
    codec: VideoCodec | None = None
    """The expected codec, by default any; another one fails immediately."""
    within_ms: Milliseconds = 5000

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the pictures; return once the last one has been received."""
        call = await context.calls.find(self.phone, self.call)
        await call.expect_video(codec=self.codec, pictures=self.sees, within=self.within_ms / 1000)

    def __str__(self) -> str:
        return f"{self.phone} sees {self.sees} pictures{f' in {self.codec}' if self.codec else ''}"


class ExpectCallState(PhoneStep):
    """Wait until the phone's call reaches a state, and compare the call's properties."""

    expect: Literal["call", "ringing", "answered", "held", "ended"]
    """`call` is an incoming call that no earlier step has waited for."""
    headers: ExpectedFields = Field(default_factory=dict)
    """Expected header fields: of the INVITE if the phone was called, of the 200 response if it dialled."""
    status: Expected | None = None
    """With `ended`: the SIP status; 200 after a hang-up."""
    reason: Expected | None = None
    """With `ended`: the reason phrase."""
    by: Literal["local", "remote", "worker"] | None = None
    """With `ended`: who ended the call: `local` is the phone, `remote` the peer, `worker` a process that died."""
    codec: Expected | None = None
    """The negotiated codec, such as PCMU."""
    telephone_event: bool | None = None
    """Whether telephone-event was negotiated."""
    save: Saves | None = None
    """`{name: field}` saves a field of this step, `sip_call_id`, `remote` or `remote_name` for later steps."""
    within_ms: Milliseconds = 5000

    @model_validator(mode="after")
    def _check_combination(self) -> ExpectCallState:
        of_end = self.model_fields_set & {"status", "reason", "by"}
        if of_end and self.expect != "ended":
            raise ValueError(f"`{min(of_end)}` goes with `expect: ended`, not with `expect: {self.expect}`")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the state, compare the properties and save those named in `save`."""
        names = ("headers", "status", "reason", "by", "codec", "telephone_event")
        expected: dict[str, Any] = {
            name: context.variables.resolve_expected(getattr(self, name))
            for name in names
            if getattr(self, name) not in (None, {})
        }
        within = self.within_ms / 1000
        facts = await context.calls.expect_state(self.phone, self.call, self.expect, expected, within=within)
        context.variables.save(self.save, facts)

    def __str__(self) -> str:
        state = {
            "call": "is called",
            "ringing": "is ringing",
            "answered": "is in an answered call",
            "held": "is on hold",
            "ended": "notices the end of the call",
        }[self.expect]
        facts = self.model_dump(include={"status", "codec"}, exclude_none=True)
        return f"{self.phone} {state}" + (f" {shown(facts)}" if facts else "")


class ExpectedPosition(Model):
    """A position in the steps of a persona. Fields that are not named may have any value."""

    branch: Expected | None = None
    """The name of the innermost branch of a menu that it is in; the choice of the branch has it first."""
    menu: Expected | None = None
    """The name of the innermost menu that it is in."""
    step: Annotated[Expected, AfterValidator(_check_step_word)] | None = None
    """The word of the step that it begins, such as `record_s` or `hang_up`."""
    text: Expected | None = None
    """What it does or what has happened, in words, as in the report: `record for at most 60 s`."""
    digits: Expected | None = None
    """The digits that were heard as a choice in the menu."""

    @model_validator(mode="after")
    def _check_fields(self) -> ExpectedPosition:
        if not self.model_dump(exclude_none=True):
            raise ValueError("a position has one of the fields branch, menu, step, text or digits")
        return self


class ExpectPersona(PhoneStep):
    """Wait until the phone's persona reaches a position in its steps. Positions reached before count, too.

    Each of these steps looks only at the positions after the one that the last such step has found.
    """

    expect_persona: ExpectedPosition
    within_ms: Milliseconds = 5000

    async def run(self, context: ScenarioContext) -> None:
        """Wait until the persona of the phone reaches this position. Raises ExpectationFailed."""
        call = await context.calls.find(self.phone, self.call, only_active=False)
        expected = context.variables.resolve_expected(self.expect_persona.model_dump(exclude_none=True))
        await context.calls.expect_position(call, expected, within=self.within_ms / 1000)

    def __str__(self) -> str:
        return f"{self.phone} is at {shown(self.expect_persona.model_dump(exclude_none=True))}"


PHONE_WORDS = ("dial", "press", "press_like", "do", "offer", "hears", "sees", "expect", "expect_persona")
"""The words that determine the kind of a `phone` step, besides `steps.sound.SOUND_WORDS`."""


def _kind(step: Any) -> str | None:
    return next((f"<{word}>" for word in PHONE_WORDS if word in step), None)


AnyPhoneStep = Annotated[
    Annotated[Dial, Tag("<dial>")]
    | Annotated[Press, Tag("<press>")]
    | Annotated[PressLike, Tag("<press_like>")]
    | Annotated[CallAction, Tag("<do>")]
    | Annotated[Offer, Tag("<offer>")]
    | Annotated[Hears, Tag("<hears>")]
    | Annotated[Sees, Tag("<sees>")]
    | Annotated[ExpectCallState, Tag("<expect>")]
    | Annotated[ExpectPersona, Tag("<expect_persona>")],
    Discriminator(_kind, custom_error_type="no_word", custom_error_message="no word of a phone step"),
]
