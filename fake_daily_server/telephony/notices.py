"""Converts the notices of SIP user agents into inputs of the call machines."""

from __future__ import annotations

from fake_daily_server.telephony.machines import inputs
from simulator.useragent import messages


def dialout_input(notice: messages.AnyCallNotice) -> inputs.DialOutInput | None:
    """The machine input for a notice about a dialled call; None for a notice that the machine does not use."""
    match notice:
        case messages.Dialling(sip_call_id=sip_call_id):
            return inputs.Dialled(sip_call_id)
        case messages.Ringing():
            return inputs.Ringing()
        case messages.EarlyMedia():
            return inputs.EarlyMedia()
        case _:
            return dialin_input(notice)


def dialin_input(
    notice: messages.AnyCallNotice,
) -> inputs.Answered | inputs.MediaUp | inputs.VideoUp | inputs.Ended | inputs.WorkerLost | None:
    """The machine input for a notice after the `Incoming` of a call to a room; None if the machine does not use it."""
    match notice:
        case messages.VideoMedia(codec=codec):
            return inputs.VideoUp(codec)
        case _:
            return roomless_input(notice)


def roomless_input(
    notice: messages.AnyCallNotice,
) -> inputs.Answered | inputs.MediaUp | inputs.Ended | inputs.WorkerLost | None:
    """The machine input for a notice of a caller in no room, who has no video; None if the machine does not use it."""
    match notice:
        case messages.Answered():
            return inputs.Answered()
        case messages.Media(codec=codec, telephone_event=payload_type, answered=answered):
            return inputs.MediaUp(codec, payload_type is not None, answered)
        case messages.Ended(by="worker", reason=reason):
            return inputs.WorkerLost(reason)
        case messages.Ended(status=status, reason=reason, by=by, headers=headers):
            return inputs.Ended(status, reason, by, headers)
        case _:
            return None
