"""The microphone and speaker of a browser with the call of a phone, over HTTP and WebRTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pydantic import BaseModel, Field

from fake_daily_server.control.calls import CallBody
from fake_daily_server.control.phones import find_call, find_phone
from fake_daily_server.control.views import CallView

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

LONGEST_SDP = 65_536


class TalkBody(CallBody):
    """The offer of a browser: SDP with all ICE candidates and one media section, audio."""

    sdp: str = Field(max_length=LONGEST_SDP, examples=["v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n…"])


class MuteBody(CallBody):
    """Whether the microphone is off."""

    muted: bool = True


class TalkAnswer(BaseModel):
    """The answer to the offer, with all ICE candidates."""

    sdp: str


def add_talk(router: APIRouter, daily: FakeDaily) -> None:
    """Add the routes by which a person talks through a phone."""

    @router.post(
        "/phones/{phone_id}/talk",
        summary="Connect a browser's microphone and speaker to an answered call, by WebRTC, until the call or the "
        "connection ends",
    )
    async def talk(phone_id: str, body: TalkBody) -> TalkAnswer:
        call = find_call(find_phone(daily, phone_id), body, ended_too=False)
        return TalkAnswer(sdp=await daily.talks.begin(call, body.sdp))

    @router.post("/phones/{phone_id}/mute", summary="Switch that microphone off, or with `muted: false` on again")
    async def mute(phone_id: str, body: MuteBody | None = None) -> CallView:
        wanted = body or MuteBody()
        call = find_call(find_phone(daily, phone_id), wanted, ended_too=False)
        daily.talks.mute(call, muted=wanted.muted)
        return CallView.of(call)

    @router.post("/phones/{phone_id}/stop-talking", summary="Disconnect that microphone and speaker; the call goes on")
    async def stop_talking(phone_id: str, body: CallBody | None = None) -> CallView:
        call = find_call(find_phone(daily, phone_id), body or CallBody(), ended_too=False)
        daily.talks.stop(call)
        return CallView.of(call)
