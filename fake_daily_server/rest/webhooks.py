"""`/webhooks` (https://docs.daily.co/reference/rest-api/webhooks)."""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field

from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import ID, CamelBody, responds_with
from fake_daily_server.rest.response_models import Body as AnswerBody
from fake_daily_server.settings import Settings
from fake_daily_server.values.validation import RequestModel, unknown_name
from fake_daily_server.webhooks.event_types import EVENT_TYPES, EventType
from fake_daily_server.webhooks.retry import RetryType
from fake_daily_server.webhooks.service import Webhooks
from fake_daily_server.webhooks.store import Subscription, new_secret

_MAX_CHARACTERS = 2048


def _url(url: str) -> str:
    try:
        parts = urllib.parse.urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise ValueError(f"{url!r} is not usable; allowed: http://host… or https://host…")
    return url


def _secret(secret: str) -> str:
    try:
        decoded = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise ValueError("must be a secret in base64, not an empty one")
    return secret


def _credentials(value: str) -> str:
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ValueError("must be printable ASCII, since it follows 'Basic ' in the Authorization header")
    return value


def _known(kind: str) -> str:
    if kind not in EVENT_TYPES:
        raise ValueError(unknown_name("event type", kind, EVENT_TYPES))
    return kind


_EventTypes = Annotated[
    tuple[Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(EVENT_TYPES)})], ...],
    Field(max_length=len(EVENT_TYPES)),
]


class UpdateWebhook(RequestModel):
    """The request to change a webhook. A field that is absent does not change; null resets it to its default."""

    url: Annotated[str, Field(max_length=_MAX_CHARACTERS), AfterValidator(_url)] | None = None
    basic_auth: Annotated[str, Field(max_length=_MAX_CHARACTERS), AfterValidator(_credentials)] | None = None
    retry_type: RetryType | None = None
    event_types: _EventTypes | None = None
    """Null and an empty list stand for all event types, as does the absence of the field in a new webhook."""
    hmac: Annotated[str, Field(max_length=_MAX_CHARACTERS), AfterValidator(_secret)] | None = None
    """The secret in base64. It is generated if null, or absent in a new webhook."""

    def given(self) -> dict[str, Any]:
        """The fields of a `Subscription` that the request sets; null is replaced by the default."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "retry_type" in given:
            given["retry_type"] = self.retry_type or "circuit-breaker"
        if "event_types" in given:
            given["event_types"] = tuple(dict.fromkeys(self.event_types or EVENT_TYPES))
        if "hmac" in given:
            given["hmac"] = self.hmac or new_secret()
        if given.get("url", "") is None:
            del given["url"]
        return given


class CreateWebhook(UpdateWebhook):
    """The request to create a webhook; only `url` is required."""

    url: Annotated[str, Field(max_length=_MAX_CHARACTERS), AfterValidator(_url)]


class WebhookObject(CamelBody):
    """A webhook. `failedCount` is the number of failed attempts since the latest success."""

    uuid: str = Field(examples=[ID])
    url: str = Field(examples=["http://127.0.0.1:8000/daily"])
    hmac: str = Field(examples=["9jyatvPWQfBymCGDOYPYKF/TRZXR+08Gj4bvPF78pH0="])
    basic_auth: str | None = Field(examples=[None])
    retry_type: RetryType = Field(examples=["circuit-breaker"])
    event_types: list[EventType] = Field(examples=[["dialout.answered", "dialout.stopped"]])
    state: Literal["ACTIVE", "FAILED"] = Field(examples=["ACTIVE"])
    failed_count: int = Field(examples=[0])
    last_moment_pushed: str | None = Field(
        examples=["2023-08-15T18:29:52.000Z"], description="When an event was last delivered; null before the first."
    )
    domain_id: str = Field(examples=[ID])
    created_at: str = Field(examples=["2023-08-15T18:28:30.000Z"])
    updated_at: str = Field(examples=["2023-08-15T18:28:30.000Z"])


class DeletedWebhook(AnswerBody):
    """The webhook that was deleted."""

    deleted: Literal[True]
    uuid: str = Field(examples=[ID])


def webhooks_router(settings: Settings, webhooks: Webhooks) -> APIRouter:
    """Routes to create, list, get, change and delete webhooks."""
    router = api_router("webhooks", prefix="/webhooks")
    domain_id = settings.domain_id

    @router.post(
        "",
        summary="Create a webhook",
        description="Its `url` receives a test request first; unless that is answered with 200, nothing is created.",
        responses=responds_with(WebhookObject, "The webhook"),
    )
    async def create(body: CreateWebhook) -> JSONResponse:
        webhook = await webhooks.create(Subscription(**body.given()))
        return JSONResponse(webhook.as_dict(domain_id))

    @router.get(
        "", summary="List all webhooks, oldest first", responses=responds_with(list[WebhookObject], "All webhooks")
    )
    async def list_webhooks() -> JSONResponse:
        return JSONResponse([webhook.as_dict(domain_id) for webhook in webhooks.webhooks])

    @router.get("/{uuid}", summary="Get a webhook", responses=responds_with(WebhookObject, "The webhook"))
    async def get(uuid: str) -> JSONResponse:
        return JSONResponse(webhooks.find(uuid).as_dict(domain_id))

    @router.post(
        "/{uuid}",
        summary="Change a webhook, and activate it again",
        description="Its `url` receives a test request first; unless that is answered with 200, nothing changes.",
        responses=responds_with(WebhookObject, "The webhook"),
    )
    async def update(uuid: str, body: Annotated[UpdateWebhook | None, Body()] = None) -> JSONResponse:
        webhook = await webhooks.update(uuid, **(body or UpdateWebhook()).given())
        return JSONResponse(webhook.as_dict(domain_id))

    @router.delete(
        "/{uuid}", summary="Delete a webhook", responses=responds_with(DeletedWebhook, "The webhook was deleted")
    )
    async def delete(uuid: str) -> JSONResponse:
        await webhooks.delete(uuid)
        return JSONResponse({"deleted": True, "uuid": uuid})

    return router
