"""Sound: what a phone (`phone: desk`) or a client in the room (`participant: client`) says, and must hear.

Each party humming at a frequency of its own shows who hears whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from scenarios.steps.base import Step
from scenarios.words import Milliseconds, Text
from simulator.dtmf import check_digits

if TYPE_CHECKING:
    from fake_daily_server.handles.client import Client
    from scenarios.stage import Stage
    from simulator.phone_call import PhoneCall

Hertz = Annotated[float, Field(ge=20, lt=8000)]
Decibels = Annotated[float, Field(ge=-90, le=0)]
Yes = Annotated[Literal["true"], WithJsonSchema({"const": True})]
"""There is nothing to choose; the word itself says it."""


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Tones = Annotated[tuple[Hertz, ...], BeforeValidator(_as_list, json_schema_input_type=Hertz | list[Hertz])]


class SoundStep(Step):
    """A step of a phone's newest call, or of its call number `call`; or of a client in the room."""

    phone: str | None = None
    """Its name in `phones`."""
    participant: str | None = None
    """`client`, or one of `clients`."""
    call: Annotated[int, Field(ge=1)] | None = None
    """1 = the phone's first call of this scenario, 2 = its second, …"""

    @model_validator(mode="after")
    def _check_party(self) -> SoundStep:
        if self.phone is not None and self.participant is not None:
            raise ValueError("a step is about a `phone` or a `participant`, not about both")
        if self.participant is not None and self.call is not None:
            raise ValueError("`call` goes with `phone`")
        return self

    @property
    def who(self) -> str:
        """The name of the party."""
        return self.phone or self.participant or ""

    async def run(self, stage: Stage) -> None:
        """Done when the party has begun to say it, or has heard it."""
        done = await self.of(await _party(stage, self.who, self.call), stage)
        if self.participant is not None:
            stage.happenings.add("sound", f"{self.who} {done}")

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """Let the party do it; returns the words for it."""
        raise NotImplementedError


class Hum(SoundStep):
    """Hum a tone, until something else is said or for so long."""

    hum: Hertz
    for_ms: Milliseconds | None = None
    """Without end when left out."""
    dbfs: Decibels = -20

    @property
    def takes_at_most_s(self) -> float:
        """It does not wait for its end."""
        return 0

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """The hum has begun."""
        await party.hum(self.hum, seconds=self.for_ms and self.for_ms / 1000, dbfs=self.dbfs)
        return f"hums {self.hum:g} Hz"

    def __str__(self) -> str:
        return f"{self.who} hums {self.hum:g} Hz"


class Say(SoundStep):
    """Say something: sound with the statistics of speech, as long as saying the text takes."""

    say: Text
    dbfs: Decibels = -20
    wait: bool = False
    """True: the step is done when all is said."""

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """The talk has begun, or is over."""
        await party.say(stage.value(self.say), dbfs=self.dbfs)
        if self.wait:
            await party.finish_talking()
        return f"says “{self.say}”"

    def __str__(self) -> str:
        return f"{self.who} says “{self.say}”"


class Hush(SoundStep):
    """Be silent; what waits to be said is forgotten."""

    hush: Yes

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """It is silent."""
        await party.hush()
        return "is silent"

    def __str__(self) -> str:
        return f"{self.who} is silent"


class ExpectTone(SoundStep):
    """A tone is heard, alone or among others."""

    expect_tone: Hertz
    within_ms: Milliseconds = 5000

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """It sounded for 0.3 s."""
        await party.expect_tone(self.expect_tone, within=self.within_ms / 1000)
        return f"hears {self.expect_tone:g} Hz"

    def __str__(self) -> str:
        return f"{self.who} hears {self.expect_tone:g} Hz"


