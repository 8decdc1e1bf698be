"""`/sip-clients`: names and passwords with which user agents register (as in daily-ruby, made from Daily's OpenAPI)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from fake_daily_server.domain.domain_store import DomainStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import StatusOk, responds_with
from fake_daily_server.rest.sip_client_models import SipClientList, SipClientObject, SipClientWithPassword
from fake_daily_server.values.participants import timestamp
from fake_daily_server.values.sip_client import LIFETIME_S, SipClient, Username
from fake_daily_server.values.validation import RequestModel


class NewSipClient(RequestModel):
    """The name of a new client; a password if none shall be made; its life if it shall not last."""

    model_config = ConfigDict(alias_generator=None)

    username: Username
    password: str | None = Field(default=None, examples=["correct-horse-1"])
    expires_in_seconds: Annotated[int, Field(ge=LIFETIME_S[0], le=LIFETIME_S[1], examples=[7200])] | None = None


class NewPassword(RequestModel):
    """The new password; without it one is made."""

    model_config = ConfigDict(alias_generator=None)

    password: str | None = Field(default=None, examples=["correct-horse-2"])


class SipClientQuery(RequestModel):
    """A page of the list."""

    model_config = ConfigDict(alias_generator=None)

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    offset: Annotated[int, Field(ge=0)] = 0


def sip_clients_router(domain: DomainStore) -> APIRouter:
    """Routes to create, list, get and delete SIP clients, and to change their passwords."""
    router = api_router("sip-clients", prefix="/sip-clients")

    def shown(client: SipClient, *, password: bool = False) -> dict[str, Any]:
        ends = client.expires_at
        return {
            "username": client.username,
            "domain": domain.sip_address,
            "sip_uri": f"sip:{client.username}@{domain.sip_address}",
            **({"password": client.password} if password else {}),
            "expires_at": None if ends is None else timestamp(datetime.fromtimestamp(ends, UTC)),
        }

    @router.post(
        "",
        summary="Create a SIP client",
        description="User agents register with its name and password, and are called at its `sip_uri`.",
        responses=responds_with(SipClientWithPassword, "The client, with its password for the only time"),
    )
    async def create(body: NewSipClient) -> JSONResponse:
        client = domain.sip_clients.create(body.username, body.password, expires_in_seconds=body.expires_in_seconds)
        return JSONResponse(shown(client, password=True))

    @router.get(
        "",
        summary="List SIP clients, newest first",
        responses=responds_with(SipClientList, "A page of clients"),
    )
    async def list_clients(query: Annotated[SipClientQuery, Query()]) -> JSONResponse:
        clients = domain.sip_clients.all[::-1]
        page = [shown(client) for client in clients[query.offset : query.offset + query.limit]]
        return JSONResponse({"sip_clients": page, "total": len(clients), "limit": query.limit, "offset": query.offset})

    @router.get("/{username}", summary="Get a SIP client", responses=responds_with(SipClientObject, "The client"))
    async def get(username: str) -> JSONResponse:
        return JSONResponse(shown(domain.sip_clients.get(username)))

    @router.delete(
        "/{username}",
        summary="Delete a SIP client",
        description="Its user agents are no longer registered; calls in progress go on.",
        responses=responds_with(StatusOk, "The client is deleted"),
    )
    async def delete(username: str) -> JSONResponse:
        domain.sip_clients.delete(username)
        return JSONResponse({"status": "ok"})

    @router.post(
        "/{username}/rotate",
        summary="Give a SIP client another password",
        description="Its user agents stay registered until they refresh.",
        responses=responds_with(SipClientWithPassword, "The client with its new password"),
    )
    async def rotate(username: str, body: Annotated[NewPassword | None, Body()] = None) -> JSONResponse:
        client = domain.sip_clients.rotate(username, body.password if body else None)
        return JSONResponse(shown(client, password=True))

    return router
