"""The domain of the API key: its phone numbers, its dial-in configurations, and its other properties. In memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fake_daily_server.domain.dialin_configs import DialinConfigs
from fake_daily_server.domain.numbers import PurchasedNumbers
from fake_daily_server.domain.sip_clients import SipClients
from fake_daily_server.domain.sip_trunks import SipTrunks
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest


class DomainStore:
    """The one domain of a server; used on one loop.

    `sip_address` is the front door's `host:port`, `now` gives unix seconds.
    """

    def __init__(self, settings: Settings, *, sip_address: str, now: Callable[[], float]) -> None:
        self.settings = settings
        self.sip_address = sip_address
        self.now = now
        self.numbers = PurchasedNumbers(settings, now)
        self.dialin_configs = DialinConfigs(self.numbers)
        self.sip_clients = SipClients(now)
        self.sip_trunks = SipTrunks(settings, sip_address)
        self._properties: dict[str, Any] = {}

    def reset(self) -> None:
        """Restore the startup state: the numbers of the settings, no configurations, SIP clients, trunks."""
        self.numbers.reset()
        self.dialin_configs.clear()
        self.sip_clients.clear()
        self.sip_trunks.clear()
        self._properties = {}

    @property
    def default_dialin_number(self) -> str:
        """The number for PIN dial-in to rooms that name none themselves.

        It is the domain's oldest number that has a `pin_dialin`; failing that, the domain's oldest number, unless that
        has a `pinless_dialin`; otherwise the number that all domains share (the setting `dialin_number`).
        """
        for owned in self.numbers.all:
            if self.dialin_configs.pin_for_number(owned.number) is not None:
                return owned.number
        oldest = self.numbers.oldest
        if oldest is None or self.dialin_configs.pinless_for_number(oldest) is not None:
            return self.settings.dialin_number
        return oldest

    def release_number(self, ident: str) -> None:
        """Release a purchased number and delete its dial-in configuration. Raises as `PurchasedNumbers.release`."""
        released = self.numbers.release(ident)
        self.dialin_configs.delete_of_number(released.number)

    def check_may_dial(self, number: str) -> None:
        """Raise InvalidRequest for a phone number that the setting `phone_dialout` does not allow."""
        approved = self.settings.phone_dialout
        if approved == "off":
            raise InvalidRequest(
                f"NOT_ALLOWED: this domain may not dial phone numbers such as {number}; "
                "dial-out to them (allow_dialout) has to be enabled by Daily's support (setting phone_dialout)"
            )
        if approved == "domestic" and not number.startswith("+1"):
            raise InvalidRequest(
                f"NOT_ALLOWED: this domain may not dial international numbers such as {number} (setting phone_dialout)"
            )

    @property
    def max_sip_pstn_sessions_per_room(self) -> int | None:
        """The session limit of rooms that name none themselves; None when the domain names none either."""
        limit: int | None = self._properties.get("max_sip_pstn_sessions_per_room")
        return limit

    def set_properties(self, changes: Mapping[str, Any]) -> None:
        """Change properties other than dial-in configurations; None resets a property to its default."""
        merged = {**self._properties, **changes}
        self._properties = {name: value for name, value in merged.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """Daily's domain object; `config` has the properties that were set and the dial-in configurations."""
        config = dict(self._properties)
        for dialin_type in ("pinless_dialin", "pin_dialin"):
            own = [one.config(self.sip_address) for one in self.dialin_configs.all if one.type == dialin_type]
            if own:
                config[dialin_type] = own
        return {"domain_name": self.settings.domain, "domain_id": self.settings.domain_id, "config": config}
