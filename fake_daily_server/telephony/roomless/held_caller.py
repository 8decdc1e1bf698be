"""A caller on hold until pinlessCallUpdate names a room (pinless dial-in, SIP interconnect)."""

from __future__ import annotations

from fake_daily_server.domain.room import Room
from fake_daily_server.telephony.machines import inputs, outputs
from fake_daily_server.telephony.machines.held_caller import HeldCallerMachine, HeldCallerRules
from fake_daily_server.telephony.roomless.caller import RoomlessCaller, RoomlessContext
from fake_daily_server.telephony.roomless.room_creation import request_body
from fake_daily_server.telephony.x_headers import x_headers
from fake_daily_server.values.dialin_config import DialinConfig
from fake_daily_server.values.ids import SipEndpoint
from simulator.numbers import SipAddress
from simulator.useragent import messages
from simulator.useragent.handle import Call


class HeldCaller(RoomlessCaller):
    """A caller on hold; `id` is the `callId` of pinlessCallUpdate."""

    machine: HeldCallerMachine

    def __init__(
        self,
        context: RoomlessContext,
        call: Call,
        incoming: messages.Incoming,
        config: DialinConfig,
        rules: HeldCallerRules,
    ) -> None:
        super().__init__(context, call, incoming)
        self.machine = HeldCallerMachine(rules)
        self.config = config
        self.moved_to: tuple[Room, SipEndpoint] | None = None
        """The room and endpoint that the caller was moved to; None before."""
        self._no_room_since: str | None = None
        """Why `room_creation_api` has made no room; None as long as that is not known."""

    @property
    def called(self) -> str:
        """The dialled phone number, or the Request-URI if no number was dialled."""
        return SipAddress.received(self.incoming.request_uri).number or self.incoming.request_uri

    def move_to(self, room: Room, endpoint: SipEndpoint) -> None:
        """Move the caller, who must be on hold, to an endpoint of a room that takes the call."""
        self.moved_to = (room, endpoint)
        self.feed(inputs.RoomAssigned())

    def _perform(self, output: outputs.Output) -> None:
        match output:
            case outputs.RequestRoom():
                self._commands.start(self._request_room())
            case outputs.MoveToRoom() if self.moved_to is not None:
                self._move_to(*self.moved_to)
            case _:
                super()._perform(output)

    def _played(self, sound: outputs.Sound) -> str:
        no_room = self._no_room_since or "pinlessCallUpdate has not moved the caller to a room"
        return f"Daily plays the {sound}, since {no_room}"

    async def _request_room(self) -> None:
        body = request_body(
            self.id,
            to=self.called,
            caller=self.caller,
            domain_id=self._context.settings.domain_id,
            sip_headers=x_headers(self.incoming.headers),
        )
        failure = await self._context.room_creation.post(
            self.config, body, call_id=self.id, sip_call_id=self._call.sip_call_id
        )
        if failure is not None:
            self._no_room_since = f"room_creation_api {self.config.room_creation_api} failed: {failure}"
            if not self.over.is_set():
                self._record("gets no room", played=self._played("hold music"))
            self.feed(inputs.RoomCreationFailed(failure))
