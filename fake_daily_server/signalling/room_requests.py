"""Carries out requests that act on a room and do not depend on the client's connection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fake_daily_server.domain import telephony_verbs
from fake_daily_server.domain.administration import ALL_PARTICIPANTS, update_participant
from fake_daily_server.domain.room import Room
from fake_daily_server.signalling import messages as m
from fake_daily_server.values.app_message_limit import check_app_message
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.participants import Participant

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
            return {"session": {"sessionId": await telephony_verbs.start_dialout(room, request.params, me)}}
        case m.StopDialOutRequest():
            await telephony_verbs.stop_dialout(room, request.params.session_id, me)
        case m.SendDtmfRequest():
            await telephony_verbs.send_dtmf(room, request.params, me)
        case m.SipCallTransferRequest():
            await telephony_verbs.sip_call_transfer(room, request.params, me)
        case m.SipReferRequest():
            await telephony_verbs.sip_refer(room, request.params, me)
    return {}


async def answer_meeting_request(room: Room, me: Participant, request: MeetingRequest) -> dict[str, Any]:
    """Carry out a request of participant `me` about the meeting and return its result. Raises DailyError."""
    match request:
        case m.SendAppMessageRequest():
            _send_app_message(room, me, request.params)
        case m.UpdateParticipantRequest(params=wanted):
            await update_participant(
                room,
                wanted.session_id,
                me,
                eject=wanted.eject,
                permissions=wanted.update_permissions,
                audio=wanted.set_audio,
                video=wanted.set_video,
            )
        case m.SetUserNameRequest(params=given):
            room.replace_participant(me.with_user_name(given.user_name))
            return {"userName": given.user_name}
        case m.SetUserDataRequest(params=given):
            room.replace_participant(replace(me, user_data=given.user_data))
            return {"userData": given.user_data}
        case m.SetSessionDataRequest():
            room.set_session_data(request.params)
        case m.RoomRequest():
            return room.info_for(me)
        case m.ParticipantsRequest():
            return participants_result(room, me.session_id)
    return {}


def participants_result(room: Room, session_id: str) -> dict[str, Any]:
    """The participants of the room and their counts, as the participant `session_id` sees them."""
    return {"participants": room.participants_seen_by(session_id), "participantCounts": room.counts}


def _send_app_message(room: Room, me: Participant, message: m.SendAppMessage) -> None:
    check_app_message(message.data)
    event = {"action": "app-message", "data": message.data, "fromId": me.session_id}
    if message.to == ALL_PARTICIPANTS:
        room.publish(event, but=me.session_id)
        return
    recipients = (message.to,) if isinstance(message.to, str) else message.to
    for recipient in recipients:
        if recipient not in room.participants:
            raise NotFound(
                f"to: no participant {recipient} in room {room.name}; use a session id, or '*' for all participants"
            )
    for recipient in recipients:
        room.send(recipient, event)
