"""The response bodies of `/sip-clients`, for the OpenAPI document."""

from __future__ import annotations

from pydantic import Field

from fake_daily_server.rest.response_models import Body


class SipClientObject(Body):
    """A SIP client. `expires_at` is null for one that lasts."""

    username: str = Field(examples=["support.1"])
    domain: str = Field(examples=["127.0.0.1:5060"])
    sip_uri: str = Field(examples=["sip:support.1@127.0.0.1:5060"])
    expires_at: str | None = Field(examples=["2026-10-08T12:00:00.000Z"])


class SipClientWithPassword(SipClientObject):
    """A SIP client whose password was just set."""

    password: str = Field(examples=["k3yWh1chIsMadeAtRandom00"])


class SipClientList(Body):
    """A page of SIP clients, newest first."""

    sip_clients: list[SipClientObject]
    total: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])
