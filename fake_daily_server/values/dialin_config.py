"""How a domain takes phone calls: one configuration for each number, or for a SIP address alone.

https://docs.daily.co/reference/rest-api/dial-in/create-config. `pinless_dialin` asks the customer's server where a
caller goes; `pin_dialin` asks the caller for the code of a room.
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

LONGEST_MESSAGE = 1000
"""Characters that are spoken to a caller; Daily documents no limit."""


def _e164(number: str) -> str:
    return check_number(number, name="phone_number")


def _http_url(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    try:
        port_is_good = parts.port != 0
    except ValueError:
        port_is_good = False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or not url.isprintable():
        raise ValueError(f"{url!r} is not a URL that can be called; allowed: http:// or https:// and a host")
    return url


def _base64(secret: str) -> str:
    try:
        decoded = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise ValueError(f"{secret!r} is not a secret that can sign; allowed: base64")
    return secret


PhoneNumber = Annotated[str, AfterValidator(_e164)]
HttpUrl = Annotated[str, Field(max_length=2048), AfterValidator(_http_url)]
HmacSecret = Annotated[str, AfterValidator(_base64)]


class SpokenMessage(RequestModel):
    """What a caller is told."""

    message: Annotated[str, Field(max_length=LONGEST_MESSAGE)]


class DialinFields(RequestModel):
    """What can be chosen about a dial-in configuration. A field that is not for its type is kept and has no effect.

    `sip_uri` is read-only: it is taken so that what was read can be sent back, and ignored.
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
    """A configuration to create."""

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
    """One configuration; changes make a new value under the same `id` and `sip_user`."""

    id: str
    type: DialinType
    fields: DialinFields
    sip_user: str | None
    """User part of the static SIP address of a `pinless_dialin`; None for a `pin_dialin`."""

    @property
    def phone_number(self) -> str | None:
        """In E.164; None when it is called by SIP only."""
        return self.fields.phone_number

    @property
    def room_creation_api(self) -> str:
        """The URL that is asked where a caller goes; empty for a `pin_dialin`."""
        return self.fields.room_creation_api or "" if self.type == "pinless_dialin" else ""

    @property
    def hmac(self) -> str:
        """The base64 secret that signs those requests; empty for a `pin_dialin`."""
        return self.fields.hmac or ""

    @property
    def timeout_message(self) -> str | None:
        """Spoken to a held caller whom nobody has taken in time."""
        return self.fields.timeout_config.message if self.fields.timeout_config else None

    @property
    def greeting(self) -> str | None:
        """Spoken before the code of a `pin_dialin` is asked for."""
        return self.fields.ivr_greeting.message if self.fields.ivr_greeting else None

    def config(self, sip_address: str) -> dict[str, Any]:
        """The fields as the API shows them, at the SIP server `host:port`; without `sip:`, as Daily's samples."""
        shown = self.fields.model_dump(mode="json", exclude={"sip_uri"}, exclude_none=True)
        shown["sip_uri"] = f"{self.sip_user}@{sip_address}" if self.sip_user else None
        return shown

    def as_dict(self, sip_address: str) -> dict[str, Any]:
        """The object of `/domain-dialin-config`."""
        return {"id": self.id, "type": self.type, "config": self.config(sip_address)}


def check_fields(dialin_type: DialinType, fields: DialinFields) -> None:
    """Raise InvalidRequest when something is missing that the type needs."""
    if dialin_type == "pinless_dialin" and fields.room_creation_api is None:
        raise InvalidRequest("room_creation_api is required for pinless_dialin: the URL to ask where a caller goes")
    if dialin_type == "pin_dialin" and fields.phone_number is None:
        raise InvalidRequest("phone_number is required for pin_dialin: a number that this domain has purchased")


def sip_user(config_id: str, name_prefix: str | None) -> str:
    """The user part of a static SIP address: the label, as far as SIP can say it, and a part of the id."""
    label = re.sub(r"[^A-Za-z0-9_-]+", "-", name_prefix or "").strip("-")[:40] or "static"
    return f"{label}--{config_id.partition('-')[0]}"