class ExpectTones(SoundStep):
    """Exactly these tones are heard at once: none is missing, none is more."""

    expect_tones: Tones
    within_ms: Milliseconds = 5000

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """They sounded for 0.3 s."""
        await party.expect_tones(self.expect_tones, within=self.within_ms / 1000)
        return f"hears {self._tones} Hz"

    @property
    def _tones(self) -> str:
        return " + ".join(f"{hz:g}" for hz in sorted(self.expect_tones))

    def __str__(self) -> str:
        return f"{self.who} hears {self._tones} Hz and nothing else"


class ExpectSilence(SoundStep):
    """Nothing is heard for so many milliseconds on end."""

    expect_silence: Annotated[int, Field(ge=40, le=60_000)]
    below_dbfs: Decibels = -50
    within_ms: Milliseconds | None = None
    """When the silence must be over; 3 s more than it lasts when left out."""

    @property
    def takes_at_most_s(self) -> float:
        """Until the silence must be over."""
        return (self.within_ms or self.expect_silence + 3000) / 1000

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """The silence lasted."""
        await party.expect_silence(self.expect_silence / 1000, within=self.takes_at_most_s, below_dbfs=self.below_dbfs)
        return f"hears silence for {self.expect_silence} ms"

    def __str__(self) -> str:
        return f"{self.who} hears silence for {self.expect_silence} ms"


class ExpectSpeech(SoundStep):
    """Somebody is heard to talk."""

    expect_speech: Yes
    within_ms: Milliseconds = 5000

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """It was speech, not noise nor tones."""
        await party.expect_speech(within=self.within_ms / 1000)
        return "hears speech"

    def __str__(self) -> str:
        return f"{self.who} hears speech"


class ExpectKeys(SoundStep):
    """These keys are heard as tones, next and in this order; a wrong one fails at once."""

    expect_in_band: Annotated[Text, AfterValidator(check_digits)]
    within_ms: Milliseconds = 5000

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """The last key is over."""
        await party.expect_in_band_digits(self.expect_in_band, within=self.within_ms / 1000)
        return f"hears {self.expect_in_band} (in-band)"

    def __str__(self) -> str:
        return f"{self.who} hears {' '.join(self.expect_in_band)} in-band"


class ExpectLatency(SoundStep):
    """What the party says is heard by another within so many milliseconds."""

    expect_latency: Annotated[int, Field(ge=1, le=5000)]
    to: str
    """A phone or a client."""
    within_ms: Milliseconds = 5000
    """For each of three chirps to be heard at all."""

    async def of(self, party: PhoneCall | Client, stage: Stage) -> str:
        """Measured with chirps."""
        other = await _party(stage, self.to, None)
        ms = await party.expect_latency(other, at_most_ms=self.expect_latency, within=self.within_ms / 1000)
        return f"is heard by {self.to} after {ms:.0f} ms"

    def __str__(self) -> str:
        return f"{self.who} is heard by {self.to} within {self.expect_latency} ms"


SOUND_WORDS = (
    "hum",
    "say",
    "hush",
    "expect_tone",
    "expect_tones",
    "expect_silence",
    "expect_speech",
    "expect_in_band",
    "expect_latency",
)
"""The word that says what a step of sound is about."""


async def _party(stage: Stage, name: str, call: int | None) -> PhoneCall | Client:
    return await stage.calls.of(name, call) if stage.is_phone(name) else stage.seat(name).client


def _word(step: Any) -> str | None:
    return next((f"<{word}>" for word in SOUND_WORDS if word in step), None)


AnySoundStep = Annotated[
    Annotated[Hum, Tag("<hum>")]
    | Annotated[Say, Tag("<say>")]
    | Annotated[Hush, Tag("<hush>")]
    | Annotated[ExpectTone, Tag("<expect_tone>")]
    | Annotated[ExpectTones, Tag("<expect_tones>")]
    | Annotated[ExpectSilence, Tag("<expect_silence>")]
    | Annotated[ExpectSpeech, Tag("<expect_speech>")]
    | Annotated[ExpectKeys, Tag("<expect_in_band>")]
    | Annotated[ExpectLatency, Tag("<expect_latency>")],
    Discriminator(_word, custom_error_type="no_word", custom_error_message="no word of a step of sound"),
]
