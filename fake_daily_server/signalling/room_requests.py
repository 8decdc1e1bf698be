"""Requests that act on a room and do not depend on the connection that they came from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fake_daily_server.domain.room import Room
from fake_daily_server.signalling import messages as m
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.participants import Participant
from fake_daily_server.values.session_data import merged

LONGEST_APP_MESSAGE = 4096
"""Characters of JSON."""

TelephonyRequest = (
    m.StartDialOutRequest | m.StopDialOutRequest | m.SendDtmfRequest | m.SipCallTransferRequest | m.SipReferRequest
)
MeetingRequest = (
    m.SendAppMessageRequest
    | m.UpdateParticipantRequest
    | m.SetUserNameRequest
    | m.SetUserDataRequest
    | m.SetSessionDataRequest
    | m.RoomRequest
    | m.ParticipantsRequest
)


async def answer_telephony_request(room: Room, me: Participant, request: TelephonyRequest) -> dict[str, Any]:
    """Carry out a telephony request of participant `me` and return its result. Raises DailyError."""
    match request:
        case m.StartDialOutRequest():
            return {"session": {"sessionId": await room.start_dialout(request.params, me)}}
        case m.StopDialOutRequest():
            await room.stop_dialout(request.params.session_id, me)
        case m.SendDtmfRequest():
            await room.send_dtmf(request.params, me)
        case m.SipCallTransferRequest():
            await room.sip_call_transfer(request.params, me)
        case m.SipReferRequest():
            await room.sip_refer(request.params, me)
    return {}


async def answer_meeting_request(room: Room, me: Participant, request: MeetingRequest) -> dict[str, Any]:
    """Carry out a request of participant `me` about the meeting and return its result. Raises DailyError."""
    match request:
        case m.SendAppMessageRequest():
            _send_app_message(room, me, request.params)
        case m.UpdateParticipantRequest(params=wanted):
            await room.update_participant(
                wanted.session_id,
                me,
                eject=wanted.eject,
                permissions=wanted.update_permissions,
                audio=wanted.set_audio,
                video=wanted.set_video,
            )
        case m.SetUserNameRequest(params=given):
            room.change_participant(me.renamed(given.user_name))
            return {"userName": given.user_name}
        case m.SetUserDataRequest(params=given):
            room.change_participant(replace(me, user_data=given.user_data))
            return {"userData": given.user_data}
        case m.SetSessionDataRequest():
            room.set_session_data(merged(room.session_data or {}, request.params))
        case m.RoomRequest():
            return room.info_for(me)
        case m.ParticipantsRequest():
            return participants_result(room, me.session_id)
    return {}


def participants_result(room: Room, session_id: str) -> dict[str, Any]:
    """The participants of the room and their counts, as the participant `session_id` sees them."""
    return {"participants": room.participants_for(session_id), "participantCounts": room.counts}


def _send_app_message(room: Room, me: Participant, message: m.SendAppMessage) -> None:
    size = len(json.dumps(message.data, separators=(",", ":")))
    if size > LONGEST_APP_MESSAGE:
        raise InvalidRequest(f"data has {size} characters of JSON but may have at most {LONGEST_APP_MESSAGE}")
    event = {"action": "app-message", "data": message.data, "fromId": me.session_id}
    if message.to == "*":
        room.publish(event, but=me.session_id)
        return
    recipients = (message.to,) if isinstance(message.to, str) else message.to
    for recipient in recipients:
        if recipient not in room.participants:
            raise NotFound(f"to: no participant {recipient} in room {room.name}")
    for recipient in recipients:
        room.tell(recipient, event)
