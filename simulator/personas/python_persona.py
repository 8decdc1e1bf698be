"""A persona in Python: a class of the user's that is told what was heard, and returns what to say or press.

It is the place for a caller who is played by a model. docs/personas.md has an example.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol, Union

from pydantic import ValidationError

from simulator.errors import ConfigurationError
from simulator.personas.persona import BoundPersona, PersonaSteps
from simulator.personas.steps import Step
from simulator.validation_errors import as_configuration_error

FORM = "module:Class, a class of yours with a method `heard`"
_NAME = re.compile(r"[\w.]+:\w+")

HeardKind = Literal["called", "answered", "digit", "speech", "tone", "noise", "silence"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the far end has heard, or that its call has begun.

    `called` comes first in an incoming call, `answered` when the call has media.
    """

    kind: HeardKind
    text: str = ""
    """The caller's SIP URI with `called`, the digit with `digit`, the words of `speech` if there is a transcriber."""
    seconds: float = 0
    """How long it has lasted, with `speech`, `tone`, `noise` and `silence`."""
    hz: tuple[float, ...] = ()
    """The frequencies of a `tone`, loudest first."""

    def __str__(self) -> str:
        what = " + ".join(f"{hz:.0f}" for hz in self.hz) + " Hz" if self.hz else f"“{self.text}”" if self.text else ""
        length = f"for {self.seconds:.1f} s" if self.seconds else ""
        return " ".join(filter(None, (self.kind, what, length)))


Reply = Union[str, Mapping[str, Any], Iterable[str | Mapping[str, Any]], None]  # noqa: UP007 - a name at run time
"""What the far end does then: a text is said; a step, or a list of steps, is as in a persona's file."""


class Conversation(Protocol):
    """A class of the user's; one is made for each call. `heard` may be a coroutine, or blocks a thread of its own."""

    def heard(self, heard: Heard) -> Any:
        """Return a `Reply`, or an awaitable of one."""


def python_persona(name: str, parameters: Mapping[str, Any], folders: Iterable[Path]) -> BoundPersona:
    """The persona that a class plays, with the arguments of the class.

    The module is a file in one of `folders`, or any that can be imported. Raises ConfigurationError if it cannot be,
    and for arguments that the class does not take.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError("persona", name, FORM)
    module_name, _, class_name = name.partition(":")
    try:
        found = getattr(_module(module_name, folders), class_name)
    except Exception as failure:  # the user's module may raise anything
        raise ConfigurationError("persona", name, f"{FORM} ({type(failure).__name__}: {failure})") from failure
    if not callable(getattr(found, "heard", None)):
        raise ConfigurationError("persona", name, f"{FORM}; this one has none")
    try:
        inspect.signature(found).bind(**parameters)
    except TypeError as wrong:
        raise ConfigurationError("parameters", dict(parameters), f"the arguments of {name} ({wrong})") from None

    def make() -> Conversation:
        made: Conversation = found(**parameters)
        return made

    return BoundPersona(name, conversation=make)


def steps_of(reply: Reply) -> tuple[Step, ...]:
    """The steps of a reply. Raises ConfigurationError, which names the step."""
    if reply is None:
        return ()
    if isinstance(reply, str):
        reply = ({"say": reply},)
    steps = [reply] if isinstance(reply, Mapping) else list(reply)
    try:
        return PersonaSteps.model_validate({"called": steps}).called
    except ValidationError as invalid:
        raise as_configuration_error(invalid) from None


def _module(name: str, folders: Iterable[Path]) -> ModuleType:
    for folder in folders:
        path = folder / f"{name}.py"
        if path.is_file():
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                raise ImportError(f"{path} is no Python file")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    return importlib.import_module(name)
