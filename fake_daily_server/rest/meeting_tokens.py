"""`/meeting-tokens` (https://docs.daily.co/reference/rest-api/meeting-tokens)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from fake_daily_server.domain.tokens import TokenProperties, create_token, read_token
from fake_daily_server.rest.answers import Token, TokenContents, says
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, JoinRefused
from fake_daily_server.values.validation import RequestModel


class CreateToken(RequestModel):
    """Without properties, the token opens every room of the domain."""

    properties: TokenProperties | None = Field(
        default=None, examples=[{"room_name": "hello", "is_owner": True, "user_name": "Moishe", "exp": 4102444800}]
    )


def meeting_tokens_router(settings: Settings, now: Callable[[], float]) -> APIRouter:
    """Create and validate."""
    router = APIRouter(prefix="/meeting-tokens", tags=["meeting-tokens"])

    @router.post("", summary="Create a meeting token", responses=says(Token, "The token"), response_model=None)
    async def create(body: Annotated[CreateToken | None, Body()] = None) -> JSONResponse:
        properties = (body or CreateToken()).properties or TokenProperties()
        return JSONResponse({"token": create_token(properties, settings, now=now())})

    @router.get(
        "/{token}",
        summary="Validate a meeting token",
        responses=says(TokenContents, "What the token says"),
        response_model=None,
    )
    async def validate(token: str, ignore_nbf: Annotated[bool, Query(alias="ignoreNbf")] = False) -> JSONResponse:
        try:
            holder = read_token(token, settings, now=now(), ignore_nbf=ignore_nbf)
        except JoinRefused as refused:
            raise InvalidRequest(refused.info) from None
        return JSONResponse(holder.as_dict())

    return router
