"""`rest`: what a program asks of Daily's REST API with the domain's key."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from scenarios.steps.base import Step
from scenarios.values import differences, shown
from scenarios.words import Fields, Milliseconds, Saves, Wanted
from simulator.errors import ExpectationFailed

if TYPE_CHECKING:
    from scenarios.stage import Stage

METHODS = ("GET", "POST", "PUT", "DELETE")

_ASK_AGAIN_AFTER_S = 0.02


def _call(text: str) -> str:
    method, _, path = text.partition(" ")
    if method not in METHODS or not path.startswith("/"):
        raise ValueError(f"{text!r} is no call; write {', '.join(METHODS)} and a path, such as `POST /rooms`")
    return text


class Rest(Step):
    """Call the REST API. `/v1` and the API key go without saying."""

    rest: Annotated[str, AfterValidator(_call)]
    """`POST /rooms/$room.name/sipCallTransfer`"""
    with_: dict[str, Any] | None = Field(default=None, alias="with")
    """The JSON body. Numbers, true, false and null are what JSON has; `=12` is the text 12."""
    status: Wanted = "200"
    """Of the answer."""
    answer: Fields = Field(default_factory=dict)
    """Fields of the answer, each compared."""
    save: Saves | None = None
    """`{name: field}` keeps a field of the answer for later steps."""

    within_ms: Milliseconds = 0
    """Of a GET: ask again until the answer is so, or this time has passed. Once when left out."""

    @model_validator(mode="after")
    def _only_reading_is_repeated(self) -> Rest:
        if self.within_ms and not self.rest.startswith("GET "):
            raise ValueError(f"`within_ms` goes with GET, not with {self.rest.partition(' ')[0]}")
        return self

    async def run(self, stage: Stage) -> None:
        """Call, and compare the answer."""
        method, _, path = stage.value(self.rest).partition(" ")
        body = None if self.with_ is None else _typed(stage.value(self.with_))
        deadline = asyncio.get_running_loop().time() + self.within_ms / 1000
        while True:
            status, answer = await stage.call_api(method, path, body)
            wrong = differences({"status": stage.wanted(self.status)}, {"status": status})
            wrong += differences(stage.wanted(self.answer), answer)
            if not wrong or asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(_ASK_AGAIN_AFTER_S)
        if wrong:
            raise ExpectationFailed(
                f"{self.rest} is answered {self.status} {shown(self.answer) if self.answer else ''}".rstrip(),
                nearest=f"{status} {shown(answer)}",
                because="; ".join(map(str, wrong)),
                happened=stage.happenings.told(),
            )
        stage.save(self.save, answer if isinstance(answer, dict) else {})

    def __str__(self) -> str:
        return self.rest


def _typed(written: Any) -> Any:
    """What was written, all of it text, with the types that JSON has."""
    if isinstance(written, dict):
        return {name: _typed(value) for name, value in written.items()}
    if isinstance(written, list):
        return [_typed(value) for value in written]
    if not isinstance(written, str):
        return written
    if written.startswith("="):
        return written[1:]
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return written if isinstance(value, str | dict | list) else value
