"""The set-up of a scenario before its first step: rooms, clients, phones, purchased numbers and settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from fake_daily_server.settings import Settings
from fake_daily_server.values import room_properties
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.sip_client import Username, check_password
from fake_daily_server.values.typed_texts import typed_texts
from scenarios.language.daily_options import DailyOptions, options_model
from scenarios.language.field_types import Model, NullAsNone
from scenarios.language.suggestions import nearest_word
from scenarios.program_spec import ProgramSpec
from simulator.numbers import check_number
from simulator.phone_spec import PhoneSpec

DEFAULT_ROOM = "room"
"""The name of the room that every scenario without `room: null` has."""
DEFAULT_CLIENT = "client"
"""The name of the client that every scenario with a room has."""
CUSTOMER = "customer"
"""The name of the customer's server, as in `$customer.url`."""
DAILY = "daily"
"""The name of the server, as in `$daily.api_url`."""
PYTHON = "python"
"""The name of the Python interpreter: `$python`."""
RESERVED_NAMES = (DEFAULT_ROOM, CUSTOMER, DEFAULT_CLIENT, DAILY, PYTHON)
"""Names that no room, client, program, phone or variable of a scenario can have."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")]


def _not_reserved(name: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError(f"{name!r} is a reserved name: every scenario has it; choose another name")
    return name


OwnName = Annotated[Name, AfterValidator(_not_reserved)]


if TYPE_CHECKING:
    RoomProperties: TypeAlias = DailyOptions
else:
    RoomProperties = options_model(room_properties.RoomProperties, check_values=True)


class RoomSpec(RoomProperties):
    """A room, described by Daily's room properties. It gets a random name unless `name` is given."""

    name: str | None = None
    privacy: Literal["public", "private"] = "public"

    def properties(self) -> dict[str, Any]:
        """The room properties given in the file, in the form of Daily's REST API."""
        given = self.as_json()
        return {name: value for name, value in given.items() if name not in ("name", "privacy")}


class ClientSpec(Model):
    """A client of a room, connected like daily-js."""

    owner: bool = True
    """Whether the client's meeting token makes it an owner. Only owners may dial out."""
    user_name: str | None = None
    room: str | None = None
    """The name of one of `rooms`; by default the scenario's `room`."""
    joins: bool = True
    """Whether the client joins before the first step; otherwise it joins with a step `client: join`."""


def _kind_of_client(client: Any) -> str:
    """The tag of a client: a program if a field, or the nearest to a misspelt one, is one that only programs have."""
    if isinstance(client, dict):
        known = (*ClientSpec.model_fields, *ProgramSpec.model_fields)
        words = {nearest_word(str(word), known) for word in client}
        return (
            "<program>" if words & (ProgramSpec.model_fields.keys() - ClientSpec.model_fields.keys()) else "<scripted>"
        )
    return "<program>" if isinstance(client, ProgramSpec) else "<scripted>"


def _with_names(phones: Any) -> Any:
    """Give each phone its key as its name, for reports and SIP traces."""
    if not isinstance(phones, dict):
        return phones
    specs = {name: {} if spec in ("", "~") else spec for name, spec in phones.items()}
    return {name: {"name": name, **spec} if isinstance(spec, dict) else spec for name, spec in specs.items()}


def _with_types(settings: Any) -> Any:
    return typed_texts(Settings, settings) if isinstance(settings, dict) else settings


def _checked_password(password: str) -> str:
    try:
        return check_password(password)
    except InvalidRequest as weak:
        raise ValueError(str(weak)) from None


class ScenarioSetup(Model):
    """Everything in a scenario file except its steps."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    """What the scenario proves, in one sentence."""
    room: Annotated[RoomSpec | None, NullAsNone] = RoomSpec()
    """The default room; null for calls from phone to phone, without Daily."""
    rooms: dict[OwnName, RoomSpec] = Field(default_factory=dict)
    """Additional rooms, by name."""
    client: Annotated[
        Annotated[ClientSpec, Tag("<scripted>")] | Annotated[ProgramSpec, Tag("<program>")],
        Discriminator(_kind_of_client),
    ] = ClientSpec()
    """The default client, scripted or a program: steps are about its requests and events unless they name another."""
    clients: dict[OwnName, ClientSpec] = Field(default_factory=dict)
    """Additional scripted clients, by name."""
    programs: dict[OwnName, ProgramSpec] = Field(default_factory=dict)
    """Additional programs under test, by name, started before `client` and in this order."""
    phones: Annotated[dict[OwnName, PhoneSpec], BeforeValidator(_with_names)] = Field(default_factory=dict)
    """Simulated phones, by name."""
    numbers: tuple[Annotated[str, AfterValidator(check_number)], ...] = ()
    """Telephone numbers purchased by the Daily domain, oldest first; they are the caller ids for dial-out."""
    sip_clients: dict[Username, Annotated[str, AfterValidator(_checked_password)]] = Field(default_factory=dict)
    """SIP clients of the domain, each with its password; they are there before phones register."""
    settings: Annotated[Settings | None, BeforeValidator(_with_types)] = None
    """Settings of the fake Daily other than the defaults. With any, the scenario runs on a server of its own."""

    @property
    def server_settings(self) -> dict[str, Any] | None:
        """The server settings given in the file, or None if there are none."""
        own = {} if self.settings is None else self.settings.model_dump(exclude_unset=True)
        if self.numbers:
            own["phone_numbers"] = self.numbers
        return own or None

    @property
    def all_rooms(self) -> dict[str, RoomSpec]:
        """All rooms by name, the default one first; empty with `room: null`."""
        return {} if self.room is None else {DEFAULT_ROOM: self.room, **self.rooms}

    @property
    def all_clients(self) -> dict[str, ClientSpec]:
        """All scripted clients by name, the default one first; empty with `room: null`."""
        if self.room is None:
            return {}
        return ({DEFAULT_CLIENT: self.client} if isinstance(self.client, ClientSpec) else {}) | self.clients

    @property
    def all_programs(self) -> dict[str, ProgramSpec]:
        """All programs under test by name, in the order in which they are started: `client` is the last one."""
        return self.programs | ({DEFAULT_CLIENT: self.client} if isinstance(self.client, ProgramSpec) else {})

    @model_validator(mode="after")
    def _check_names_are_unique(self) -> Self:
        used: dict[str, str] = {}
        kinds: tuple[tuple[str, Iterable[str]], ...] = (
            ("a client", self.clients),
            ("a program", self.programs),
            ("a phone", self.phones),
            ("a room", self.rooms),
        )
        for kind, names in kinds:
            for name in names:
                if name in used:
                    raise ValueError(f"{name!r} is both {used[name]} and {kind}; rename one of them")
                used[name] = kind
        return self

    @model_validator(mode="after")
    def _check_rooms_of_clients(self) -> Self:
        for name, client in {DEFAULT_CLIENT: self.client, **self.clients, **self.programs}.items():
            if client.room is not None and client.room not in self.rooms:
                known = ", ".join(self.rooms) or "none"
                raise ValueError(
                    f"client {name!r} is in room {client.room!r}, which is not one of `rooms` ({known}); add it"
                )
        return self
