"""The rooms of the domain, with Daily's rules for creating, changing and deleting them. In memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from fake_daily_server.domain.room import Privacy, Room
from fake_daily_server.domain.room_context import RoomContext
from fake_daily_server.values.errors import InvalidRequest, NotFound
from fake_daily_server.values.ids import RESERVED_ROOM_NAMES, ROOM_NAME, new_room_name
from fake_daily_server.values.paging import MAX_PAGE, page
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.validation import explain

_YEAR_S = 365 * 24 * 3600


class RoomStore:
    """The rooms of one server; used on one loop."""

    def __init__(self, context: RoomContext) -> None:
        self.settings = context.settings
        self.timeline = context.timeline
        self.clock = context.clock
        """Decides when rooms expire."""
        self._context = context
        self._rooms: dict[str, Room] = {}

    @property
    def rooms(self) -> Mapping[str, Room]:
        """All rooms by name, oldest first; expired rooms are included."""
        return dict(self._rooms)

    def live_rooms(self) -> list[Room]:
        """The rooms with a session in progress, oldest first."""
        return [room for room in self._rooms.values() if room.session is not None]

    def create(
        self,
        name: str | None = None,
        privacy: Privacy = "public",
        properties: RoomProperties | Mapping[str, Any] | None = None,
    ) -> Room:
        """Create a room, by default with a random name.

        Raises InvalidRequest if the name is malformed, reserved or taken, or a property is not allowed.
        """
        name = new_room_name() if name is None else name
        self._check_name(name)
        checked = self._properties(properties or {}, given=properties or {})
        taken = self._rooms.get(name)
        if taken is not None and not (taken.expired and taken.session is None):
            raise InvalidRequest(f"a room named {name} already exists")
        self._rooms.pop(name, None)
        room = self._rooms[name] = Room(self._context, name, privacy, checked)
        return room

    def find(self, name: str) -> Room | None:
        """The room with this name, even if it has expired; None if there is none."""
        return self._rooms.get(name)

    def get(self, name: str) -> Room:
        """The room with this name. Raises NotFound, also if the room has expired: Daily treats it as deleted."""
        room = self._rooms.get(name)
        if room is None or room.expired:
            raise NotFound(f"room {name} not found" + (f": it expired at {room.properties.exp}" if room else ""))
        return room

    def get_for_session(self, name: str) -> Room:
        """The room, for a request about its session; a session may outlast the room's expiry. Raises NotFound."""
        room = self._rooms.get(name)
        return room if room is not None and room.session is not None else self.get(name)

    def page(
        self, limit: int = MAX_PAGE, *, starting_after: str | None = None, ending_before: str | None = None
    ) -> tuple[int, list[Room]]:
        """Return the number of rooms that have not expired, and one page of them, newest first.

        Cursors are room ids; `ending_before` may be OLDEST, for the last page. Raises InvalidRequest for an unknown id.
        """
        rooms = [room for room in reversed(self._rooms.values()) if not room.expired]
        wanted = page(rooms, lambda room: room.id, limit, starting_after=starting_after, ending_before=ending_before)
        return len(rooms), list(wanted)

    def update(self, room: Room, privacy: Privacy | None = None, changes: Mapping[str, Any] | None = None) -> Room:
        """Change a room; None resets a property to its default. Raises InvalidRequest.

        A session in progress keeps its ejection times.
        """
        if changes:
            merged = {**room.properties.model_dump(by_alias=True, exclude_unset=True), **changes}
            room.change_properties(self._properties(merged, given=changes))
        if privacy is not None:
            room.privacy = privacy
        return room

    async def delete(self, name: str) -> None:
        """Remove a room and eject all participants.

        Raises NotFound if there is no such room. An expired room is removed, and NotFound is raised as well.
        """
        room = self._rooms.get(name)
        expired = room is not None and room.expired
        if room is not None:
            del self._rooms[name]
            await room.close(f"room {name} was deleted")
        if room is None or expired:
            raise NotFound(f"room {name} not found", {"deleted": True} if expired else None)

    def forget_expired(self, *, named: str) -> None:
        """Remove the rooms that have expired and that nobody is in, if their names begin with `named`."""
        for name, room in tuple(self._rooms.items()):
            if name.startswith(named) and room.expired and room.session is None and not room.participants:
                del self._rooms[name]

    async def clear(self) -> None:
        """Remove all rooms and eject all participants."""
        rooms, self._rooms = self._rooms, {}
        for room in rooms.values():
            await room.close("the server was reset")

    def _check_name(self, name: str) -> None:
        if len(name) > 128:
            raise InvalidRequest(f"name was {name[:20]!r}… of {len(name)} characters but may have at most 128")
        if not ROOM_NAME.fullmatch(name):
            raise InvalidRequest(
                f"{name} contains invalid characters (room names can contain A-Z, a-z, 0-9, '-', and '_')"
                if name
                else "name was empty but should have 1 to 128 characters"
            )
        if name in RESERVED_ROOM_NAMES:
            raise InvalidRequest(f"name was {name!r}, which is reserved for a path of this server; choose another")

    def _properties(
        self, properties: RoomProperties | Mapping[str, Any], *, given: RoomProperties | Mapping[str, Any]
    ) -> RoomProperties:
        try:
            checked = RoomProperties.model_validate(properties)
        except ValidationError as wrong:
            raise InvalidRequest(explain(wrong.errors())) from None
        if self.settings.unknown_properties == "refuse":
            checked.check_known()
        new = given.model_fields_set if isinstance(given, RoomProperties) else given.keys()
        now = self.clock()
        if checked.exp is not None and "exp" in new:
            if checked.exp <= now:
                raise InvalidRequest(f"exp was '{checked.exp}', which is in the past rather than in the future")
            if checked.dialin is not None and checked.exp >= now + _YEAR_S:
                raise InvalidRequest(
                    f"exp was '{checked.exp}' but rooms with dialin must expire within less than 365 days"
                )
        if checked.enable_dialout and not self.settings.dialout_in_plan:
            raise InvalidRequest(
                "enable_dialout was true but the plan of this domain has no dial-out (setting dialout_in_plan)"
            )
        if checked.max_participants is not None and checked.max_participants > self.settings.max_participants:
            raise InvalidRequest(
                f"max_participants was {checked.max_participants} but this domain allows at most "
                f"{self.settings.max_participants}"
            )
        return checked
