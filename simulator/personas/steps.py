"""The steps of a persona. Each is a mapping with one of these words, or the bare word: `answer`, `say: Hello`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from simulator.dtmf import check_digits
from simulator.errors import ConfigurationError
from simulator.useragent.messages import AudioCodec
from simulator.validation_errors import KnownFieldsModel, UnknownField, as_configuration_error, with_nearest

LONGEST_MS = 3_600_000
Milliseconds = Annotated[int, Field(ge=0, le=LONGEST_MS)]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_MS / 1000)]
Digits = Annotated[str, AfterValidator(check_digits)]


class Step(KnownFieldsModel):
    """One thing that a far end does. `word` is the field by which a step is recognised."""

    word: ClassVar[str]
    takes_call: ClassVar[bool] = False
    """Whether it rings, answers or refuses, or prepares the answer."""

    def __str__(self) -> str:
        return self.word.replace("_", " ")


class Ring(Step):
    """Ring for so many milliseconds (180); 0 does not ring."""

    word = "ring_ms"
    takes_call = True
    ring_ms: Milliseconds

    def __str__(self) -> str:
        return f"ring for {self.ring_ms} ms"


class RingForever(Step):
    """Ring until the caller gives up."""

    word = "ring_forever"
    takes_call = True
    ring_forever: None = None

    def __str__(self) -> str:
        return "ring until the caller gives up"


class EarlyMedia(Step):
    """Send 183 Session Progress with an SDP answer, so that the next sounds are heard before the answer."""

    word = "early_media"
    takes_call = True
    early_media: None = None

    def __str__(self) -> str:
        return "early media"


class Answer(Step):
    """Send 200 OK, and go on when it is acknowledged."""

    word = "answer"
    takes_call = True
    answer: None = None


class SessionTimer(Step):
    """Let the answer that follows set a session timer (RFC 4028), which the caller or the callee has to refresh.

    Where it is the callee, it never does, and the caller has to end the call.
    """

    word = "session_timer"
    takes_call = True
    session_timer: Literal["caller", "callee"]
    expires_s: Annotated[int, Field(ge=90, le=86_400)] = 90
    """How long the session lasts without a refresh; RFC 4028 §4 allows 90 s and more."""

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of the 200."""
        refresher = "uac" if self.session_timer == "caller" else "uas"
        return {"Session-Expires": f"{self.expires_s};refresher={refresher}", "Require": "timer"}

    def __str__(self) -> str:
        return f"session timer of {self.expires_s} s, refreshed by the {self.session_timer}"


class AnswerTwice(Step):
    """Send 200 OK, and let a second branch send one, too, as after forking (RFC 3261 §13.2.2.4)."""

    word = "answer_twice"
    takes_call = True
    answer_twice: None = None


class Refuse(Step):
    """Send a final response from 300 to 699 instead of an answer."""

    word = "refuse"
    takes_call = True
    refuse: Annotated[int, Field(ge=300, le=699)]
    reason: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)

    def __str__(self) -> str:
        return f"refuse with {self.refuse}"


class Say(Step):
    """Say a text, and go on when it has been said. An empty text says nothing."""

    word = "say"
    say: str
    seconds: Seconds = 0
    """How long it talks; 0 is as long as the text takes."""

    def __str__(self) -> str:
        return f"say “{self.say}”" + (f" for {self.seconds:g} s" if self.seconds else "")


class Tone(Step):
    """Send a tone of so many Hz, such as the beep of a voicemail."""

    word = "tone"
    tone: Annotated[float, Field(ge=20, lt=8000)]
    ms: Milliseconds = 400

    def __str__(self) -> str:
        return f"tone of {self.tone:g} Hz"


class Music(Step):
    """Play hold music for so many seconds."""

    word = "music_s"
    music_s: Seconds

    def __str__(self) -> str:
        return f"hold music for {self.music_s:g} s"


class Pause(Step):
    """Let so many milliseconds pass."""

    word = "pause_ms"
    pause_ms: Milliseconds

    def __str__(self) -> str:
        return f"pause of {self.pause_ms} ms"


class PauseSeconds(Step):
    """Let so many seconds pass."""

    word = "pause_s"
    pause_s: Seconds

    def __str__(self) -> str:
        return f"pause of {self.pause_s:g} s"


class Press(Step):
    """Send digits."""

    word = "press"
    press: Annotated[str, AfterValidator(lambda digits: check_digits(digits, pauses=True))]
    method: Literal["telephone-event", "sip-info", "in-band", "auto"] = "auto"

    def __str__(self) -> str:
        return f"press {self.press}"


class Hold(Step):
    """Put the caller on hold (re-INVITE with sendonly)."""

    word = "hold"
    hold: None = None


class Resume(Step):
    """Take the caller off hold (re-INVITE with sendrecv)."""

    word = "resume"
    resume: None = None


class Offer(Step):
    """Offer other codecs for the rest of the call (re-INVITE)."""

    word = "offer"
    offer: Annotated[tuple[AudioCodec, ...], Field(min_length=1)]

    def __str__(self) -> str:
        return f"offer {', '.join(self.offer)}"


