"""A call to a SIP trunk that rings: runs its machine, makes its room, and announces it to the customer's server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fake_daily_server.domain.room import Room
from fake_daily_server.domain.rooms import RoomStore
from fake_daily_server.telephony.command_runner import CommandRunner
from fake_daily_server.telephony.followed_call import FollowedCall
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.trunk_call import TrunkCallMachine
from fake_daily_server.telephony.notices import roomless_input
from fake_daily_server.telephony.room_entry import RoomEntry
from fake_daily_server.telephony.timeline_records import feed_recorded, record_notice
from fake_daily_server.telephony.trunks.bodies import incoming_body
from fake_daily_server.telephony.trunks.customer_posts import CustomerPosts
from fake_daily_server.telephony.trunks.trunk_room import make_trunk_room
from fake_daily_server.telephony.x_headers import x_headers
from fake_daily_server.values.errors import DailyError, NotFound
from fake_daily_server.values.sip_trunk import SipTrunk
from simulator.numbers import SipAddress
from simulator.timeline import Timeline
from simulator.useragent import messages
from simulator.useragent.handle import Call


@dataclass(frozen=True, slots=True)
class TrunkContext:
    """What all calls to trunks of a server share."""

    timeline: Timeline
    rooms: RoomStore
    entry: RoomEntry
    posts: CustomerPosts
    entered: Callable[[Leg], None]
    """Called with the session that a call has become."""
    released: Callable[[TrunkCall], None]
    """Called when a call has entered its room, or is over."""


class TrunkCall:
    """Feeds the SIP notices of a call to its machine and performs the outputs, until the call enters its room."""

    def __init__(self, context: TrunkContext, trunk: SipTrunk, call: Call, incoming: messages.Incoming) -> None:
        self.machine = TrunkCallMachine()
        self.trunk = trunk
        """The trunk, as it was when the call came."""
        self.incoming = incoming
        """The INVITE of the call."""
        self.over = asyncio.Event()
        """Set when the call is over or has entered its room."""
        self._context = context
        self._call = call
        self._followed_call = FollowedCall(self.notice, call)
        self._room: Room | None = None
        self._announcing: asyncio.Task[None] | None = None
        self._about: dict[str, Any] = {"sip_call_id": call.sip_call_id}
        self._commands = CommandRunner(context.timeline, **self._about)

    def feed(self, given: inputs.TrunkCallInput) -> None:
        """Feed one input to the machine and perform its outputs."""
        for output in feed_recorded(self._context.timeline, self.machine, given, **self._about):
            self._perform(output)

    def notice(self, call: Call, notice: messages.AnyCallNotice) -> None:
        """Handle a notice of the SIP call."""
        record_notice(self._context.timeline, notice, sip_call_id=call.sip_call_id)
        given = roomless_input(notice)
        if given is not None:
            self.feed(given)

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.Ring():
                self._commands.start(self._call.ring())
            case outputs.Reject(status, reason):
                self._commands.start(self._call.reject(status, reason))
            case outputs.MakeRoom():
                self.feed(self._make_room())
            case outputs.AnnounceCall() if self._room is not None:
                self._announcing = asyncio.create_task(self._announce(self._room))
            case outputs.StopAnnouncing() if self._announcing is not None:
                self._announcing.cancel()
            case outputs.DeleteRoom() if self._room is not None:
                self._commands.start(self._delete(self._room))
            case outputs.EnterRoom() if self._room is not None:
                leg = self._context.entry.take_trunk_call(self._followed_call, self.incoming, self._room)
                self._record("enters the room", room=self._room.name, session_id=leg.session_id)
                self._context.entered(leg)
            case outputs.Release():
                self._context.released(self)
                self.over.set()

    def _make_room(self) -> inputs.RoomMade | inputs.RoomRefused:
        try:
            self._room = make_trunk_room(self._context.rooms, self.trunk)
        except DailyError as refusal:
            self._record("gets no room", refused="480 Temporarily Unavailable", because=refusal.info)
            return inputs.RoomRefused(refusal.info)
        self._record("gets a room", room=self._room.name, awaits=f"{self.trunk.webhook_url} has accepted it with 2xx")
        return inputs.RoomMade()

    async def _announce(self, room: Room) -> None:
        incoming = self.incoming
        body = incoming_body(
            self.trunk,
            room=room.name,
            room_url=room.url,
            caller=_number_or_uri(incoming.from_uri),
            called=_number_or_uri(incoming.request_uri),
            sip_call_id=self._call.sip_call_id,
            sip_headers=x_headers(incoming.headers),
        )
        failure = await self._context.posts.announce(self.trunk, body, **self._about)
        if failure is not None:
            self._record("is not accepted", refused="480 Notification Failed", because=self._refused_by(failure))
            self.feed(inputs.NotificationFailed(failure))
            return
        refusal = self._context.entry.refusal_of_trunk_call(room)
        if refusal is not None:
            status = f"{refusal.status} {refusal.reason}"
            self._record("is refused by its room", refused=status, because=refusal.explanation)
        self.feed(inputs.CallAccepted(refusal))

    def _refused_by(self, failure: str) -> str:
        return f"the server of trunk {self.trunk.name}, {self.trunk.webhook_url}, has not accepted it: {failure}"

    async def _delete(self, room: Room) -> None:
        try:
            await self._context.rooms.delete(room.name)
        except NotFound:
            return  # the customer's server has deleted it
        self._record("loses its room", room=room.name)

    def _record(self, action: str, **fields: Any) -> None:
        self._context.timeline.append("roomless", action=action, trunk=self.trunk.name, **self._about, **fields)


def _number_or_uri(uri: str) -> str:
    """The phone number in a SIP URI; the URI if it has none."""
    return SipAddress.received(uri).number or uri
