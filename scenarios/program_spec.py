"""A program under test in a scenario file: its command, its environment, and when it is ready."""

from __future__ import annotations

import shlex
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from scenarios.language.comparison import check_text
from scenarios.language.field_types import Milliseconds, Model, Text

READY_WITHIN_MS = 30_000
"""How long a program may take until it is ready: bots that import speech models need seconds."""


def _words(command: Any) -> Any:
    """The words of a command that is written as one text, as a shell would split it."""
    if not isinstance(command, str):
        return command
    try:
        words = shlex.split(command)
    except ValueError as wrong:
        raise ValueError(f"{command!r} cannot be split into words: {wrong}; quote it, or write a list") from None
    if not words:
        raise ValueError("the command is empty; write a program and its arguments, such as `[$python, bot.py]`")
    return words


Command = Annotated[
    tuple[Text, ...], BeforeValidator(_words, json_schema_input_type=str | list[Text]), Field(min_length=1)
]
"""A program and its arguments: a list, or one text that is split as a shell does. No shell runs."""


def _port(text: str) -> str:
    if text.startswith("$") or (text.isdecimal() and 0 < int(text) < 65536):
        return text
    raise ValueError(f"{text!r} is not a port; write a number from 1 to 65535, or a free one: `$client.port`")


def _url(text: str) -> str:
    if text.startswith(("http://", "https://", "$")):
        return text
    raise ValueError(f"{text!r} is not a URL of this machine, such as http://localhost:$client.port/health")


class Ready(Model):
    """When a program counts as ready: one of these, and the time limit."""

    joins: bool = False
    """A client that is none of the scenario's own has joined a room."""
    started: bool = False
    """As soon as the process runs."""
    http: Annotated[str, AfterValidator(_url)] | None = None
    """A URL that answers GET with a status below 400."""
    prints: Annotated[Text, AfterValidator(check_text)] | None = None
    """Text, or a `/pattern/`, of a line on stdout or stderr."""
    listens: Annotated[Text, AfterValidator(_port)] | None = None
    """A TCP port that accepts connections."""
    within_ms: Milliseconds = READY_WITHIN_MS

    @model_validator(mode="after")
    def _check_one_sign(self) -> Ready:
        signs = [name for name in ("joins", "started", "http", "prints", "listens") if getattr(self, name)]
        if len(signs) != 1:
            found = " and ".join(signs) or "none"
            raise ValueError(f"`ready` has one of joins, started, http, prints and listens; here: {found}")
        return self

    def __str__(self) -> str:
        sign = "joins" if self.joins else "has started"
        for verb, value in (("serves", self.http), ("prints", self.prints), ("listens on", self.listens)):
            sign = f"{verb} {value}" if value else sign
        return sign


def _from_word(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("joins", "started"):
            raise ValueError(
                f"{value!r} is not allowed; allowed: joins, started, {{http: URL}}, {{prints: /pattern/}}, "
                "{listens: PORT}"
            )
        return {value: "true"}
    return value


ReadyWhen = Annotated[Ready, BeforeValidator(_from_word, json_schema_input_type=Literal["joins", "started"] | Ready)]


class ProgramSpec(Model):
    """A program under test. It runs as with `daily-sim exec`: connected to the scenario's server."""

    command: Command
    """The program and its arguments. `$python` is the interpreter of the simulator."""
    env: dict[str, Text] = Field(default_factory=dict)
    """Further environment variables."""
    cwd: str | None = None
    """The folder to run in; a relative one starts at the folder of the scenario file, which is the default."""
    ready: ReadyWhen | None = None
    """When it is ready, so that the next program or the first step can begin: by default `client` when it has joined a
    room, and one of `programs` as soon as it has started."""
    exit_code: int | None = None
    """The exit status with which it must end by itself, at the latest 5 s after the last step. By default it may run
    until the scenario ends, and only a status other than 0 is a failure."""
    room: str | None = None
    """The name of one of `rooms`, for DAILY_ROOM_URL and DAILY_ROOM_TOKEN; by default the scenario's `room`."""
    owner: bool = True
    """Whether DAILY_ROOM_TOKEN makes it an owner."""
    user_name: str | None = None
    """The user name in DAILY_ROOM_TOKEN."""
