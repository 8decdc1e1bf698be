"""Bodies that customers' servers get and that are no webhook event: tests, and the question about a caller."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WebhookTest(_Body):
    """Sent to the `url` of a webhook when it is created or changed; only a 200 lets that happen."""

    test: Literal["test", True]


class RoomCreationRequest(_Body):
    """Sent to `room_creation_api` for every caller who is put on hold."""

    to: str = Field(alias="To")
    """What was dialled: a number in E.164, or the SIP user of the domain's address."""
    caller: str = Field(alias="From")
    call_id: str = Field(alias="callId")
    call_domain: str = Field(alias="callDomain")
    sip_headers: dict[str, str] | None = Field(default=None, alias="sipHeaders")


class RoomCreationProbe(_Body):
    """Sent to `room_creation_api` when it is configured; the answer changes nothing."""

    test: Literal["test"]
    to: str | None = Field(default=None, alias="To")
