"""The bodies of requests to customers' servers other than webhook events: test requests, and room creation requests."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebhookTest(_Body):
    """Sent to the `url` of a webhook before the webhook is created or changed; the server must answer 200."""

    test: Literal["test", True]


class RoomCreationRequest(_Body):
    """Sent to `room_creation_api` for every held caller, to ask for a room."""

    to: str = Field(alias="To")
    """The dialled number in E.164, or the user part of the static SIP address that was called."""
    caller: str = Field(alias="From")
    call_id: str = Field(alias="callId")
    call_domain: str = Field(alias="callDomain")
    sip_headers: dict[str, str] | None = Field(default=None, alias="sipHeaders")


class TrunkRoom(_Body):
    """The room of a call to a SIP trunk."""

    name: str
    url: str


class TrunkFacts(_Body):
    """The trunk that was called."""

    id: str
    trunk_name: str
    description: str | None


class TrunkCaller(_Body):
    """Who called whom."""

    to: str = Field(alias="To")
    """The dialled number in E.164, or the Request-URI."""
    caller: str = Field(alias="From")
    call_id: str = Field(alias="callId")
    """The SIP Call-ID."""
    sip_headers: dict[str, str] = Field(alias="sipHeaders")


class SipTrunkIncoming(_Body):
    """Sent to the server of a SIP trunk for every call; a 2xx accepts the call."""

    type: Literal["sip_trunk.incoming"]
    room: TrunkRoom
    trunk: TrunkFacts
    call: TrunkCaller


class SipTrunkTest(_Body):
    """The test request to the server of a SIP trunk, before it is used; the server must answer 2xx."""

    type: Literal["sip_trunk.test"]


class RoomCreationProbe(_Body):
    """The test request, sent to `room_creation_api` when the API is configured; the answer is ignored."""

    test: Literal["test"]
    to: str | None = Field(default=None, alias="To")
