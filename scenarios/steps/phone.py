"""`phone`: what a person at a simulated phone does, hears and notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from scenarios.steps.base import Step
from scenarios.values import shown
from scenarios.words import Fields, Milliseconds, Saves, Text, Wanted
from simulator.dtmf import check_digits
from simulator.dtmf_senders import BAD_SENDERS, press_like
from simulator.errors import ConfigurationError
from simulator.useragent.messages import AudioCodec, VideoCodec

if TYPE_CHECKING:
    from scenarios.stage import Stage

Method = Literal["telephone-event", "sip-info", "in-band", "auto"]


def _keys(digits: str) -> str:
    return digits if digits.startswith("$") else check_digits(digits, pauses=True)


def _sender(name: str) -> str:
    if name not in BAD_SENDERS:
        raise ConfigurationError("press_like", name, ", ".join(BAD_SENDERS))
    return name


class PhoneStep(Step):
    """A step at one phone. It is about the phone's newest call unless `call` says which."""

    phone: str
    """Its name in `phones`."""
    call: Annotated[int, Field(ge=1)] | None = None
    """1 = the phone's first call of this scenario, 2 = its second, …"""


class Dial(PhoneStep):
    """Dial a number or a SIP URI."""

    dial: Text
    """`+12065550142`, `sip:…`, or what another step knows: `$room.sip_uri`, `$desk.number`."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Header fields of the INVITE."""
    display_name: str | None = None

    async def run(self, stage: Stage) -> None:
        """Done when the INVITE is out; what becomes of it is expected by another step."""
        await stage.phone(self.phone).dial(
            stage.value(self.dial),
            headers=stage.value(self.headers),
            display_name=stage.value(self.display_name),
        )

    def __str__(self) -> str:
        return f"{self.phone} dials {self.dial}"


class Press(PhoneStep):
    """Press keys during a call."""

    press: Annotated[Text, AfterValidator(_keys)]
    """0-9 A-D * #; a comma pauses for 1 s. `$room.dialin_code` dials what an earlier step or the room knows."""
    method: Method = "auto"
    """`auto`: telephone-event if the call has it, else SIP INFO; `in-band`: tones in the sound."""
    duration_ms: Annotated[int, Field(ge=40, le=10_000)] = 100
    """How long each key is held."""
    gap_ms: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Silence between two keys."""

    async def run(self, stage: Stage) -> None:
        """Done when the last key is released."""
        call = await stage.calls.of(self.phone, self.call)
        keys = check_digits(stage.value(self.press), pauses=True)
        await call.press(keys, method=self.method, duration_ms=self.duration_ms, gap_ms=self.gap_ms)

    def __str__(self) -> str:
        return f"{self.phone} presses {' '.join(self.press)} ({self.method}, {self.duration_ms} ms)"


class PressLike(PhoneStep):
    """Press keys as a bad sender does; docs/dtmf.md has all of them and what each must yield."""

    press_like: Annotated[str, AfterValidator(_sender)]
    """Its name, such as `no-marker`."""
    stream: Literal["same", "own"] = "same"
    """In the place of the phone's voice, or beside it with numbers of its own."""

    async def run(self, stage: Stage) -> None:
        """Done when the last packet is out."""
        call = await stage.calls.of(self.phone, self.call)
        await press_like(call, BAD_SENDERS[self.press_like], stream=self.stream)

    def __str__(self) -> str:
        return f"{self.phone} presses like {self.press_like}"


class Do(PhoneStep):
    """Pick up, hang up and the like. A phone that is about to be called waits for the call first."""

    do: Literal["answer", "ring", "reject", "hangup", "hold", "resume"]
    status: Annotated[int, Field(ge=300, le=699)] | None = None
    """Of `reject`: the SIP status, 486 when left out."""
    reason: str | None = None
    """Of `reject`."""

    @model_validator(mode="after")
    def _check_companions(self) -> Do:
        if self.do != "reject" and (self.status is not None or self.reason is not None):
            raise ValueError(f"`status` and `reason` go with `do: reject`, not with `do: {self.do}`")
        return self

    async def run(self, stage: Stage) -> None:
        """Done when the phone has done it."""
        call = await stage.calls.of(self.phone, self.call)
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
                await call.hold()
            case "resume":
                await call.resume()

    def __str__(self) -> str:
        verb = {"hangup": "hangs up", "reject": "rejects"}.get(self.do, f"{self.do}s")
        return f"{self.phone} {verb}"


class Offer(PhoneStep):
    """Change the codec in the middle of a call (re-INVITE)."""

    offer: Annotated[tuple[AudioCodec, ...], Field(min_length=1)]
    """The best first, such as `[G722, PCMU]`."""

    async def run(self, stage: Stage) -> None:
        """Done when the other side has taken one."""
        call = await stage.calls.of(self.phone, self.call)
        await call.change_codec(self.offer)

    def __str__(self) -> str:
        return f"{self.phone} offers {', '.join(self.offer)}"


