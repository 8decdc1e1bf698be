"""`/rooms/:name/dialOut` (https://docs.daily.co/reference/rest-api/rooms/dialout/start)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from fake_daily_server.rest.models import SendDtmf, StartDialOut, StopDialOut
from fake_daily_server.rooms import RoomStore


def dialout_router(store: RoomStore) -> APIRouter:
    """Start, stop, sendDTMF."""
    router = APIRouter(prefix="/rooms/{room}/dialOut", tags=["dialOut"])

    @router.post("/start", summary="Call a SIP URI or a phone number from a live room")
    async def start(room: str, body: StartDialOut) -> dict[str, Any]:
        session_id = await store.get_hosting(room).start_dialout(body)
        return {"ok": store.settings.ok, "sessionId": session_id}

    @router.post("/stop", summary="End a dial-out")
    async def stop(room: str, body: StopDialOut) -> dict[str, Any]:
        await store.get_hosting(room).stop_dialout(body.session_id)
        return {"ok": store.settings.ok}

    @router.post("/sendDTMF", summary="Press keys on a telephony leg")
    async def send_dtmf(room: str, body: SendDtmf) -> dict[str, Any]:
        await store.get_hosting(room).send_dtmf(body)
        return {"ok": store.settings.ok}

    return router
