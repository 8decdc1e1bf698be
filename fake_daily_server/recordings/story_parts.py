"""The parts of a story that is made of a recording, as they grow: rooms, phones, steps, calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROOM, CLIENT = "room", "client"
"""The first room of a story and its client, which need no names in steps."""
FIRST_NUMBER = 12065550140
"""The number of nobody; phones have the next ones."""


@dataclass(slots=True)
class StoryCall:
    """A call of the recording, with the phone that stands for its far end."""

    session_id: str
    """Its session in the recording; empty as long as it is not known."""
    session: str
    """The variable that has its session id in the story."""
    phone: str
    answered: bool = False
    ended: bool = False
    moved_to: StoryCall | None = None
    """The call to the target that it was transferred to."""


@dataclass(slots=True)
class StoryRoom:
    """A room of the story, with the client that dials there and sees its events."""

    name: str
    client: str
    properties: dict[str, Any] = field(default_factory=lambda: {"enable_dialout": True})
    endpoints: set[str] = field(default_factory=set)
    """The SIP endpoints that have become ready."""

    @property
    def whose(self) -> dict[str, str]:
        """The word that names the client in its requests; none for the first room's."""
        return {} if self.name == ROOM else {"by": self.client}

    @property
    def seen_by(self) -> dict[str, str]:
        """The word that names the client in expectations; none for the first room's."""
        return {} if self.name == ROOM else {"seen_by": self.client}


@dataclass(slots=True)
class Story:
    """A story as it grows. Steps have the words of scenario files; `room` is that of the records that are read now."""

    rooms: dict[str, StoryRoom] = field(default_factory=lambda: {"": StoryRoom(ROOM, CLIENT)})
    """By their names in the recording; the first one is known by the empty name until it has another."""
    room: StoryRoom = field(init=False)
    settings: dict[str, Any] = field(default_factory=dict)
    phones: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    calls: dict[str, StoryCall] = field(default_factory=dict)
    """By their sessions in the recording."""
    requested: list[Mapping[str, Any]] = field(default_factory=list)
    """The options of requests to dial of which no event has come yet."""
    targets: list[StoryCall] = field(default_factory=list)
    """The calls of transfers of which no event has come yet."""
    hung_up: frozenset[str] = frozenset()
    """The sessions whose far end has hung up, as far as the recording says so."""

    def __post_init__(self) -> None:
        self.room = self.rooms[""]

    def enter(self, name: str) -> None:
        """Go on in the room that has this name in the recording; a new one joins the story."""
        if name and "" in self.rooms:
            self.rooms = {name: self.rooms[""]}
        if name and name not in self.rooms:
            number = len(self.rooms) + 1
            self.rooms[name] = StoryRoom(f"{ROOM}_{number}", f"{CLIENT}_{number}")
        self.room = self.rooms.get(name, self.room)

    def new_call(self, session_id: str, **phone: Any) -> StoryCall:
        """Add a phone for a call that begins."""
        number = len(self.phones) + 1
        call = StoryCall(session_id, f"session_{number}", f"far_end_{number}")
        self.phones[call.phone] = {"number": f"+{FIRST_NUMBER + number}", **phone}
        self.bind(call, session_id)
        return call

    def bind(self, call: StoryCall, session_id: str) -> None:
        """Let a call be known by its session."""
        if session_id:
            call.session_id = session_id
            self.calls[session_id] = call

    def request(self, verb: str, options: Mapping[str, Any], save: Mapping[str, str] | None = None) -> None:
        """Add a step in which the client of the room requests something of Daily."""
        saves = {"save": dict(save)} if save else {}
        self.steps.append({"client": verb, **self.room.whose, "with": dict(options), **saves})

    def expect(self, action: str, where: Mapping[str, Any], save: str | None = None) -> None:
        """Add a step that expects an event in the room."""
        step: dict[str, Any] = {"expect": action, **self.room.seen_by}
        if where:
            step["where"] = dict(where)
        if save is not None:
            step["save"] = {save: "sessionId"}
        self.steps.append(step)

    def expects(self, action: str) -> bool:
        """Whether a step expects this event in the room."""
        return any(
            step.get("expect") == action and step.get("seen_by", CLIENT) == self.room.client for step in self.steps
        )

    def do(self, call: StoryCall, **verb: Any) -> None:
        """Add a step of a call's phone."""
        self.steps.append({"phone": call.phone, **verb})
