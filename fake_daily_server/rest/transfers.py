"""`/rooms/:name/sipCallTransfer` and `sipRefer` (https://docs.daily.co/reference/rest-api/rooms/call-transfer)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fake_daily_server.domain import telephony_verbs
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Ok, responds_with
from fake_daily_server.values.telephony_requests import SipCallTransfer, SipRefer


def transfers_router(store: RoomStore) -> APIRouter:
    """Routes to transfer telephony sessions. They answer once the call has left the room."""
    router = api_router("transfers", prefix="/rooms/{room}")

    @router.post(
        "/sipCallTransfer",
        summary="Connect a telephony session to a room, a SIP URI or a phone number",
        responses=responds_with(Ok, "The target is being called"),
    )
    async def sip_call_transfer(room: str, body: SipCallTransfer) -> JSONResponse:
        await telephony_verbs.sip_call_transfer(store.get_for_session(room), body)
        return JSONResponse({"ok": store.settings.ok})

    @router.post(
        "/sipRefer",
        summary="Ask the far end of a telephony session to call a SIP URI itself",
        responses=responds_with(Ok, "The far end has accepted"),
    )
    async def sip_refer(room: str, body: SipRefer) -> JSONResponse:
        await telephony_verbs.sip_refer(store.get_for_session(room), body)
        return JSONResponse({"ok": store.settings.ok})

    return router
