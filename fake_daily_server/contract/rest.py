"""What the REST API shows inside of `config`, beside what was set: the read-only fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class SipUris(_Shown):
    """The addresses of a room's dial-in endpoints; `extra_endpoints` are those beyond the first."""

    endpoint: str
    extra_endpoints: tuple[str, ...] | None = None


class ReadOnlyRoomConfig(_Shown):
    """In the `config` of a room: `sip_uri` with the property `sip`, the others with `dialin`."""

    sip_uri: SipUris | None = None
    dialin_code: str | None = None
    dialin_number: str | None = None
