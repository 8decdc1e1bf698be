"""`/dialin/pinlessCallUpdate` (https://docs.daily.co/reference/rest-api/dial-in/pinless-update)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.answers import Ok, says
from fake_daily_server.values.errors import ServerFault
from fake_daily_server.values.telephony_requests import PinlessCallUpdate


def dialin_router(store: RoomStore) -> APIRouter:
    """Say where a held caller goes. Clients take every status but 200 for a failure."""
    router = APIRouter(prefix="/dialin", tags=["dialin"])

    @router.post(
        "/pinlessCallUpdate",
        summary="Send a held caller to a SIP endpoint of a room",
        responses=says(Ok, "The caller is on the way"),
        response_model=None,
    )
    async def pinless_call_update(body: PinlessCallUpdate) -> JSONResponse:
        if store.telephony is None:
            raise ServerFault("this server runs without telephony", status=503)
        await store.telephony.pinless_call_update(body)
        return JSONResponse({"ok": store.settings.ok})

    return router
