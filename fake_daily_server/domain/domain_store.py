"""The domain of the API key: its phone numbers, how it takes calls, and its other properties. In memory, no HTTP.

`pinless_dialin` and `pin_dialin` of `POST /v1/` and the resource `/domain-dialin-config` are two views of the same
configurations.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fake_daily_server.domain.number_stock import Offer, Wish
from fake_daily_server.settings import Settings
from fake_daily_server.values.dialin_config import (
    DialinConfig,
    DialinFields,
    DialinType,
    check_required_fields,
    static_sip_user,
)
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import new_uuid, number_id
from simulator.errors import ConfigurationError
from simulator.numbers import check_number

RELEASE_AFTER_S = 14 * 24 * 3600
"""A number can be given back this long after its purchase, and no sooner."""

MOST_OFFERS = 100
"""Numbers of one answer of `list-available-numbers`."""

_FIRST_PURCHASE = datetime(2024, 8, 19, 18, 50, 34, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A purchased number in E.164; `purchased_at` in unix seconds."""

    number: str
    purchased_at: float

    @property
    def id(self) -> str:
        """What `callerId` and `release-phone-number` name it by."""
        return number_id(self.number)

    def as_dict(self) -> dict[str, Any]:
        """As `GET /purchased-phone-numbers` shows it."""
        return {
            "id": self.id,
            "number": self.number,
            "name": None,
            "type": "purchased_phone_number",
            "status": "verified",
            "verified": True,
            "created_date": format_datetime(datetime.fromtimestamp(int(self.purchased_at), UTC)),
        }