class Hears(PhoneStep):
    """Wait until the phone has heard these digits, next and in this order; a wrong digit fails at once."""

    hears: Annotated[Text, AfterValidator(check_digits)]
    method: Literal["telephone-event", "sip-info"] | None = None
    """Any when left out."""
    duration_ms: Wanted | None = None
    """How long each digit lasts, such as `200±40`."""
    after_answer_ms: Wanted | None = None
    """When the first digit is over, counted from the answer, such as `1100±150`."""
    within_ms: Milliseconds = 5000

    async def run(self, stage: Stage) -> None:
        """Done when the last digit is over."""
        call = await stage.calls.of(self.phone, self.call)
        wanted = {"method": self.method, "duration_ms": stage.wanted(self.duration_ms)}
        await stage.calls.hears(
            call,
            self.hears,
            {name: value for name, value in wanted.items() if value is not None},
            after_answer_ms=stage.wanted(self.after_answer_ms),
            within=self.within_ms / 1000,
        )

    def __str__(self) -> str:
        return f"{self.phone} hears {' '.join(self.hears)}"


class Sees(PhoneStep):
    """Wait until the phone has seen so many more pictures of the other side's video."""

    sees: Annotated[int, Field(ge=1, le=1000)]
    codec: VideoCodec | None = None
    """Any when left out; another one fails at once."""
    within_ms: Milliseconds = 5000

    async def run(self, stage: Stage) -> None:
        """Done with the last picture."""
        call = await stage.calls.of(self.phone, self.call)
        await call.expect_video(codec=self.codec, pictures=self.sees, within=self.within_ms / 1000)

    def __str__(self) -> str:
        return f"{self.phone} sees {self.sees} pictures{f' in {self.codec}' if self.codec else ''}"


class Notices(PhoneStep):
    """Wait until the phone's call has come to a state, and look at its facts."""

    expect: Literal["call", "ringing", "answered", "held", "ended"]
    """`call`: an incoming one that no step has waited for yet."""
    headers: Fields = Field(default_factory=dict)
    """Header fields that the phone has received: of the INVITE when it was called, of the answer when it dialled."""
    status: Wanted | None = None
    """With `ended`: the SIP status, 200 after a hang-up."""
    reason: Wanted | None = None
    """With `ended`."""
    by: Literal["local", "remote", "worker"] | None = None
    """With `ended`: who did it; `local` is the phone itself, `worker` a process that died."""
    codec: Wanted | None = None
    """Negotiated, such as PCMU."""
    telephone_event: bool | None = None
    """Whether telephone-event was negotiated."""
    save: Saves | None = None
    """`{name: field}`; fields are those of this step and `sip_call_id`, `remote`, `remote_name`."""
    within_ms: Milliseconds = 5000

    @model_validator(mode="after")
    def _check_companions(self) -> Notices:
        endings = self.model_fields_set & {"status", "reason", "by"}
        if endings and self.expect != "ended":
            raise ValueError(f"`{min(endings)}` goes with `expect: ended`, not with `expect: {self.expect}`")
        return self

    async def run(self, stage: Stage) -> None:
        """Wait for the state, then compare."""
        names = ("headers", "status", "reason", "by", "codec", "telephone_event")
        wanted: dict[str, Any] = {
            name: stage.wanted(getattr(self, name)) for name in names if getattr(self, name) not in (None, {})
        }
        facts = await stage.calls.become(self.phone, self.call, self.expect, wanted, within=self.within_ms / 1000)
        stage.save(self.save, facts)

    def __str__(self) -> str:
        said = {
            "call": "is called",
            "ringing": "is ringing",
            "answered": "is through",
            "held": "is on hold",
            "ended": "notices the end",
        }[self.expect]
        facts = self.model_dump(include={"status", "codec"}, exclude_none=True)
        return f"{self.phone} {said}" + (f" {shown(facts)}" if facts else "")


PHONE_WORDS = ("dial", "press", "press_like", "do", "offer", "hears", "sees", "expect")
"""The word that says what a phone step is about; those of `sound` go with a phone, too."""


def _word(step: Any) -> str | None:
    return next((f"<{word}>" for word in PHONE_WORDS if word in step), None)


AnyPhoneStep = Annotated[
    Annotated[Dial, Tag("<dial>")]
    | Annotated[Press, Tag("<press>")]
    | Annotated[PressLike, Tag("<press_like>")]
    | Annotated[Do, Tag("<do>")]
    | Annotated[Offer, Tag("<offer>")]
    | Annotated[Hears, Tag("<hears>")]
    | Annotated[Sees, Tag("<sees>")]
    | Annotated[Notices, Tag("<expect>")],
    Discriminator(_word, custom_error_type="no_word", custom_error_message="no word of a phone step"),
]