class Transfer(Step):
    """Transfer the caller to a number or a SIP URI (REFER): at once, or with `attended` after a call to the target."""

    word = "transfer"
    transfer: str
    attended: bool = False
    """Call the target first, and connect the two calls (REFER with Replaces, RFC 5589 §7) once it has answered."""
    announce: str = ""
    """With `attended`: what the target is told before."""
    refers: Literal["caller", "target"] = "caller"
    """With `attended`: who is sent the REFER, and then takes the place of the far end in the other call."""

    def __str__(self) -> str:
        return f"transfer to {self.transfer}" + (f", attended, with a REFER to the {self.refers}" * self.attended)


class Lose(Step):
    """Lose all RTP of one direction from now on, so that only one side hears the other."""

    word = "lose"
    lose: Literal["from_phone", "to_phone"]

    def __str__(self) -> str:
        return f"lose all RTP {self.lose.replace('_', ' ')}"


class Record(Step):
    """Record the caller, until it has been silent for `until_silence_s`, at most for so many seconds."""

    word = "record_s"
    record_s: Seconds
    until_silence_s: Annotated[float, Field(ge=0.2, le=60)] = 2

    def __str__(self) -> str:
        return f"record for at most {self.record_s:g} s"


class WaitFor(Step):
    """Wait until the caller speaks, or is silent for a second; go on after `within_ms` in any case."""

    word = "wait_for"
    wait_for: Literal["speech", "silence"]
    within_ms: Milliseconds = 5000

    def __str__(self) -> str:
        return f"wait for {self.wait_for}"


class HangUp(Step):
    """End the call."""

    word = "hang_up"
    hang_up: None = None


class Again(Step):
    """Begin the menu again that this step stands in."""

    word = "again"
    again: None = None


def with_place(invalid: ValidationError) -> ConfigurationError:
    """The first error of steps, with the number of each step that it is in: `called.1.branches.2.steps.0.say`."""
    error = invalid.errors()[0]
    cause = error.get("ctx", {}).get("error")
    if not isinstance(cause, ConfigurationError) or isinstance(cause, UnknownField):
        return as_configuration_error(invalid)
    is_of_a_step = isinstance(error["input"], list | tuple)
    place = ".".join(map(str, (*error["loc"], *([cause.field] if is_of_a_step else []))))
    return ConfigurationError(place, cause.value, cause.allowed)


def _read_steps(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ConfigurationError("steps", value, "a list of steps, such as [answer, {say: Hello}]")
    return tuple(_read_step(each, index) for index, each in enumerate(value))


def _read_step(value: Any, index: int) -> Step:
    if isinstance(value, Step):
        return value
    if isinstance(value, str):
        value = {value: None}
    if not isinstance(value, Mapping):
        raise ConfigurationError(str(index), value, "a step, such as {say: Hello}")
    words = [word for word in value if word in STEPS]
    if len(words) != 1:
        given = next(iter(value), "")
        allowed = with_nearest(f"a step with one of the words {', '.join(STEPS)}", given, STEPS)
        raise ConfigurationError(str(index), dict(value), allowed)
    try:
        return STEPS[words[0]].model_validate(dict(value))
    except ValidationError as invalid:
        wrong = with_place(invalid)
        raise ConfigurationError(f"{index}.{wrong.field}", wrong.value, wrong.allowed) from None


Steps = Annotated[tuple[Step, ...], BeforeValidator(_read_steps)]
"""Steps in turn."""


class Branch(KnownFieldsModel):
    """What follows a choice of a menu. A text is its name and is said; a list are its steps."""

    name: str | None = None
    """Its name, in records and as `branch` of the call; by default its digits."""
    steps: Steps = ()
    """What the far end does then."""

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value, "steps": [{"say": value}]}
        return {"steps": value} if isinstance(value, list | tuple) else value


class Menu(Step):
    """Prompt, wait for digits, and go on with the branch that they choose; repeat after a wrong key or a time-out."""

    word = "menu"
    menu: str
    """Its name, in records and errors."""
    prompt: str
    """What it says; a digit interrupts it."""
    branches: Annotated[dict[Digits, Branch], Field(min_length=1)]
    """What follows each choice, by its digits."""
    wrong: str = ""
    """What it says after a wrong key, before it repeats the prompt."""
    within_ms: Milliseconds = 5000
    """How long it waits for each digit."""
    repeats: Annotated[int, Field(ge=0, le=20)] = 2
    """How often it repeats the prompt after wrong keys and time-outs."""
    interruptible: bool = True
    """Whether a digit interrupts the prompt; otherwise digits before its end do not count."""
    otherwise: Steps = (HangUp(),)
    """What follows when all repeats were in vain."""

    def __str__(self) -> str:
        return f"menu {self.menu!r}"


_OF_THE_ANSWER = (Ring, RingForever, EarlyMedia, SessionTimer, Answer, AnswerTwice, Refuse)
_OF_THE_CALL = (HangUp, Hold, Resume, Offer, Transfer, Lose)
_OF_SOUND = (Say, Tone, Music, Pause, PauseSeconds, Press, Record, WaitFor, Menu, Again)
STEPS: dict[str, type[Step]] = {step.word: step for step in (*_OF_THE_ANSWER, *_OF_THE_CALL, *_OF_SOUND)}
"""The steps by their words."""
