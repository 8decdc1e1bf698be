"""`/meeting-tokens` (https://docs.daily.co/reference/rest-api/meeting-tokens)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from fake_daily_server.domain.tokens import TokenProperties, create_token, read_token
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Token, TokenContents, responds_with
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, JoinRefused
from fake_daily_server.values.validation import RequestModel


class CreateToken(RequestModel):
    """The request to create a meeting token. Without properties, the token is valid for every room of the domain."""

    properties: TokenProperties | None = Field(
        default=None, examples=[{"room_name": "hello", "is_owner": True, "user_name": "Moishe", "exp": 4102444800}]
    )


def meeting_tokens_router(settings: Settings, now: Callable[[], float]) -> APIRouter:
    """Routes to create and to validate a meeting token. `now` gives unix seconds."""
    router = api_router("meeting-tokens", prefix="/meeting-tokens")

    @router.post("", summary="Create a meeting token", responses=responds_with(Token, "The token"))
    async def create(body: Annotated[CreateToken | None, Body()] = None) -> JSONResponse:
        properties = (body or CreateToken()).properties or TokenProperties()
        return JSONResponse({"token": create_token(properties, settings, now=now())})

    @router.get(
        "/{token}",
        summary="Validate a meeting token",
        responses=responds_with(TokenContents, "The properties of the token"),
    )
    async def validate(token: str, ignore_nbf: Annotated[bool, Query(alias="ignoreNbf")] = False) -> JSONResponse:
        try:
            properties = read_token(token, settings, now=now(), ignore_nbf=ignore_nbf)
        except JoinRefused as refused:
            raise InvalidRequest(refused.info) from None
        return JSONResponse(properties.as_dict())

    return router
