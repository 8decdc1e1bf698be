"""The setting `voice`: which voice says texts."""

from __future__ import annotations

import shlex
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from simulator.validation_errors import KnownFieldsModel


def _words(value: Any) -> Any:
    return tuple(shlex.split(value)) if isinstance(value, str) else value


class CommandVoice(KnownFieldsModel):
    """A program of the user's that says a text: `{command: my-tts --voice anna}`."""

    command: Annotated[tuple[str, ...], BeforeValidator(_words), Field(min_length=1)]
    """The program and its arguments. It gets the text on stdin, and prints a WAV file (16-bit PCM) on stdout."""


VoiceSetting = Literal["auto", "espeak", "babble"] | CommandVoice
"""`auto` is `espeak` where it is installed, and otherwise babble."""
