"""The telephony verbs of a room, for REST and signalling: check permission and state, call the telephony service.

`by` is the participant that requests the verb; None for a request with the API key. All verbs raise InvalidRequest if
`by` lacks the permission, and NotFound if nobody has joined the room.
"""

from __future__ import annotations

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.telephony_interface import TelephonyService
from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.participants import Participant
from fake_daily_server.values.telephony_requests import SendDtmf, SipCallTransfer, SipRefer, StartDialOut


async def start_dialout(room: Room, request: StartDialOut, by: Participant | None = None) -> str:
    """Start a dial-out and return its session id. Also raises InvalidRequest without `enable_dialout`."""
    _check_may_administer("startDialOut", by)
    if not room.properties.enable_dialout:
        raise InvalidRequest(
            f"NOT_ALLOWED: dial-out is not enabled for room {room.name}; set its property enable_dialout to true"
        )
    return await _telephony(room).start_dialout(room, request)


async def stop_dialout(room: Room, session_id: str, by: Participant | None = None) -> None:
    """End a dial-out. Also raises NotFound for an unknown session id."""
    _check_may_administer("stopDialOut", by)
    await _telephony(room).stop_dialout(room, session_id)


async def send_dtmf(room: Room, request: SendDtmf, by: Participant | None = None) -> None:
    """Send digits to the far end of a telephony session. Also raises NotFound for an unknown session id."""
    _check_may_administer("sendDTMF", by)
    await _telephony(room).send_dtmf(room, request)


async def sip_call_transfer(room: Room, request: SipCallTransfer, by: Participant | None = None) -> None:
    """Connect a call to another target.

    Also raises NotFound for an unknown session id, and InvalidRequest if the call cannot be transferred.
    """
    _check_may_administer("sipCallTransfer", by)
    await _telephony(room).sip_call_transfer(room, request)


async def sip_refer(room: Room, request: SipRefer, by: Participant | None = None) -> None:
    """Ask the far end of a call to call another target itself (REFER, RFC 3515). Raises as `sip_call_transfer` does."""
    _check_may_administer("sipRefer", by)
    await _telephony(room).sip_refer(room, request)


def _check_may_administer(verb: str, by: Participant | None) -> None:
    if by is not None and not by.may_administer:
        raise InvalidRequest(
            f"{verb} is not allowed for {by.user_name or by.session_id!r}; "
            "it requires a meeting token with is_owner, or with canAdmin for 'participants'"
        )


def _telephony(room: Room) -> TelephonyService[Room]:
    room.check_live()
    return room.telephony()
