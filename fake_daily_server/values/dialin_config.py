"""Dial-in configurations of a domain, each for one phone number or, without a number, for a static SIP address.

https://docs.daily.co/reference/rest-api/dial-in/create-config. For a `pinless_dialin`, the customer's server decides
which room a caller joins; for a `pin_dialin`, the caller enters the code of a room.
"""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.validation import RequestModel
from simulator.numbers import check_number

DialinType = Literal["pinless_dialin", "pin_dialin"]

MAX_MESSAGE_CHARACTERS = 1000
"""Maximum length of a message spoken to callers; Daily documents none."""


def _e164(number: str) -> str:
    return check_number(number, name="phone_number")


def _http_url(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    try:
        port_is_good = parts.port != 0
    except ValueError:
        port_is_good = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or not url.isprintable():
        raise ValueError(f"{url!r} is not usable; allowed: http://host… or https://host…")
    return url


def _base64(secret: str) -> str:
    try:
        decoded = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise ValueError(f"{secret!r} is not usable as HMAC secret; allowed: base64, not empty")
    return secret


PhoneNumber = Annotated[str, AfterValidator(_e164)]
HttpUrl = Annotated[str, Field(max_length=2048), AfterValidator(_http_url)]
HmacSecret = Annotated[str, AfterValidator(_base64)]


class SpokenMessage(RequestModel):
    """A text that is spoken to callers."""

    message: Annotated[str, Field(max_length=MAX_MESSAGE_CHARACTERS)]


class DialinFields(RequestModel):
    """The fields of a dial-in configuration that a request can set.

    A field that does not apply to the configuration's type is stored without effect. `sip_uri` is read-only: requests
    may contain it, so that a configuration can be sent back as it was read, and it is ignored.
    """

    model_config = ConfigDict(alias_generator=None)

    phone_number: PhoneNumber | None = None
    name_prefix: Annotated[str, Field(max_length=128)] | None = None
    hmac: HmacSecret | None = None
    room_creation_api: HttpUrl | None = None
    hold_music_url: HttpUrl | None = None
    timeout_config: SpokenMessage | None = None
    ivr_greeting: SpokenMessage | None = None
    sip_uri: str | None = None


class NewDialin(DialinFields):
    """The request to create a dial-in configuration."""

    model_config = ConfigDict(
        alias_generator=None,
        json_schema_extra={
            "examples": [
                {
                    "type": "pinless_dialin",
                    "phone_number": "+14155550100",
                    "room_creation_api": "http://127.0.0.1:8000/daily",
                    "name_prefix": "my-identifier-prefix",
                }
            ]
        },
    )

    type: DialinType


@dataclass(frozen=True, slots=True)
class DialinConfig:
    """One dial-in configuration, immutable. Changing it creates a new value with the same `id` and `sip_user`."""

    id: str
    type: DialinType
    fields: DialinFields
    sip_user: str | None
    """User part of the static SIP address of a `pinless_dialin`; None for a `pin_dialin`."""

    @property
    def phone_number(self) -> str | None:
        """The number in E.164; None if callers reach the configuration by SIP only."""
        return self.fields.phone_number

    @property
    def room_creation_api(self) -> str:
        """The URL of the customer's server that decides which room a caller joins; empty for a `pin_dialin`."""
        return self.fields.room_creation_api or "" if self.type == "pinless_dialin" else ""

    @property
    def hmac(self) -> str:
        """The base64 secret that signs requests to `room_creation_api`; empty if none was set."""
        return self.fields.hmac or ""

    @property
    def timeout_message(self) -> str | None:
        """The message that a held caller hears when the hold limit is reached; None if none was set."""
        return self.fields.timeout_config.message if self.fields.timeout_config else None

    @property
    def greeting(self) -> str | None:
        """The message that a caller hears before being asked for the code; None if none was set."""
        return self.fields.ivr_greeting.message if self.fields.ivr_greeting else None

    def config(self, sip_address: str) -> dict[str, Any]:
        """The fields as the API returns them. As in Daily's samples, `sip_uri` has no `sip:`.

        `sip_address` is the `host:port` of the SIP server.
        """
        shown = self.fields.model_dump(mode="json", exclude={"sip_uri"}, exclude_none=True)
        shown["sip_uri"] = f"{self.sip_user}@{sip_address}" if self.sip_user else None
        return shown

    def as_dict(self, sip_address: str) -> dict[str, Any]:
        """The object that `/domain-dialin-config` returns. `sip_address` is the `host:port` of the SIP server."""
        return {"id": self.id, "type": self.type, "config": self.config(sip_address)}


def check_required_fields(dialin_type: DialinType, fields: DialinFields) -> None:
    """Raise InvalidRequest if a field that the type requires is missing."""
    if dialin_type == "pinless_dialin" and fields.room_creation_api is None:
        raise InvalidRequest(
            "room_creation_api is required for pinless_dialin: the URL that is asked which room a caller joins"
        )
    if dialin_type == "pin_dialin" and fields.phone_number is None:
        raise InvalidRequest("phone_number is required for pin_dialin: a number that this domain has purchased")


def static_sip_user(config_id: str, name_prefix: str | None) -> str:
    """Create the user part of a static SIP address: `<name_prefix>--<start of the id>`.

    Characters of `name_prefix` other than letters, digits, `_` and `-` are replaced, since a SIP URI would have to
    escape them.
    """
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", name_prefix or "").strip("-")[:40] or "static"
    return f"{label}--{config_id.partition('-')[0]}"
