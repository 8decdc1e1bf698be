"""A persona: a YAML file that says how a far end behaves, and that persona with the values of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, model_validator

from simulator.errors import ConfigurationError
from simulator.personas.parameters import Parameter, substituted, values_of
from simulator.personas.steps import Step, Steps, with_place
from simulator.validation_errors import KnownFieldsModel, as_configuration_error

_FORM = "a persona: about, parameters, phone, called, calling (docs/personas.md)"


class PersonaSteps(KnownFieldsModel):
    """The steps of a persona whose parameters have values."""

    called: Steps = ()
    calling: Steps = ()


class PersonaFile(KnownFieldsModel):
    """The contents of a persona's file, before its parameters have values."""

    about: Annotated[str, Field(min_length=1, max_length=300)]
    """What the far end does, in one or two sentences."""
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    """Its parameters, by name; `$name` stands for the value in `phone` and in the steps."""
    phone: dict[str, Any] = Field(default_factory=dict)
    """Fields of the phone other than the defaults, such as `codecs`."""
    called: list[Any] = Field(default_factory=list)
    """What it does with a call that it gets."""
    calling: list[Any] = Field(default_factory=list)
    """What it does in a call that it has dialled, once this is answered."""

    @model_validator(mode="after")
    def _check_it_does_something(self) -> PersonaFile:
        if not self.called and not self.calling:
            raise ValueError("a persona has steps: `called`, `calling`, or both")
        return self


@dataclass(frozen=True, slots=True)
class BoundPersona:
    """A persona whose parameters have values."""

    name: str
    called: tuple[Step, ...] = ()
    calling: tuple[Step, ...] = ()
    phone: Mapping[str, Any] = field(default_factory=dict)
    conversation: Callable[[], Any] | None = None
    """Makes the object of a class of the user's that plays the persona, in place of steps; see `python_persona`."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona that was read from a file."""

    name: str
    file: PersonaFile
    path: Path

    @classmethod
    def read(cls, path: Path) -> Persona:
        """Read a file. Raises ConfigurationError, which names the file and the place, if it is no usable persona."""
        try:
            tree = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only
            persona = cls(path.stem, PersonaFile.model_validate(tree), path)
            persona.bound({})
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
            raise ConfigurationError("persona", str(path), f"a YAML file: {' '.join(str(failure).split())}") from None
        except ValidationError as invalid:
            wrong = as_configuration_error(invalid)
            raise ConfigurationError("persona", str(path), f"{_FORM}; {wrong}") from None
        except ConfigurationError as wrong:
            raise ConfigurationError("persona", str(path), f"{_FORM}; {wrong}") from None
        return persona

    def bound(self, given: Mapping[str, Any]) -> BoundPersona:
        """Give the parameters values. Raises ConfigurationError, which names the parameter."""
        values = values_of(self.file.parameters, given, persona=self.name)
        steps = {"called": self.file.called, "calling": self.file.calling}
        try:
            script = PersonaSteps.model_validate(substituted(steps, values))
        except ValidationError as invalid:
            raise with_place(invalid) from None
        return BoundPersona(self.name, script.called, script.calling, substituted(self.file.phone, values))
