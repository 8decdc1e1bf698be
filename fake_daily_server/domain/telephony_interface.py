"""What rooms need of the telephony: the verbs that they pass on, and the hooks that they call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from fake_daily_server.values.ids import SipEndpoint
from fake_daily_server.values.telephony_requests import (
    PinlessCallUpdate,
    SendDtmf,
    SipCallTransfer,
    SipRefer,
    StartDialOut,
)

RoomT_contra = TypeVar("RoomT_contra", contravariant=True)


class TelephonyService(Protocol[RoomT_contra]):
    """The part of the server that makes and takes calls. It refuses with DailyErrors.

    It is generic in the room, so that rooms can import this module.
    """

    # --- verbs ---

    async def start_dialout(self, room: RoomT_contra, request: StartDialOut) -> str:
        """Start a dial-out and return its session id at once, before the far end rings."""

    async def stop_dialout(self, room: RoomT_contra, session_id: str) -> None:
        """End a dial-out."""

    async def send_dtmf(self, room: RoomT_contra, request: SendDtmf) -> None:
        """Send digits to the far end of a telephony session."""

    async def eject(self, room: RoomT_contra, session_id: str) -> None:
        """Hang up the call of a telephony participant, whether it was dialled in or out."""

    async def sip_call_transfer(self, room: RoomT_contra, request: SipCallTransfer) -> None:
        """Connect a call to another target; returns when the call has left the room."""

    async def sip_refer(self, room: RoomT_contra, request: SipRefer) -> None:
        """Ask the far end of a call to call another target; returns when the call has left the room."""

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        """Move a held caller to a room."""

    # --- hooks ---

    async def session_started(self, room: RoomT_contra) -> None:
        """Register the dial-in endpoints: the first client that counts has received its joined-meeting."""

    async def endpoints_opened(self, room: RoomT_contra, endpoints: Sequence[SipEndpoint]) -> None:
        """Register dial-in endpoints that the room was given during a session."""

    async def client_joined(self, room: RoomT_contra, session_id: str) -> None:
        """Another client has joined a session whose dial-in endpoints are registered."""

    async def session_ended(self, room: RoomT_contra) -> None:
        """Hang up all calls of the room: its last client has left."""

    async def room_closed(self, room: RoomT_contra) -> None:
        """Hang up the callers who wait for a meeting in the room: it has been deleted."""
