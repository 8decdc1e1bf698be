"""The kinds of steps, and the selection of the kind by a step's first word.

To add a kind: write a module with a subclass of `Step`, whose fields are its words and whose `run` performs it, and add
it to `AnyStep` under its first word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Discriminator, Tag

from scenarios.language.field_types import Model
from scenarios.language.program_verbs import VERBS
from scenarios.steps.base import Step
from scenarios.steps.carrier import AnyCarrierStep
from scenarios.steps.client import AcceptedRequest, RefusedRequest
from scenarios.steps.clock import AdvanceClock
from scenarios.steps.customer import AnyCustomerStep
from scenarios.steps.expect import Expect, ExpectDigits, ExpectNone
from scenarios.steps.expect_request import ExpectRequest, ExpectWebhook
from scenarios.steps.include import Include
from scenarios.steps.pause import Pause
from scenarios.steps.phone import PHONE_WORDS, AnyPhoneStep
from scenarios.steps.program import PROGRAM_WORDS, AnyProgramStep
from scenarios.steps.rest import RestRequest
from scenarios.steps.sound import SOUND_WORDS, AnySoundStep

STEP_WORDS = (
    "client",
    "rest",
    "customer",
    "phone",
    "participant",
    "hears_from",
    "program",
    "carrier",
    "expect",
    "expect_none",
    "pause_ms",
    "advance_clock_s",
    "include",
    "tracks",
)
"""The words that determine the kind of a step. The earliest in this order decides: a `phone` step may have `expect`."""


def _kind(step: Any) -> str | None:
    if not isinstance(step, dict):
        return None
    word = next((word for word in STEP_WORDS if word in step), None)
    if word == "client" and "fails" in step:
        word = "refused"
    if word == "expect":
        word = _kind_of_expectation(step["expect"])
    if word in ("participant", "hears_from") or (word == "phone" and _is_about_sound(step)):
        word = "sound"
    return word and f"<{word}>"


def _kind_of_expectation(expected: Any) -> str:
    if isinstance(expected, str) and expected in VERBS:
        return "request"
    if isinstance(expected, dict):
        return next((kind for word, kind in (("dtmf", "digits"), ("webhook", "webhook")) if word in expected), "expect")
    return "expect"


def _is_about_sound(step: dict[str, Any]) -> bool:
    """Whether a `phone` step has one of `SOUND_WORDS` and none of `PHONE_WORDS`."""
    return any(word in step for word in SOUND_WORDS) and not any(word in step for word in PHONE_WORDS)


AnyStep = Annotated[
    Annotated[AcceptedRequest, Tag("<client>")]
    | Annotated[RefusedRequest, Tag("<refused>")]
    | Annotated[RestRequest, Tag("<rest>")]
    | Annotated[AnyCustomerStep, Tag("<customer>")]
    | Annotated[AnyPhoneStep, Tag("<phone>")]
    | Annotated[AnySoundStep, Tag("<sound>")]
    | Annotated[AnyProgramStep, Tag("<program>")]
    | Annotated[AnyCarrierStep, Tag("<carrier>")]
    | Annotated[Expect, Tag("<expect>")]
    | Annotated[ExpectDigits, Tag("<digits>")]
    | Annotated[ExpectRequest, Tag("<request>")]
    | Annotated[ExpectWebhook, Tag("<webhook>")]
    | Annotated[ExpectNone, Tag("<expect_none>")]
    | Annotated[Pause, Tag("<pause_ms>")]
    | Annotated[AdvanceClock, Tag("<advance_clock_s>")]
    | Annotated[Include, Tag("<include>")],
    Discriminator(_kind, custom_error_type="no_word", custom_error_message="no word of a step"),
]


def step_models() -> list[tuple[str, type[Step]]]:
    """Every kind of step, with the words that a step of it begins with."""
    return [(_first_words(model), model) for model in dict.fromkeys(_models_in(AnyStep))]


def _first_words(model: type[Step]) -> str:
    """The word that decides the kind, with its value if there is only one, and the word of what a party does."""
    names = [field.alias or name for name, field in model.model_fields.items()]
    first = next(word for word in STEP_WORDS if word in names)
    annotation = model.model_fields[first].annotation
    values = get_args(annotation) if get_origin(annotation) is Literal else ()
    of_party = {"phone": (*PHONE_WORDS, *SOUND_WORDS), "program": PROGRAM_WORDS, "client": ("fails",)}
    second = next((word for word in of_party.get(first, ()) if word in names), None)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return f"`{first}: {{{next(iter(annotation.model_fields))}: …}}`"
    if second is not None:
        return f"`{first}`, `{second}`"
    return f"`{first}: {values[0]}`{' and others' if len(values) > 1 else ''}" if values else f"`{first}`"


def _models_in(annotation: Any) -> Iterator[type[Step]]:
    if isinstance(annotation, type) and issubclass(annotation, Step):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)
