"""The interface between rooms and telephony: the verbs that rooms forward, and the hooks that rooms call."""

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
    """The service that makes and takes calls. It refuses requests by raising DailyErrors.

    Generic in the class of rooms, so that the module of rooms can import this one.
    """

    # --- verbs ---

    async def start_dialout(self, room: RoomT_contra, request: StartDialOut) -> str:
        """Start a dial-out and return its session id at once, before the far end rings."""

    async def stop_dialout(self, room: RoomT_contra, session_id: str) -> None:
        """End a dial-out."""

    async def send_dtmf(self, room: RoomT_contra, request: SendDtmf) -> None:
        """Send digits to the far end of a telephony session."""

    async def eject(self, room: RoomT_contra, session_id: str) -> None:
        """Hang up the call of a telephony participant, dial-in or dial-out."""

    async def sip_call_transfer(self, room: RoomT_contra, request: SipCallTransfer) -> None:
        """Connect a call to another target; returns once the call has left the room."""

    async def sip_refer(self, room: RoomT_contra, request: SipRefer) -> None:
        """Ask the far end of a call to call another target itself; returns once the call has left the room."""

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        """Move a held caller to a room."""

    # --- hooks ---

    async def session_started(self, room: RoomT_contra) -> None:
        """Register the dial-in endpoints.

        Called once a session, after the first client that may start them (setting `hidden_participants_start_sip`) has
        received its joined-meeting event.
        """

    async def endpoints_opened(self, room: RoomT_contra, endpoints: Sequence[SipEndpoint]) -> None:
        """Register dial-in endpoints that the room was given during a session."""

    async def client_joined(self, room: RoomT_contra, session_id: str) -> None:
        """Handle the join of a client to a session whose dial-in endpoints are registered already."""

    async def session_ended(self, room: RoomT_contra) -> None:
        """Hang up all calls of the room. Called after its last client has left."""

    async def room_closed(self, room: RoomT_contra) -> None:
        """Hang up the callers who wait for a meeting in the room, or are in it. Called after it has been deleted."""
