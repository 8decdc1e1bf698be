"""`/dialin/pinlessCallUpdate` (https://docs.daily.co/reference/rest-api/dial-in/pinless-update)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.telephony_service import TelephonyService
from fake_daily_server.rest.answers import Ok, says
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import ServerFault
from fake_daily_server.values.telephony_requests import PinlessCallUpdate


def dialin_router(settings: Settings, telephony: Callable[[], TelephonyService[Room] | None]) -> APIRouter:
    """Say where a held caller goes. Clients take every status but 200 for a failure."""
    router = APIRouter(prefix="/dialin", tags=["dialin"])

    @router.post(
        "/pinlessCallUpdate",
        summary="Send a held caller to a SIP endpoint of a room",
        responses=says(Ok, "The caller is on the way"),
        response_model=None,
    )
    async def pinless_call_update(body: PinlessCallUpdate) -> JSONResponse:
        if (serving := telephony()) is None:
            raise ServerFault("this server runs without telephony", status=503)
        await serving.pinless_call_update(body)
        return JSONResponse({"ok": settings.ok})

    return router
