"""All telephony sessions of a server, by session id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from fake_daily_server.telephony.leg import Leg
from fake_daily_server.telephony.machines.dialin import DialInMachine
from fake_daily_server.telephony.machines.dialout import DialOutMachine
from fake_daily_server.telephony.session_limit import SessionsInUse
from fake_daily_server.values.errors import NotFound
from fake_daily_server.values.participants import DEFAULT_PERMISSIONS, Permissions
from simulator.timeline import Timeline
from simulator.useragent.messages import AudioCodec


class Legs(Mapping[str, Leg]):
    """The legs of all rooms, by session id; a leg is removed when its session ends."""

    def __init__(self, settings: Settings, timeline: Timeline) -> None:
        self._settings = settings
        self._timeline = timeline
        self._legs: dict[str, Leg] = {}

    def __getitem__(self, session_id: str) -> Leg:
        return self._legs[session_id]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._legs))

    def __len__(self) -> int:
        return len(self._legs)

    def add(
        self,
        room: Room,
        machine: DialOutMachine | DialInMachine,
        codecs: Sequence[AudioCodec] = (),
        *,
        permissions: Permissions = DEFAULT_PERMISSIONS,
    ) -> Leg:
        """Create and register the leg of a new session. `codecs` are for answering an incoming call."""
        leg = Leg(
            room,
            machine,
            settings=self._settings,
            timeline=self._timeline,
            released=self._remove,
            codecs=codecs,
            permissions=permissions,
        )
        self._legs[leg.session_id] = leg
        return leg

    def of_room(self, room: Room) -> list[Leg]:
        """The legs of a room."""
        return [leg for leg in self._legs.values() if leg.room is room]

    def dialled_from(self, room: Room) -> list[Leg]:
        """The legs of a room's dial-outs."""
        return [leg for leg in self.of_room(room) if isinstance(leg.machine, DialOutMachine)]

    def find(self, room: Room, session_id: str) -> Leg:
        """The leg of a session of this room. Raises NotFound."""
        leg = self._legs.get(session_id)
        if leg is None or leg.room is not room:
            live = ", ".join(leg.session_id for leg in self.of_room(room)) or "none"
            raise NotFound(
                f"NOT_FOUND: no telephony session {session_id!r} in room {room.name!r}; sessions in progress: {live}"
            )
        return leg

    def is_busy(self, endpoint_uri: str) -> bool:
        """Whether the endpoint at this SIP URI has a caller."""
        dial_ins = [leg.machine for leg in self._legs.values() if isinstance(leg.machine, DialInMachine)]
        return any(machine.events.sip_endpoint == endpoint_uri for machine in dial_ins)

    def in_use(self, room: Room) -> SessionsInUse:
        """The endpoints and calls of a room that may count towards its session limit."""
        dial_ins = [leg.machine for leg in self.of_room(room) if isinstance(leg.machine, DialInMachine)]
        without_endpoint = sum(machine.events.sip_endpoint is None for machine in dial_ins)
        return SessionsInUse(
            provisioned_endpoints=len(room.dialin.endpoints),
            busy_endpoints=len(dial_ins) - without_endpoint,
            dial_outs=len(self.dialled_from(room)),
            pstn_dial_ins=without_endpoint,
        )

    def _remove(self, leg: Leg) -> None:
        self._legs.pop(leg.session_id, None)
