"""A SIP trunk of the domain: its fields, and the requests that create and change it.

A carrier sends calls to the host of a trunk; each call gets a room of its own, which the customer's server is told of.
https://docs.daily.co/docs/guides/products/dial-in-dial-out/sip-trunk
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictInt, ValidationError

from fake_daily_server.values.dialin_config import HmacSecret, HttpUrl
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.validation import RequestModel, explain

TRUNK_LABEL = ".siptrunk."
"""What follows the first label of a trunk's host."""
LONGEST_LABEL = 63
"""The longest label of a host name (RFC 1035 §2.3.4)."""
MOST_ALLOWED_IPS = 25
_DEFAULT_EXP_OFFSET_S = 3600


def _network(text: str) -> str:
    try:
        ipaddress.IPv4Network(text, strict=True)
    except ValueError:
        raise ValueError(
            f"{text!r} is not usable; allowed: an IPv4 address, or a CIDR without host bits such as 203.0.113.0/24"
        ) from None
    return text


def _template(template: dict[str, Any]) -> dict[str, Any]:
    for name in ("exp", "nbf"):
        if template.get(name) is not None:
            raise ValueError(f"{name} is not allowed here; trunk_config.exp_offset limits the life of each room")
    if "name" in template:
        raise ValueError("name is not allowed here; each call makes a room with a name of its own")
    if "properties" in template:
        raise ValueError("properties is not allowed here; room_template has the properties themselves")
    if template.get("privacy", "public") not in ("public", "private"):
        raise ValueError(f"privacy was {template['privacy']!r}; allowed: public or private")
    try:
        RoomProperties.model_validate({name: value for name, value in template.items() if name != "privacy"})
    except ValidationError as wrong:
        raise ValueError(explain(wrong.errors())) from None
    return template


AllowedIp = Annotated[str, AfterValidator(_network)]
TrunkName = Annotated[str, Field(pattern=r"^[a-z0-9]{3,63}$", examples=["support"])]
RoomTemplate = Annotated[dict[str, Any], AfterValidator(_template), Field(examples=[{"enable_dialout": True}])]
Description = Annotated[str, Field(max_length=2048, examples=["level 1"])]


class _TrunkModel(RequestModel):
    model_config = ConfigDict(alias_generator=None)


class TrunkCredential(_TrunkModel):
    """The name and the password that a carrier proves for each call."""

    username: Annotated[str, Field(pattern=r"^[!#-\[\]-~]{1,64}$", examples=["carrier"])]
    password: str = Field(repr=False, examples=["correct-horse-1"])


class TrunkConfig(_TrunkModel):
    """Who may call, and how long the room of a call lives."""

    allowed_ips: Annotated[tuple[AllowedIp, ...], Field(max_length=MOST_ALLOWED_IPS)] | None = None
    """IPv4 addresses and CIDRs that calls may come from."""
    credential: TrunkCredential | None = None
    """The credential that calls need."""
    is_open: StrictBool = False
    """Whether anybody may call."""
    exp_offset: Annotated[StrictInt, Field(ge=60, le=86400)] = _DEFAULT_EXP_OFFSET_S
    """The life of each room, in seconds."""


class NewNotification(_TrunkModel):
    """Where calls are announced; a secret is made if none is given."""

    webhook_url: HttpUrl
    hmac: HmacSecret | None = None


class ChangedNotification(_TrunkModel):
    """The fields to change. `hmac: null` makes another secret."""

    webhook_url: HttpUrl | None = None
    hmac: HmacSecret | None = None


class NewSipTrunk(_TrunkModel):
    """The request to create a trunk."""

    model_config = ConfigDict(
        alias_generator=None,
        json_schema_extra={
            "examples": [
                {
                    "trunk_name": "support",
                    "description": "level 1",
                    "room_template": {"enable_dialout": True},
                    "notification": {"webhook_url": "http://127.0.0.1:8000/in"},
                    "trunk_config": {"is_open": True},
                }
            ]
        },
    )

    trunk_name: TrunkName
    room_template: RoomTemplate
    notification: NewNotification
    description: Description | None = None
    trunk_config: TrunkConfig = Field(default_factory=TrunkConfig)
    enabled: StrictBool = True


class SipTrunkChanges(_TrunkModel):
    """The request to change a trunk. Of `notification` and `trunk_config`, too, only the given fields change."""

    room_template: RoomTemplate | None = None
    notification: ChangedNotification | None = None
    description: Description | None = None
    trunk_config: TrunkConfig | None = None
    enabled: StrictBool | None = None
    trunk_name: Any = None
    """Refused: a trunk keeps its name."""

    def with_secret(self, secret: str) -> SipTrunkChanges:
        """The same changes of a trunk whose secret has been chosen."""
        notification = self.notification or ChangedNotification()
        return self.model_copy(update={"notification": notification.model_copy(update={"hmac": secret})})


@dataclass(frozen=True, slots=True)
class SipTrunk:
    """One trunk, immutable. Changing it creates a new value with the same `id` and `name`."""

    id: str
    name: str
    room_template: Mapping[str, Any]
    webhook_url: str
    hmac: str
    config: TrunkConfig
    description: str | None = None
    enabled: bool = True

    def admits_address(self, host: str) -> bool:
        """Whether calls may come from an IPv4 address."""
        allowed = self.config.allowed_ips
        return not allowed or any(ipaddress.IPv4Address(host) in ipaddress.IPv4Network(one) for one in allowed)

    def as_dict(self, sip_uri: str) -> dict[str, Any]:
        """The trunk as the REST API shows it: with its secret, without the password of its credential."""
        config = self.config
        shown: dict[str, Any] = {"is_open": config.is_open, "exp_offset": config.exp_offset}
        if config.allowed_ips:
            shown["allowed_ips"] = list(config.allowed_ips)
        if config.credential is not None:
            shown["credential"] = {"username": config.credential.username}
        return {
            "id": self.id,
            "trunk_name": self.name,
            "description": self.description,
            "enabled": self.enabled,
            "sip_uri": sip_uri,
            "config": {
                "room_template": dict(self.room_template),
                "notification": {"webhook_url": self.webhook_url, "hmac": self.hmac},
                "trunk_config": shown,
            },
        }


@dataclass(frozen=True, slots=True)
class TrunkHosts:
    """The hosts of a domain's trunks: `<domain>-<trunk>.siptrunk.<suffix>`. Calls are told apart by the first label."""

    domain: str
    sip_address: str
    """`host:port` of the server's SIP address."""

    def label(self, name: str) -> str:
        """The first label of the host of a trunk."""
        return f"{self.domain.lower()}-{name}"

    def sip_uri(self, name: str) -> str:
        """The address of a trunk, without a user: `sip:acme-support.siptrunk.localhost:5060`.

        The names under `localhost` lead to this machine (RFC 6761 §6.3). A server with a public name has that instead.
        """
        host, _, port = self.sip_address.rpartition(":")
        is_name = any(character.isalpha() for character in host)
        return f"sip:{self.label(name)}{TRUNK_LABEL}{host if is_name else 'localhost'}:{port}"

    def name_of(self, host: str) -> str | None:
        """The name of the trunk that a host is of, empty for one of another domain; None if it is no trunk's host."""
        label, dot, _ = host.lower().partition(TRUNK_LABEL)
        if not dot or "." in label:
            return None
        begin = self.label("")
        return label.removeprefix(begin) if label.startswith(begin) else ""
