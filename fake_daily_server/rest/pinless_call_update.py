"""`/dialin/pinlessCallUpdate` (https://docs.daily.co/reference/rest-api/dial-in/pinless-update)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.telephony_interface import TelephonyService
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Ok, responds_with
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import ServerFault
from fake_daily_server.values.telephony_requests import PinlessCallUpdate


def pinless_call_update_router(settings: Settings, telephony: Callable[[], TelephonyService[Room] | None]) -> APIRouter:
    """The route that moves a held caller to a room. To Daily's clients, any status other than 200 is a failure."""
    router = api_router("dialin", prefix="/dialin")

    @router.post(
        "/pinlessCallUpdate",
        summary="Move a held caller to a SIP endpoint of a room",
        responses=responds_with(Ok, "The caller is being moved"),
    )
    async def pinless_call_update(body: PinlessCallUpdate) -> JSONResponse:
        if (service := telephony()) is None:
            raise ServerFault("this server runs without telephony", status=503)
        await service.pinless_call_update(body)
        return JSONResponse({"ok": settings.ok})

    return router
