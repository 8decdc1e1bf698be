"""Sound: what a phone (`phone: desk`) or a client (`participant: client`) sends, and what it must hear.

With `hears_from: client`, it is the room that must hear something from a program under test.

If each party hums a different frequency, the tones that a party hears show who is connected to it.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from fake_daily_server.handles.client import Client
from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.field_types import Milliseconds, Text
from scenarios.steps.base import Step
from simulator.dtmf import check_digits
from simulator.phone_call import PhoneCall

Party = PhoneCall | Client

Hertz = Annotated[float, Field(ge=20, lt=8000)]
Decibels = Annotated[float, Field(ge=-90, le=0)]
OnlyTrue = Annotated[Literal["true"], WithJsonSchema({"const": True})]
"""The only value of a flag such as `hush: true`."""


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Tones = Annotated[tuple[Hertz, ...], BeforeValidator(_as_list, json_schema_input_type=Hertz | list[Hertz])]


class SoundStep(Step):
    """Base of the steps about sound: of a phone's call (its newest, or number `call`), of a client, or of a program."""

    hears: ClassVar[bool] = False
    """Whether the party must hear something; otherwise it sends something."""

    phone: str | None = None
    """The phone, by its name in `phones`."""
    participant: str | None = None
    """The scripted client: `client`, or one of `clients`."""
    hears_from: str | None = None
    """The program under test, `client` or one of `programs`, from which its room must hear something."""
    call: Annotated[int, Field(ge=1)] | None = None
    """Number of the phone's call in this scenario, from 1; by default its newest call."""

    @model_validator(mode="after")
    def _check_party(self) -> SoundStep:
        parties = [word for word in ("phone", "participant", "hears_from") if getattr(self, word) is not None]
        if len(parties) > 1:
            raise ValueError(f"a step is about one party, not about `{'` and `'.join(parties)}`; remove one of them")
        if self.phone is None and self.call is not None:
            raise ValueError(f"`call` goes with `phone`, not with `{parties[0]}`")
        if self.hears_from is not None and not self.hears:
            raise ValueError("`hears_from` goes with expectations, such as `expect_speech: true`; use `participant`")
        return self

    @property
    def party_name(self) -> str:
        """The phone, the client or the room."""
        return self.phone or self.participant or f"the room, from {self.hears_from},"

    async def run(self, context: ScenarioContext) -> None:
        """Make the party send or hear the sound; return once sending has begun, or the sound has been heard."""
        if self.hears_from is not None:
            async with context.listening_to(self.hears_from) as listener:
                done = await self.perform(listener, context)
        else:
            done = await self.perform(await _party(context, self.party_name, self.call), context)
        if self.phone is None:
            context.timeline.append("sound", f"{self.party_name} {done}")

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Make the party send or hear the sound; return a description of this for the timeline."""
        raise NotImplementedError


class Hum(SoundStep):
    """Send a tone for `for_ms`, or until the party sends another sound."""

    hum: Hertz
    for_ms: Milliseconds | None = None
    """Duration of the tone; by default unlimited."""
    dbfs: Decibels = -20
    """Level in dBFS."""

    @property
    def time_limit_s(self) -> float:
        """0: the step does not wait for the end of the tone."""
        return 0

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Send the tone; return once it has begun."""
        await party.hum(self.hum, seconds=self.for_ms and self.for_ms / 1000, dbfs=self.dbfs)
        return f"hums {self.hum:g} Hz"

    def __str__(self) -> str:
        return f"{self.party_name} hums {self.hum:g} Hz"


class Say(SoundStep):
    """Send synthetic speech without words, for as long as saying the text takes."""

    say: Text
    dbfs: Decibels = -20
    """Level in dBFS."""
    wait: bool = False
    """Whether the step waits until everything has been said."""

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Send the speech; return once it has begun, with `wait` once it has ended."""
        await party.say(context.variables.resolve(self.say), dbfs=self.dbfs)
        if self.wait:
            await party.finish_talking()
        return f"says “{self.say}”"

    def __str__(self) -> str:
        return f"{self.party_name} says “{self.say}”"


class Play(SoundStep):
    """Send the audio of a WAV file (16-bit PCM)."""

    play: str
    """The file. A relative path starts at the folder of the scenario file."""

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Send the audio; return once it has begun."""
        await party.play(context.sound_file(self.play))
        return f"plays {self.play}"

    def __str__(self) -> str:
        return f"{self.party_name} plays {self.play}"


class Hush(SoundStep):
    """Stop all sound that `say`, `hum` and `play` have begun or queued."""

    hush: OnlyTrue

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Stop the sound; return once the party is silent."""
        await party.hush()
        return "is silent"

    def __str__(self) -> str:
        return f"{self.party_name} is silent"


class HearingStep(SoundStep):
    """Base of the steps in which the party must hear something."""

    hears: ClassVar[bool] = True


class ExpectTone(HearingStep):
    """Wait until the party hears a tone for 0.3 s, alone or among others."""

    expect_tone: Hertz
    within_ms: Milliseconds = 5000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for the tone."""
        await party.expect_tone(self.expect_tone, within=self.within_ms / 1000)
        return f"hears {self.expect_tone:g} Hz"

    def __str__(self) -> str:
        return f"{self.party_name} hears {self.expect_tone:g} Hz"


