"""Rooms: their participants and their sessions. No HTTP, no SIP.

A session begins with the join of the first client and ends with the leave of the last one. Telephony participants join
and leave with their calls; they neither begin a session nor prolong it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from fake_daily_server.domain.clock import ScheduledCall
from fake_daily_server.domain.facts import Fact, MeetingEnded, MeetingStarted, ParticipantJoined, ParticipantLeft
from fake_daily_server.domain.room_context import RoomContext
from fake_daily_server.domain.room_dialin import RoomDialin
from fake_daily_server.domain.room_events import RoomEvents
from fake_daily_server.domain.room_tasks import RoomTasks
from fake_daily_server.domain.roster import Deliver, Event, Member, Roster
from fake_daily_server.domain.telephony_interface import TelephonyService
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.values.errors import NotFound, ServerFault
from fake_daily_server.values.ids import new_dialin_code, new_uuid
from fake_daily_server.values.participants import EjectionType, Participant, timestamp
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.session_data import SetSessionData, merge_session_data

Privacy = Literal["public", "private"]


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting in a room."""

    id: str
    started_at: datetime


class Room:
    """One room, used on one loop. It checks no permissions: `telephony_verbs` and `administration` do."""

    def __init__(self, context: RoomContext, name: str, privacy: Privacy, properties: RoomProperties) -> None:
        self._context = context
        self.id = new_uuid()
        self.name = name
        self.privacy = privacy
        self.properties = properties
        self.created_at = datetime.now(UTC)
        self.session: Session | None = None
        """The session in progress; None if there is none."""
        self.session_data: Any = None
        """The meeting session data: JSON that clients and the REST API share until the session ends."""
        self.banned_user_ids: set[str] = set()
        self.endpoints_registered = False
        """Whether callers reach the dial-in endpoints: from the first client that starts them to the session's end."""
        self._roster = Roster()
        self._events = RoomEvents(name, self._roster, context.timeline)
        self._tasks = RoomTasks(name)
        self.media = RoomMedia(
            context.media_clock,
            lambda: self._roster.participants,
            self._events.record_media,
            on_speaker=self._events.publish_speaker,
        )
        """The room's media: who hears and sees whom. The leg of a participant who leaves is detached."""
        self._dialin_code = new_dialin_code()
        self._idle_end: ScheduledCall | None = None
        """The scheduled end of a session in which no client is left; None otherwise."""

    # --- what it is ---

    @property
    def url(self) -> str:
        """`http://host:port/<name>`, at which clients open the signalling WebSocket."""
        return f"{self._context.base_url}/{self.name}"

    @property
    def dialin(self) -> RoomDialin:
        """The SIP endpoints, the code and the number by which callers dial in, as the properties are now."""
        return RoomDialin(self._context, self.name, self.properties, self._dialin_code)

    @property
    def expired(self) -> bool:
        """Whether the time in the property `exp` has passed."""
        return self.properties.exp is not None and self.properties.exp <= self._context.clock()

    @property
    def max_participants(self) -> int:
        """How many participants may be in the room at the same time."""
        return self.properties.max_participants or self._context.settings.max_participants

    def as_dict(self) -> dict[str, Any]:
        """Daily's room object. `config` has the properties that differ from the defaults, and read-only fields."""
        return {
            "id": self.id,
            "name": self.name,
            "api_created": True,
            "privacy": self.privacy,
            "url": self.url,
            "created_at": timestamp(self.created_at),
            "config": {**self.properties.config(), **self.dialin.as_dict()},
        }

    def info_for(self, me: Participant) -> dict[str, Any]:
        """The result of daily-js's `room()` for `me`: all properties of the room and of the meeting token of `me`."""
        info = {
            "id": self.id,
            "name": self.name,
            "config": self.properties.model_dump(mode="json", by_alias=True, exclude_none=True),
            "domainConfig": {},
            "tokenConfig": dict(me.token),
        }
        code = self.dialin.code
        return info if code is None else {**info, "dialInPIN": code}

    def change_properties(self, properties: RoomProperties) -> None:
        """Replace the properties, and let callers in at endpoints that were opened.

        A session that is going on keeps its ejection times.
        """
        before = self.dialin.open_endpoints
        self.properties = properties
        opened = [endpoint for endpoint in self.dialin.open_endpoints if endpoint not in before]
        if opened and self.endpoints_registered:
            self._run_hook(lambda telephony: telephony.endpoints_opened(self, opened))

    def check_live(self) -> None:
        """Raise NotFound if no session is in progress."""
        if self.session is None:
            raise NotFound(
                f"room {self.name} has no call: nobody has joined it; "
                f"join it, or add a participant with POST /_sim/rooms/{self.name}/participants"
            )

    def telephony(self) -> TelephonyService[Room]:
        """The telephony service of the server. Raises ServerFault if the server has none."""
        telephony = self._context.telephony()
        if telephony is None:
            raise ServerFault("this server runs without telephony", status=503)
        return telephony

    # --- participants ---

    @property
    def participants(self) -> Mapping[str, Participant]:
        """All participants by session id in order of joining, telephony and hidden participants included."""
        return self._roster.participants

    @property
    def counts(self) -> dict[str, int]:
        """Daily's `participantCounts`: how many participants are present, and how many hidden."""
        return self._roster.counts

    def participant(self, session_id: str) -> Participant:
        """The participant with this session id. Raises NotFound if it is not in the room."""
        return self._member(session_id).participant

    def participants_seen_by(self, session_id: str) -> dict[str, Any]:
        """The result of daily-js's `participants()` for the client with this session id."""
        return self._roster.seen_by(session_id)

    async def join(
        self,
        participant: Participant,
        *,
        deliver: Deliver | None = None,
        on_left: Callable[[], None] | None = None,
    ) -> Session:
        """Add a client or, without `deliver`, a scripted participant; the first one starts the session.

        Waits until the telephony service has finished with the previous session.
        """
        await self.hooks_finished()
        if self.properties.enforce_unique_user_ids:
            await self._eject_user(participant.user_id)
        started = self.session is None
        session = self.session or self._start_session()
        self._enter(Member(participant, deliver, on_left))
        if started:
            self.announce(MeetingStarted(session.id, session.started_at))
        self.announce(ParticipantJoined(participant))
        me = participant.session_id
        if self.endpoints_registered:
            self._run_hook(lambda telephony: telephony.client_joined(self, me))
        else:
            self._register_endpoints()
        return session

    def add_participant(self, participant: Participant) -> None:
        """Add a telephony participant."""
        self._enter(Member(participant))
        self.announce(ParticipantJoined(participant))

    async def leave(self, session_id: str) -> None:
        """Remove a participant; if it was the last client, end the session and hang up its calls.

        With `max_idle_timeout_sec` the session ends that much later, unless a client joins. Does nothing if the session
        id is not in the room. Returns once the calls have ended, or at once if the session continues.
        """
        self.remove_participant(session_id)
        if self.session is None or self._roster.clients:
            return
        if not (idle_for := self.properties.idle_timeout):
            await self._end_session()
        elif self._idle_end is None:
            self._idle_end = self._context.clock.call_at(self._context.clock() + idle_for, self._idle_timeout)

    def leave_in_background(self, session_id: str) -> None:
        """Start `leave` without waiting for it."""
        self._tasks.start(self.leave(session_id))

    def remove_participant(self, session_id: str) -> None:
        """Remove a participant without ending the session. Does nothing for a session id that is not in the room."""
        member = self._roster.remove(session_id)
        if member is None:
            return
        self._context.meetings.participant_left(session_id)
        if member.ejection is not None:
            member.ejection.cancel()
        self.media.detach(session_id)
        if member.on_left is not None:
            member.on_left()
        if member.participant.present:
            self.publish({"action": "participant-left", "participant": member.participant.as_seen_by(None)})
        self._events.publish_counts()
        self.announce(ParticipantLeft(member.participant, self._context.clock()))

    def replace_participant(self, changed: Participant) -> None:
        """Replace the participant that has the same session id, and send the change to the clients.

        To the other clients, a participant that becomes hidden leaves, with the reason `hidden`, and one that becomes
        present joins.
        """
        member = self._member(changed.session_id)
        before, member.participant = member.participant, changed
        self.media.permissions_changed()
        self._register_endpoints()
        me = changed.session_id
        if before.present and changed.present:
            self._events.publish_participant("participant-updated", changed)
            return
        if before.present == changed.present:
            self._events.publish_hidden_update(changed)
            return
        if changed.present:
            self._events.publish_participant("participant-joined", changed, but=me)
        else:
            left = {"action": "participant-left", "participant": changed.as_seen_by(None), "reason": "hidden"}
            self.publish(left, but=me)
        self._events.publish_counts()

    async def eject(
        self,
        session_id: str,
        error: EjectionType = "ejected",
        because: str = "Meeting has ended for this participant: ejected",
    ) -> None:
        """Remove a participant against its will: a client receives a fatal error, a call is hung up.

        `error` is the type of the fatal error, `because` its message. Raises NotFound if the participant is not in the
        room.
        """
        if self.participant(session_id).is_telephony:
            await self.telephony().eject(self, session_id)
            return
        self.send(session_id, {"action": "error", "errorMsg": because, "error": {"type": error, "msg": because}})
        self.send(session_id, {"action": "left-meeting"})
        await self.leave(session_id)

    async def close(self, because: str) -> None:
        """Eject all clients, end the session and its calls, and hang up callers who wait for it."""
        for client in self._roster.clients:
            if self._roster.find(client.session_id) is not None:
                await self.eject(client.session_id, because=because)
        await self._end_session()
        if (telephony := self._context.telephony()) is not None:
            await telephony.room_closed(self)

    def _enter(self, member: Member) -> None:
        participant = member.participant
        me = participant.session_id
        self._roster.add(member)
        if not participant.is_telephony:
            self._stop_idling()
        if self.session is not None:
            self._context.meetings.participant_joined(self.session.id, participant)
        if participant.will_eject_at is not None and not participant.is_telephony:
            member.ejection = self._context.clock.call_at(participant.will_eject_at, lambda: self._eject_on_time(me))
        if self.session is not None and member.deliver is not None:
            meeting = {"meetingSession": {"id": self.session.id}}
            self.send(me, {"action": "joined-meeting", "participants": self.participants_seen_by(me)})
            self.send(me, {"action": "meeting-session-updated", **meeting})
            self.send(me, {"action": "meeting-session-summary-updated", **meeting})
            self.send(me, self._session_state())
        if participant.present:
            self._events.publish_participant("participant-joined", participant, but=me)
        self._events.publish_counts()

    def _member(self, session_id: str) -> Member:
        member = self._roster.find(session_id)
        if member is None:
            raise NotFound(f"no participant {session_id} in room {self.name}; in the room: {list(self.participants)}")
        return member

    async def _eject_user(self, user_id: str) -> None:
        for client in self._roster.clients:
            if client.user_id == user_id:
                because = f"another participant joined with the user id {user_id!r}"
                await self.eject(client.session_id, because=because)

    def _eject_on_time(self, session_id: str) -> None:
        member = self._member(session_id)
        member.ejection = None
        because = "Meeting time is over for this participant"
        self._tasks.start(self.eject(session_id, member.participant.ejected_as, because))

    # --- events ---

    def publish(self, event: Event, *, but: str | None = None, triggered: bool = False) -> None:
        """Send a Daily event to every client except `but`, a session id. `triggered`: it is sent by hand."""
        self._events.publish(event, but=but, triggered=triggered)

    def send(self, session_id: str, event: Event) -> None:
        """Send a Daily event to one client. Does nothing for a participant without a client."""
        self._events.send(session_id, event)

    def announce(self, fact: Fact) -> None:
        """Report a fact about this room to webhooks. To be called after the clients' events have been sent."""
        self._context.announce(self.name, fact)

    def set_session_data(self, request: SetSessionData) -> None:
        """Change the meeting session data, and send it to every client. Raises InvalidRequest."""
        self.session_data = merge_session_data(self.session_data or {}, request)
        self.publish(self._session_state())

    def _session_state(self) -> Event:
        state = {"data": self.session_data, "topology": "sfu"}
        return {"action": "meeting-session-state-updated", "meetingSessionState": state}

    # --- the session ---

    async def hooks_finished(self) -> None:
        """Wait until the telephony service has handled every begin and end of a session."""
        await self._tasks.hooks_finished()

    def _start_session(self) -> Session:
        session = self.session = Session(new_uuid(), datetime.now(UTC))
        self.session_data = None
        self._context.meetings.meeting_started(session.id, self.name)
        for caller in self.participants.values():  # who was alone in the room
            self._context.meetings.participant_joined(session.id, caller)
        return session

    def _register_endpoints(self) -> None:
        """Register the dial-in endpoints, once a session, if a client is in the room that may start them."""
        if self.session is None or self.endpoints_registered:
            return
        hidden_count = self._context.settings.hidden_participants_start_sip
        if any(client.present or hidden_count for client in self._roster.clients):
            self.endpoints_registered = True
            self._run_hook(lambda telephony: telephony.session_started(self))

    async def _end_session(self) -> None:
        self._stop_idling()
        if self.session is not None:
            ended, self.session = self.session, None
            self._context.meetings.meeting_ended(ended.id)
            self.endpoints_registered = False
            self._run_hook(lambda telephony: telephony.session_ended(self), then=lambda: self._announce_end(ended))
        await self.hooks_finished()

    def _announce_end(self, ended: Session) -> None:
        self.announce(MeetingEnded(ended.id, ended.started_at, self._context.clock()))

    def _idle_timeout(self) -> None:
        self._idle_end = None
        self._tasks.start(self._end_idle_session())

    async def _end_idle_session(self) -> None:
        if not self._roster.clients:
            await self._end_session()

    def _stop_idling(self) -> None:
        if self._idle_end is not None:
            self._idle_end.cancel()
            self._idle_end = None

    def _run_hook(
        self, hook: Callable[[TelephonyService[Room]], Awaitable[None]], *, then: Callable[[], None] = lambda: None
    ) -> None:
        telephony = self._context.telephony()
        if telephony is None:
            then()
        else:
            self._tasks.start_hook(lambda: hook(telephony), then=then)
