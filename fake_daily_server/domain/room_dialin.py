"""How callers dial into a room: its SIP endpoints, its code and its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fake_daily_server.domain.room_context import RoomContext
from fake_daily_server.values.ids import SipEndpoint
from fake_daily_server.values.room_properties import RoomProperties


@dataclass(frozen=True, slots=True)
class RoomDialin:
    """The dial-in of one room, as its properties describe it at one moment."""

    context: RoomContext
    room: str
    properties: RoomProperties
    own_code: str
    """The room's 11 digits, which callers can use while the property `dialin` is set."""

    @property
    def endpoints(self) -> tuple[SipEndpoint, ...]:
        """The provisioned SIP endpoints: `sip.num_endpoints`, or one for `enable_dialin` without `sip`."""
        return tuple(SipEndpoint(self.room, index) for index in range(self._count))

    @property
    def open_endpoints(self) -> tuple[SipEndpoint, ...]:
        """The endpoints that take calls during a session: all, or none with `enable_dialin: false`."""
        closed = self._obeyed and self.properties.enable_dialin is False
        return () if closed else self.endpoints

    @property
    def sip_uris(self) -> tuple[str, ...]:
        """The SIP URI of each provisioned endpoint."""
        context = self.context
        prefix = context.settings.sip_uri_prefix
        return tuple(endpoint.at(context.sip_address, prefix=prefix) for endpoint in self.endpoints)

    @property
    def code(self) -> str | None:
        """The 11 digits that callers enter; None without the property `dialin`."""
        return self.own_code if self.properties.dialin is not None else None

    def as_dict(self) -> dict[str, Any]:
        """The read-only fields of a room's `config`: `sip_uri`, `dialin_code`, `dialin_number`."""
        shown: dict[str, Any] = {}
        if uris := self.sip_uris:
            shown["sip_uri"] = {"endpoint": uris[0]}
            if len(uris) > 1:
                shown["sip_uri"]["extra_endpoints"] = list(uris[1:])
        if (dialin := self.properties.dialin) is not None:
            shown["dialin_code"] = self.own_code
            own = dialin.room_numbers
            shown["dialin_number"] = own[0].phone_number if own else self.context.dialin_number()
        return shown

    @property
    def _count(self) -> int:
        sip = self.properties.sip
        if sip is not None:
            return sip.num_endpoints if sip.sip_mode == "dial-in" else 0
        return 1 if self._obeyed and self.properties.enable_dialin else 0

    @property
    def _obeyed(self) -> bool:
        return self.context.settings.enable_dialin == "obeyed"
