"""How a phone registers: `register: {registrar: "127.0.0.1:5070", username: bench, password: …}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress
from simulator.validation_errors import KnownFieldsModel, UnknownField

_REGISTRAR = 'host:port of a registrar, or its SIP URI without a user, such as "sip:127.0.0.1:5070;transport=tcp"'


class RegisterSpec(KnownFieldsModel):
    """The registrar of a phone, and the name and the password with which the phone registers there."""

    username: str = Field(pattern=r"^[A-Za-z0-9._~!$&'()*+,;=%-]{1,64}$")
    """User of the address that the phone registers, and name in its credentials."""
    password: SecretStr = Field(min_length=1, max_length=200)
    """Password of that name. No record, report, view or file shows it."""
    registrar: str | None = None
    """`host:port` of the registrar, or its SIP URI; by default the SIP address of the phone's own network."""
    domain: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$")
    """Host of the address that the phone registers, such as `pbx.test`; by default that of the registrar."""
    expires: int = Field(default=3600, ge=1, le=604_800)
    """Seconds that the phone asks for. It registers again when nine tenths of what is granted are over."""

    @model_validator(mode="before")
    @classmethod
    def _known_fields_only(cls, value: Any) -> Any:
        """Hide what may be the password before anything else, so that no error shows it."""
        if not isinstance(value, Mapping):
            return value if isinstance(value, RegisterSpec) else SecretStr(str(value))
        public = {name for name in cls.model_fields if name != "password"}
        hidden = {name: SecretStr(str(each)) if name not in public else each for name, each in value.items()}
        for given, secret in hidden.items():
            if given not in cls.model_fields:
                raise UnknownField(given, secret, [*cls.model_fields])
        if isinstance(value.get("password"), SecretStr):
            hidden["password"] = value["password"]
        return hidden

    @field_validator("registrar")
    @classmethod
    def _check_registrar(cls, registrar: str | None) -> str | None:
        if registrar is None:
            return None
        where = SipAddress.parse(registrar, name="registrar")
        if where.uri.user is not None or where.transport not in ("udp", "tcp"):
            raise ConfigurationError("registrar", registrar, _REGISTRAR)
        return str(where)
