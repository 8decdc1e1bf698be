"""The dial-in configurations of the domain. In memory.

`pinless_dialin` and `pin_dialin` of `POST /v1/` and the resource `/domain-dialin-config` show the same configurations.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from fake_daily_server.domain.numbers import PurchasedNumbers
from fake_daily_server.values.dialin_config import (
    DialinConfig,
    DialinFields,
    DialinType,
    check_required_fields,
    static_sip_user,
)
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import new_uuid


class DialinConfigs:
    """The dial-in configurations of one domain. Numbers must be among the domain's own. Used on one loop."""

    def __init__(self, numbers: PurchasedNumbers) -> None:
        self._numbers = numbers
        self._configs: dict[str, DialinConfig] = {}

    def clear(self) -> None:
        """Delete all configurations."""
        self._configs.clear()

    @property
    def all(self) -> tuple[DialinConfig, ...]:
        """The configurations, oldest first."""
        return tuple(self._configs.values())

    def get(self, ident: str) -> DialinConfig:
        """The configuration with this id. Raises NotFound."""
        if (config := self._configs.get(ident)) is None:
            raise NotFound(f"no dial-in configuration {ident!r}; GET /domain-dialin-config lists all")
        return config

    def pinless_for_number(self, number: str) -> DialinConfig | None:
        """The `pinless_dialin` of an E.164 number, if there is one."""
        return self._find("pinless_dialin", lambda config: config.phone_number == number)

    def pinless_for_sip_user(self, user: str) -> DialinConfig | None:
        """The `pinless_dialin` whose static SIP address has this user part, if there is one."""
        return self._find("pinless_dialin", lambda config: config.sip_user == user)

    def pin_for_number(self, number: str) -> DialinConfig | None:
        """The `pin_dialin` of an E.164 number, if there is one."""
        return self._find("pin_dialin", lambda config: config.phone_number == number)

    def create(self, dialin_type: DialinType, fields: DialinFields) -> DialinConfig:
        """Create a configuration.

        Raises InvalidRequest if a required field is missing, or if the number is not the domain's or already has a
        configuration.
        """
        config = self._new(dialin_type, fields, self._configs.values())
        self._configs[config.id] = config
        return config

    def update(self, ident: str, changes: DialinFields) -> DialinConfig:
        """Change the given fields of a configuration. Raises NotFound, and InvalidRequest as `create` does."""
        config = self.get(ident)
        given = {name: getattr(changes, name) for name in changes.model_fields_set}
        fields = config.fields.model_copy(update=given)
        others = [other for other in self._configs.values() if other.id != ident]
        self._configs[ident] = self._checked(replace(config, fields=fields), others)
        return self._configs[ident]

    def delete(self, ident: str) -> None:
        """Delete the configuration with this id. Raises NotFound."""
        del self._configs[self.get(ident).id]

    def delete_of_number(self, number: str) -> None:
        """Delete the configuration of an E.164 number, if there is one."""
        for config in self.all:
            if config.phone_number == number:
                del self._configs[config.id]

    def replace_types(self, wanted: Mapping[DialinType, Iterable[DialinFields]]) -> list[DialinConfig]:
        """Replace all configurations of the given types; return the new ones. If one is invalid, nothing is changed.

        A new configuration keeps the id and SIP address of the old one with the same number or, if neither has a
        number, with the same name prefix and `room_creation_api`. A missing secret is generated. Raises InvalidRequest
        as `create` does.
        """
        configs = {config.id: config for config in self._configs.values() if config.type not in wanted}
        replaced = [config for config in self._configs.values() if config.type in wanted]
        added: list[DialinConfig] = []
        for dialin_type, entries in wanted.items():
            for fields in entries:
                config = self._new(dialin_type, fields, configs.values())
                before = next((old for old in replaced if _is_same_entry(old, config)), None)
                if before is not None:
                    replaced.remove(before)
                    config = replace(config, id=before.id, sip_user=before.sip_user)
                configs[config.id] = config
                added.append(config)
        self._configs = configs
        return added

    def _find(self, dialin_type: DialinType, matches: Callable[[DialinConfig], bool]) -> DialinConfig | None:
        return next((one for one in self._configs.values() if one.type == dialin_type and matches(one)), None)

    def _new(self, dialin_type: DialinType, fields: DialinFields, others: Iterable[DialinConfig]) -> DialinConfig:
        # The request may be a subclass with more fields, such as `type` of NewDialin.
        given = DialinFields(**{name: getattr(fields, name) for name in DialinFields.model_fields})
        ident = new_uuid()
        user = static_sip_user(ident, fields.name_prefix) if dialin_type == "pinless_dialin" else None
        return self._checked(DialinConfig(ident, dialin_type, given, user), others)

    def _checked(self, config: DialinConfig, others: Iterable[DialinConfig]) -> DialinConfig:
        fields = config.fields
        check_required_fields(config.type, fields)
        if fields.phone_number is not None:
            self._check_number(fields.phone_number, others)
        if config.type == "pinless_dialin" and fields.hmac is None:
            secret = base64.b64encode(secrets.token_bytes(32)).decode()
            return replace(config, fields=fields.model_copy(update={"hmac": secret}))
        return config

    def _check_number(self, number: str, others: Iterable[DialinConfig]) -> None:
        if not self._numbers.owns(number):
            raise InvalidRequest(f"phone_number {number} is not a number of this domain; {self._numbers.allowed()}")
        for other in others:
            if other.phone_number == number:
                raise InvalidRequest(
                    f"phone_number {number} is in use by the {other.type} configuration {other.id}; "
                    "a number can have one configuration only; change or delete that one"
                )


def _is_same_entry(one: DialinConfig, other: DialinConfig) -> bool:
    if one.type != other.type or one.phone_number != other.phone_number:
        return False
    if one.phone_number is not None:
        return True
    ours, theirs = one.fields, other.fields
    return (ours.name_prefix, ours.room_creation_api) == (theirs.name_prefix, theirs.room_creation_api)
