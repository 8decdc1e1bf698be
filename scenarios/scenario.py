"""The model of a whole scenario file: its set-up and its steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field
from pydantic import Tag as PydanticTag

from scenarios.language.field_types import Milliseconds
from scenarios.scenario_setup import ScenarioSetup
from scenarios.steps import AnyStep
from scenarios.steps.base import Step
from scenarios.steps.tracks import Tracks


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Tag = Annotated[str, Field(pattern=r"^[A-Za-z]\w{0,39}$")]


def _kind(step: Any) -> str:
    return "<tracks>" if isinstance(step, Tracks) or (isinstance(step, dict) and "tracks" in step) else "<step>"


StepOrTracks = Annotated[
    Annotated[AnyStep, PydanticTag("<step>")] | Annotated[Tracks, PydanticTag("<tracks>")], Discriminator(_kind)
]


class Scenario(ScenarioSetup):
    """One test: a room with clients and phones, and the steps to run.

    When a file is read, `include`, `parameters` and `cases` are replaced by what they stand for.
    """

    steps: Annotated[tuple[StepOrTracks, ...], Field(min_length=1)]
    """The steps, in the order in which they run."""
    include: str | tuple[str, ...] | None = None
    """Files whose rooms, clients, programs, phones, numbers and settings are added, unless this file has its own."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Values that stand wherever the file says `$name`, unless a case has its own."""
    cases: tuple[dict[str, Any], ...] = ()
    """Rows of a table: each is a scenario of its own, with a `name` and values of parameters."""
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])] = ()
    """Words by which `run -t` and `pytest -m` choose scenarios."""
    expected_failure: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Why the scenario must fail, for now; if it passes, that is a failure."""
    runs: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many times it is run; it passes if all runs pass."""
    time_limit_ms: Milliseconds | None = None
    """How long all steps together may take; by default there is only the limit of each step."""

    def all_steps(self) -> Iterator[tuple[tuple[str | int, ...], Step]]:
        """Every step with its path in the file, those of tracks included, in the order of the file."""
        for index, step in enumerate(self.steps):
            if isinstance(step, Tracks):
                for name, steps in step.tracks.items():
                    yield from ((("steps", index, "tracks", name, number), each) for number, each in enumerate(steps))
            else:
                yield ("steps", index), step
