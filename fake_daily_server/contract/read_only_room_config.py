"""The read-only fields that the REST API adds to the `config` of a room."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _ReadOnly(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class SipUris(_ReadOnly):
    """The SIP URIs of a room's dial-in endpoints; `extra_endpoints` are all but the first."""

    endpoint: str
    extra_endpoints: tuple[str, ...] | None = None


class ReadOnlyRoomConfig(_ReadOnly):
    """Read-only fields of a room: `sip_uri` if it has the property `sip`, the others if it has `dialin`."""

    sip_uri: SipUris | None = None
    dialin_code: str | None = None
    dialin_number: str | None = None
