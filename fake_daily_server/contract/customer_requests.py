"""Request bodies for customers' servers that are not webhook events: test requests, and room creation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebhookTest(_Body):
    """Sent to the `url` of a webhook before it is created or changed, which needs the answer 200."""

    test: Literal["test", True]


class RoomCreationRequest(_Body):
    """Sent to `room_creation_api` for every held caller."""

    to: str = Field(alias="To")
    """The dialled number in E.164, or the user part of the domain's SIP address."""
    caller: str = Field(alias="From")
    call_id: str = Field(alias="callId")
    call_domain: str = Field(alias="callDomain")
    sip_headers: dict[str, str] | None = Field(default=None, alias="sipHeaders")


class RoomCreationProbe(_Body):
    """Sent to `room_creation_api` when it is configured; the answer is ignored."""

    test: Literal["test"]
    to: str | None = Field(default=None, alias="To")
