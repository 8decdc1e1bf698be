"""Facts that rooms announce about their calls; see `domain.facts`."""

from __future__ import annotations

from dataclasses import dataclass

from fake_daily_server.domain.facts import Fact
from fake_daily_server.telephony.events import TelephonyEvent
from fake_daily_server.telephony.machines.outputs import TransferStep


@dataclass(frozen=True, slots=True)
class EndpointRegistered(Fact):
    """A dial-in endpoint of the room can be called at `sip_endpoint`."""

    sip_endpoint: str


@dataclass(frozen=True, slots=True)
class CallProgressed(Fact):
    """A telephony event of a call: `event`, as the clients of the call's room receive it, if the call has a room.

    `display_name` is the name of the call's participant, or of the caller if the call has no room.
    """

    event: TelephonyEvent
    display_name: str


@dataclass(frozen=True, slots=True)
class TransferProgressed(Fact):
    """A transfer has reached `step`. `meeting_id` identifies the meeting that the call is transferred out of."""

    step: TransferStep
    session_id: str
    meeting_id: str
    to_endpoint: str
    from_endpoint: str
    is_sip_refer: bool