class ExpectTones(HearingStep):
    """Wait until the party hears exactly these tones together for 0.3 s."""

    expect_tones: Tones
    within_ms: Milliseconds = 5000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for the tones."""
        await party.expect_tones(self.expect_tones, within=self.within_ms / 1000)
        return f"hears {self._tones} Hz"

    @property
    def _tones(self) -> str:
        return " + ".join(f"{hz:g}" for hz in sorted(self.expect_tones))

    def __str__(self) -> str:
        return f"{self.party_name} hears {self._tones} Hz and nothing else"


class ExpectSilence(HearingStep):
    """Wait until the party hears silence for this many milliseconds without interruption."""

    expect_silence: Annotated[int, Field(ge=40, le=60_000)]
    below_dbfs: Decibels = -50
    """The level below which sound counts as silence."""
    within_ms: Milliseconds | None = None
    """Time limit for the end of the silence; by default 3 s more than its duration."""

    @property
    def time_limit_s(self) -> float:
        """Time limit for the end of the silence, in seconds."""
        return (self.within_ms or self.expect_silence + 3000) / 1000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for the silence."""
        await party.expect_silence(self.expect_silence / 1000, within=self.time_limit_s, below_dbfs=self.below_dbfs)
        return f"hears silence for {self.expect_silence} ms"

    def __str__(self) -> str:
        return f"{self.party_name} hears silence for {self.expect_silence} ms"


class ExpectSpeech(HearingStep):
    """Wait until the party hears speech, as opposed to noise and tones."""

    expect_speech: OnlyTrue
    within_ms: Milliseconds = 5000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for speech."""
        await party.expect_speech(within=self.within_ms / 1000)
        return "hears speech"

    def __str__(self) -> str:
        return f"{self.party_name} hears speech"


class ExpectWords(HearingStep):
    """Wait until the party hears these words; the function of the setting `transcriber` finds them."""

    expect_words: Text
    """A text, in any case, or a pattern: `/appointment/i`."""
    within_ms: Milliseconds = 10_000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for the words."""
        heard = await party.expect_words(self.expect_words, within=self.within_ms / 1000)
        return f"hears “{heard}”"

    def __str__(self) -> str:
        return f"{self.party_name} hears the words {self.expect_words}"


class ExpectInBandDigits(HearingStep):
    """Wait until the next in-band digits that the party hears are these; a wrong digit fails immediately."""

    expect_in_band: Annotated[Text, AfterValidator(check_digits)]
    within_ms: Milliseconds = 5000

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Wait for the digits; return once the last one has ended."""
        await party.expect_in_band_digits(self.expect_in_band, within=self.within_ms / 1000)
        return f"hears {self.expect_in_band} (in-band)"

    def __str__(self) -> str:
        return f"{self.party_name} hears {' '.join(self.expect_in_band)} in-band"


class ExpectLatency(SoundStep):
    """Check that another party hears this party's sound within this many milliseconds."""

    expect_latency: Annotated[int, Field(ge=1, le=5000)]
    to: str
    """The other party: a phone or a client."""
    within_ms: Milliseconds = 5000
    """Time limit for each of the three chirps of the measurement."""

    async def perform(self, party: Party, context: ScenarioContext) -> str:
        """Measure the latency with chirps."""
        other = await _party(context, self.to, None)
        ms = await party.expect_latency(other, at_most_ms=self.expect_latency, within=self.within_ms / 1000)
        return f"is heard by {self.to} after {ms:.0f} ms"

    def __str__(self) -> str:
        return f"{self.party_name} is heard by {self.to} within {self.expect_latency} ms"


SOUND_WORDS = (
    "hum",
    "say",
    "play",
    "hush",
    "expect_tone",
    "expect_tones",
    "expect_silence",
    "expect_speech",
    "expect_words",
    "expect_in_band",
    "expect_latency",
)
"""The words that determine the kind of a step about sound."""
HEARING_WORDS = ("expect_tone", "expect_tones", "expect_silence", "expect_speech", "expect_in_band")
"""Those of them with which the party must hear something."""


async def _party(context: ScenarioContext, name: str, call: int | None) -> Party:
    return await context.calls.find(name, call) if context.is_phone(name) else context.client(name).handle


def _kind(step: Any) -> str | None:
    return next((f"<{word}>" for word in SOUND_WORDS if word in step), None)


AnySoundStep = Annotated[
    Annotated[Hum, Tag("<hum>")]
    | Annotated[Say, Tag("<say>")]
    | Annotated[Play, Tag("<play>")]
    | Annotated[Hush, Tag("<hush>")]
    | Annotated[ExpectTone, Tag("<expect_tone>")]
    | Annotated[ExpectTones, Tag("<expect_tones>")]
    | Annotated[ExpectSilence, Tag("<expect_silence>")]
    | Annotated[ExpectSpeech, Tag("<expect_speech>")]
    | Annotated[ExpectWords, Tag("<expect_words>")]
    | Annotated[ExpectInBandDigits, Tag("<expect_in_band>")]
    | Annotated[ExpectLatency, Tag("<expect_latency>")],
    Discriminator(_kind, custom_error_type="no_word", custom_error_message="no word of a step of sound"),
]
