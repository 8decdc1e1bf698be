"""`/rooms/:name/dialOut` (https://docs.daily.co/reference/rest-api/rooms/dialout/start)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from fake_daily_server.domain import telephony_verbs
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.rest.api_router import api_router
from fake_daily_server.rest.response_models import Ok, OkSession, responds_with
from fake_daily_server.values.telephony_requests import SendDtmf, StartDialOut, StopDialOut


def dialout_router(store: RoomStore) -> APIRouter:
    """Routes to start and stop dial-outs, and to send digits."""
    router = api_router("dialOut", prefix="/rooms/{room}/dialOut")

    @router.post(
        "/start",
        summary="Call a SIP URI or a phone number from a live room",
        responses=responds_with(OkSession, "The target is being dialled; events report the rest"),
    )
    async def start(room: str, body: StartDialOut) -> JSONResponse:
        session_id = await telephony_verbs.start_dialout(store.get_for_session(room), body)
        return JSONResponse({"ok": store.settings.ok, "sessionId": session_id})

    @router.post("/stop", summary="End a dial-out", responses=responds_with(Ok, "The call is being hung up"))
    async def stop(room: str, body: StopDialOut) -> JSONResponse:
        await telephony_verbs.stop_dialout(store.get_for_session(room), body.session_id)
        return JSONResponse({"ok": store.settings.ok})

    @router.post(
        "/sendDTMF",
        summary="Send digits to the far end of a telephony session",
        responses=responds_with(Ok, "The digits were accepted"),
    )
    async def send_dtmf(room: str, body: SendDtmf) -> JSONResponse:
        await telephony_verbs.send_dtmf(store.get_for_session(room), body)
        return JSONResponse({"ok": store.settings.ok})

    return router
