"""`program`: what a program under test does as a whole: that it joins, prints, leaves and ends."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Tag, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from scenarios.context.scenario_context import ScenarioContext
from scenarios.language.comparison import check_text
from scenarios.language.field_types import Milliseconds, Saves, Text
from scenarios.language.suggestions import suggestion
from scenarios.steps.base import Step
from simulator.patterns import as_pattern


class ProgramStep(Step):
    """Base of the steps about a program under test."""

    program: str
    """The program: `client`, or one of `programs`."""


class ExpectProgram(ProgramStep):
    """Wait until the program is in a room, has left it, or has ended by itself."""

    expect: Literal["joined", "left", "ended"]
    exit_code: int | None = None
    """With `ended`: the exit status that it must have; by default 0, or the `exit_code` of the program."""
    within_ms: Milliseconds = 5000

    @model_validator(mode="after")
    def _check_combination(self) -> ExpectProgram:
        if self.exit_code is not None and self.expect != "ended":
            raise ValueError("`exit_code` goes with `expect: ended`")
        return self

    async def run(self, context: ScenarioContext) -> None:
        """Wait until the program has reached the state."""
        program, within = context.programs[self.program], self.within_ms / 1000
        if self.expect == "joined":
            await program.expect_joined(within=within)
        elif self.expect == "left":
            await program.expect_left(within=within)
        else:
            await program.expect_end(self.exit_code, within=within)

    def __str__(self) -> str:
        status = "" if self.exit_code is None else f" with status {self.exit_code}"
        verb = {"joined": "has joined a room", "left": "has left its room", "ended": "has ended"}[self.expect]
        return f"{self.program} {verb}{status}"


class Prints(ProgramStep):
    """Wait until the program has printed a line with this text, or with a match of the pattern."""

    prints: Annotated[Text, AfterValidator(check_text)]
    save: Saves | None = None
    """`{name: group}` saves what a named group of the pattern matches: `/call (?P<id>[0-9a-f-]+)/`."""
    within_ms: Milliseconds = 5000

    @field_validator("save")
    @classmethod
    def _check_groups(cls, save: dict[str, str] | None, info: ValidationInfo) -> dict[str, str] | None:
        pattern = as_pattern(info.data.get("prints", ""))
        names = pattern.names if pattern else ()
        for name, group in (save or {}).items():
            if group not in names:
                text = (
                    f"`prints` has no group {group!r}{suggestion(group, names, label='it has')}; write (?P<{group}>…)"
                )
                raise PydanticCustomError("wrong_key", "{text}", {"key": name, "text": text})
        return save

    async def run(self, context: ScenarioContext) -> None:
        """Wait for the line, and save what groups match; lines printed before count, too."""
        text = str(context.variables.resolve(self.prints))
        line = await context.programs[self.program].process.wait_for_output(text, within=self.within_ms / 1000)
        pattern = as_pattern(text)
        context.variables.save(self.save, pattern.groups(line) if pattern else {})

    def __str__(self) -> str:
        return f"{self.program} prints {self.prints}"


PROGRAM_WORDS = ("expect", "prints")
"""The words that determine the kind of a `program` step."""


def _kind(step: Any) -> str | None:
    return next((f"<{word}>" for word in PROGRAM_WORDS if isinstance(step, dict) and word in step), None)


AnyProgramStep = Annotated[
    Annotated[ExpectProgram, Tag("<expect>")] | Annotated[Prints, Tag("<prints>")],
    Discriminator(_kind, custom_error_type="no_word", custom_error_message="no word of a program step"),
]
