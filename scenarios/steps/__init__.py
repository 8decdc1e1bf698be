"""The kinds of steps, and how a step is told by its first word.

A new kind is a module here: a subclass of `Step` with its words as fields and a `run`. It joins `AnyStep` below
under the word that tells it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from scenarios.steps.carrier import AnyCarrierStep
from scenarios.steps.client import Asked, Refused
from scenarios.steps.clock import AdvanceClock
from scenarios.steps.customer import AnyCustomerStep
from scenarios.steps.expect import Expect, ExpectDigits, ExpectNone
from scenarios.steps.pause import Pause
from scenarios.steps.phone import PHONE_WORDS, AnyPhoneStep
from scenarios.steps.rest import Rest
from scenarios.steps.sound import SOUND_WORDS, AnySoundStep

STEP_WORDS = (
    "client",
    "rest",
    "customer",
    "phone",
    "participant",
    "carrier",
    "expect",
    "expect_none",
    "pause_ms",
    "advance_clock_s",
)
"""What tells a step, most telling first: a phone step may have an `expect` of its own."""


def _kind(step: Any) -> str | None:
    if not isinstance(step, dict):
        return None
    word = next((word for word in STEP_WORDS if word in step), None)
    if word == "client" and "fails" in step:
        word = "refused"
    if word == "expect" and isinstance(step["expect"], dict) and "dtmf" in step["expect"]:
        word = "digits"
    if word == "participant" or (word == "phone" and _is_sound(step)):
        word = "sound"
    return word and f"<{word}>"


def _is_sound(step: dict[str, Any]) -> bool:
    """Whether a phone step is about what is said and heard."""
    return any(word in step for word in SOUND_WORDS) and not any(word in step for word in PHONE_WORDS)


AnyStep = Annotated[
    Annotated[Asked, Tag("<client>")]
    | Annotated[Refused, Tag("<refused>")]
    | Annotated[Rest, Tag("<rest>")]
    | Annotated[AnyCustomerStep, Tag("<customer>")]
    | Annotated[AnyPhoneStep, Tag("<phone>")]
    | Annotated[AnySoundStep, Tag("<sound>")]
    | Annotated[AnyCarrierStep, Tag("<carrier>")]
    | Annotated[Expect, Tag("<expect>")]
    | Annotated[ExpectDigits, Tag("<digits>")]
    | Annotated[ExpectNone, Tag("<expect_none>")]
    | Annotated[Pause, Tag("<pause_ms>")]
    | Annotated[AdvanceClock, Tag("<advance_clock_s>")],
    Discriminator(_kind, custom_error_type="no_word", custom_error_message="no word of a step"),
]