class DomainStore:
    """The one domain of a server; used on one loop. `sip_address` is the front door's `host:port`, `now` the time."""

    def __init__(self, settings: Settings, *, sip_address: str, now: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.sip_address = sip_address
        self._now = now
        self.reset()

    def reset(self) -> None:
        """As at the start: the numbers of the settings, no dial-in configuration, no property set."""
        self._numbers = {
            number: OwnedNumber(number, _FIRST_PURCHASE + place)
            for place, number in enumerate(self.settings.phone_numbers)
        }
        self._configs: dict[str, DialinConfig] = {}
        self._properties: dict[str, Any] = {}

    # --- numbers ---

    @property
    def numbers(self) -> tuple[OwnedNumber, ...]:
        """The purchased numbers, oldest first."""
        return tuple(self._numbers.values())

    def owns(self, number: str) -> bool:
        """Whether calls to this E.164 number are this domain's."""
        return number in self._numbers

    def available(self, wish: Wish) -> list[Offer]:
        """Numbers that can be bought."""
        found: list[Offer] = []
        for offer in wish.offers():
            if offer.number not in self._numbers:
                found.append(offer)
            if len(found) == MOST_OFFERS:
                break
        return found

    def buy(self, number: str | None = None) -> OwnedNumber:
        """Purchase a number, or without one any Californian number. Raises InvalidRequest for one that is taken."""
        if number is None:
            number = self.available(Wish(region="CA"))[0].number
        try:
            check_number(number, name="number")
        except ConfigurationError as wrong:
            raise InvalidRequest(str(wrong)) from None
        if number in self._numbers:
            raise InvalidRequest(f"number {number} is not available: this domain has purchased it already")
        if not number.startswith("+1"):
            raise InvalidRequest(f"number {number} is not available: only +1 numbers can be bought")
        bought = self._numbers[number] = OwnedNumber(number, self._now())
        return bought

    def release(self, ident: str) -> None:
        """Give a number back; its dial-in configuration goes with it.

        Raises NotFound for an unknown id, InvalidRequest within 14 days of the purchase.
        """
        for owned in self.numbers:
            if owned.id == ident:
                break
        else:
            raise NotFound(f"no purchased number has the id {ident!r}; {self._known_numbers()}")
        free_at = owned.purchased_at + RELEASE_AFTER_S
        if self._now() < free_at:
            moment = format_datetime(datetime.fromtimestamp(int(free_at), UTC))
            raise InvalidRequest(
                f"number {owned.number} cannot be released before {moment}, 14 days after its purchase"
            )
        del self._numbers[owned.number]
        for config in self.dialin_configs:
            if config.phone_number == owned.number:
                del self._configs[config.id]

    def caller_number(self, wanted: str | None) -> str:
        """The number that a dial-out calls from: of an id, itself in E.164, or without a wish the oldest.

        Raises InvalidRequest for what the domain does not own.
        """
        if wanted is None and self._numbers:
            return next(iter(self._numbers))
        for owned in self.numbers:
            if wanted in (owned.id, owned.number):
                return owned.number
        if wanted is None:
            raise InvalidRequest("this domain has no phone number to call from; POST /buy-phone-number buys one")
        raise InvalidRequest(f"callerId {wanted!r} is no number of this domain; {self._known_numbers()}")

    def check_may_dial(self, number: str) -> None:
        """Raise InvalidRequest for a phone number that the domain is not approved to dial."""
        approved = self.settings.phone_dialout
        if approved == "off":
            raise InvalidRequest(
                f"NOT_ALLOWED: this domain may not dial phone numbers such as {number}; "
                "dial-out to them (allow_dialout) has to be enabled by Daily's support"
            )
        if approved == "domestic" and not number.startswith("+1"):
            raise InvalidRequest(f"NOT_ALLOWED: this domain may not dial international numbers such as {number}")

    def _known_numbers(self) -> str:
        return "allowed: " + (", ".join(f"{owned.number} (id {owned.id})" for owned in self.numbers) or "none")

    # --- who takes which call ---

    def pinless_for_number(self, number: str) -> DialinConfig | None:
        """The configuration that takes calls to an E.164 number without a code."""
        return self._find("pinless_dialin", lambda config: config.phone_number == number)

    def pinless_for_sip_user(self, user: str) -> DialinConfig | None:
        """The configuration whose static SIP address has this user part."""
        return self._find("pinless_dialin", lambda config: config.sip_user == user)

    def pin_for_number(self, number: str) -> DialinConfig | None:
        """The configuration that asks callers of an E.164 number for a code."""
        return self._find("pin_dialin", lambda config: config.phone_number == number)

    @property
    def default_dialin_number(self) -> str:
        """The number that rooms with PIN dial-in show.

        The oldest that is configured to ask for codes, else the oldest of all unless it is for calls without a code,
        else the global one.
        """
        for number in self._numbers:
            if self.pin_for_number(number) is not None:
                return number
        oldest = next(iter(self._numbers), None)
        if oldest is None or self.pinless_for_number(oldest) is not None:
            return self.settings.dialin_number
        return oldest

    def _find(self, dialin_type: DialinType, wanted: Callable[[DialinConfig], bool]) -> DialinConfig | None:
        return next((one for one in self._configs.values() if one.type == dialin_type and wanted(one)), None)

    # --- dial-in configurations ---

    @property
    def dialin_configs(self) -> tuple[DialinConfig, ...]:
        """All of them, oldest first."""
        return tuple(self._configs.values())

    def dialin(self, ident: str) -> DialinConfig:
        """Raises NotFound."""
        if (config := self._configs.get(ident)) is None:
            raise NotFound(f"no dial-in configuration {ident!r}")
        return config

    def create_dialin(self, dialin_type: DialinType, fields: DialinFields) -> DialinConfig:
        """Take calls in a further way. Raises InvalidRequest for a number that is not owned or in use."""
        config = self._made(dialin_type, fields, self._configs.values())
        self._configs[config.id] = config
        return config

    def update_dialin(self, ident: str, changes: DialinFields) -> DialinConfig:
        """Change the fields that are given. Raises NotFound, or InvalidRequest as `create_dialin`."""
        config = self.dialin(ident)
        given = {name: getattr(changes, name) for name in changes.model_fields_set}
        fields = config.fields.model_copy(update=given)
        others = [other for other in self._configs.values() if other.id != ident]
        self._configs[ident] = self._checked(replace(config, fields=fields), others)
        return self._configs[ident]

    def delete_dialin(self, ident: str) -> None:
        """Raises NotFound."""
        del self._configs[self.dialin(ident).id]

    def replace_dialin(self, wanted: Mapping[DialinType, Iterable[DialinFields]]) -> list[DialinConfig]:
        """Replace all configurations of the types given: what is not in the new list is gone. All or nothing.

        An entry for the same number, or without one for the same label and URL, keeps its id and SIP address; a
        secret that is not given is made anew. Returns the new configurations. Raises InvalidRequest.
        """
        configs = {config.id: config for config in self._configs.values() if config.type not in wanted}
        replaced = [config for config in self._configs.values() if config.type in wanted]
        made: list[DialinConfig] = []
        for dialin_type, entries in wanted.items():
            for fields in entries:
                config = self._made(dialin_type, fields, configs.values())
                before = next((old for old in replaced if _same_place(old, config)), None)
                if before is not None:
                    replaced.remove(before)
                    config = replace(config, id=before.id, sip_user=before.sip_user)
                configs[config.id] = config
                made.append(config)
        self._configs = configs
        return made

    def _made(self, dialin_type: DialinType, fields: DialinFields, others: Iterable[DialinConfig]) -> DialinConfig:
        given = DialinFields(**{name: getattr(fields, name) for name in DialinFields.model_fields})
        ident = new_uuid()
        user = static_sip_user(ident, fields.name_prefix) if dialin_type == "pinless_dialin" else None
        return self._checked(DialinConfig(ident, dialin_type, given, user), others)

    def _checked(self, config: DialinConfig, others: Iterable[DialinConfig]) -> DialinConfig:
        fields = config.fields
        check_required_fields(config.type, fields)
        if fields.phone_number is not None:
            if not self.owns(fields.phone_number):
                raise InvalidRequest(
                    f"phone_number {fields.phone_number} is no number of this domain; {self._known_numbers()}"
                )
            for other in others:
                if other.phone_number == fields.phone_number:
                    raise InvalidRequest(
                        f"phone_number {fields.phone_number} is in use by the {other.type} configuration {other.id}; "
                        "a number serves one configuration"
                    )
        if config.type == "pinless_dialin" and fields.hmac is None:
            secret = base64.b64encode(secrets.token_bytes(32)).decode()
            return replace(config, fields=fields.model_copy(update={"hmac": secret}))
        return config

    # --- the domain itself ---

    def set_properties(self, changes: Mapping[str, Any]) -> None:
        """Change other properties of the domain; one that is None goes back to its default."""
        merged = {**self._properties, **changes}
        self._properties = {name: value for name, value in merged.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """Daily's domain object; `config` has what was set, and how calls are taken."""
        config = dict(self._properties)
        for dialin_type in ("pinless_dialin", "pin_dialin"):
            own = [one.config(self.sip_address) for one in self.dialin_configs if one.type == dialin_type]
            if own:
                config[dialin_type] = own
        return {"domain_name": self.settings.domain, "domain_id": self.settings.domain_id, "config": config}


def _same_place(one: DialinConfig, other: DialinConfig) -> bool:
    if one.type != other.type or one.phone_number != other.phone_number:
        return False
    if one.phone_number is not None:
        return True
    mine, its = one.fields, other.fields
    return (mine.name_prefix, mine.room_creation_api) == (its.name_prefix, its.room_creation_api)
