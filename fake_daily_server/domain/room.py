"""Rooms and what goes on in them: participants, the meeting session, events to everybody. No HTTP, no SIP.

A room's session begins when somebody who is no telephony participant joins, and ends when the last of those has
left; telephony participants come and go with the calls that the `Telephony` behind the store makes and takes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from fake_daily_server.domain.clock import Alarm, Clock
from fake_daily_server.domain.facts import (
    Announce,
    Fact,
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
    ParticipantLeft,
)
from fake_daily_server.domain.meetings import MeetingLog
from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.room_media import RoomMedia
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import Forbidden, InvalidRequest, NotFound, ServerFault
from fake_daily_server.values.ids import SipEndpoint, new_dialin_code, new_uuid
from fake_daily_server.values.participants import EjectionType, Participant, Permissions, timestamp
from fake_daily_server.values.room_properties import RoomProperties
from fake_daily_server.values.telephony_requests import (
    PinlessCallUpdate,
    SendDtmf,
    SipCallTransfer,
    SipRefer,
    StartDialOut,
)
from simulator.timeline import Timeline

logger = logging.getLogger("fake_daily_server.domain.rooms")

Event = dict[str, Any]
Deliver = Callable[[Event], None]
Privacy = Literal["public", "private"]


class Telephony(Protocol):
    """What rooms need of the part that makes and takes calls. Refusals are DailyErrors."""

    async def start_dialout(self, room: Room, request: StartDialOut) -> str:
        """Start a call and return its session id without waiting for ringing."""

    async def stop_dialout(self, room: Room, session_id: str) -> None:
        """End a dial-out."""

    async def send_dtmf(self, room: Room, request: SendDtmf) -> None:
        """Press keys on a leg."""

    async def eject(self, room: Room, session_id: str) -> None:
        """Hang up the call behind a telephony participant, whichever way it came."""

    async def sip_call_transfer(self, room: Room, request: SipCallTransfer) -> None:
        """Connect a leg to another end; returns when it has left the room."""

    async def sip_refer(self, room: Room, request: SipRefer) -> None:
        """Ask the far end of a leg to call somebody else; returns when it has left the room."""

    async def pinless_call_update(self, update: PinlessCallUpdate) -> None:
        """Send a held caller to a room."""

    async def session_started(self, room: Room) -> None:
        """The first participant has its joined-meeting; dial-in endpoints may register."""

    async def client_joined(self, room: Room, session_id: str) -> None:
        """Somebody has joined a session whose endpoints are registered already."""

    async def room_closed(self, room: Room) -> None:
        """The room is gone; whoever waits for it waits in vain."""

    async def session_ended(self, room: Room) -> None:
        """The last participant that is no call has left; cut the legs."""


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting in a room."""

    id: str
    started_at: datetime


@dataclass(slots=True)
class Member:
    """A participant, and how its client is reached (scripted and telephony participants have none)."""

    participant: Participant
    deliver: Deliver | None = None
    left: Callable[[], None] | None = None
    """Called when the member leaves, whoever decided it."""
    ejection: Alarm | None = None


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What all rooms of a server share. `base_url` is `http://host:port`, `sip_address` `host:port`."""

    settings: Settings
    timeline: Timeline
    base_url: str
    sip_address: str
    clock: Clock
    """Unix time; ejections and idle meetings wait for moments of it."""
    media_clock: MediaClock
    meetings: MeetingLog
    telephony: Callable[[], Telephony | None]
    dialin_number: Callable[[], str]
    """The number where callers dial the code of a room, unless the room names numbers of its own."""
    announce: Announce
    """Reports what happens in a room to webhooks."""


class Room:
    """One room. Used on the loop of its store only."""

    def __init__(self, context: RoomContext, name: str, privacy: Privacy, properties: RoomProperties) -> None:
        self._context = context
        self.id = new_uuid()
        self.name = name
        self.privacy = privacy
        self.properties = properties
        self.created_at = datetime.now(UTC)
        self.session: Session | None = None
        self.session_data: Any = None
        """Meeting session data: JSON that clients and the REST API share, of this session only."""
        self.banned: set[str] = set()
        """User ids that may not join any more."""
        self.media = RoomMedia(
            context.media_clock, lambda: self.participants, self._record_media, on_speaker=self._publish_speaker
        )
        """Who hears whom. The legs of participants who leave are let go of."""
        self._dialin_code = new_dialin_code()
        self._members: dict[str, Member] = {}
        self.takes_calls = False
        """Whether the dial-in endpoints are registered: from the first participant who counts to the end."""
        self._idle: Alarm | None = None
        """The end of the session, while nobody but calls is there."""
        self._last_hook: asyncio.Task[None] | None = None
        self._endings: set[asyncio.Task[None]] = set()

    # --- what it is ---

    @property
    def url(self) -> str:
        """`http://host:port/<name>`; the signalling is a WebSocket at the same place."""
        return f"{self._context.base_url}/{self.name}"

    @property
    def sip_uris(self) -> tuple[str, ...]:
        """One dialable address for each provisioned dial-in endpoint."""
        context = self._context
        return tuple(
            SipEndpoint(self.name, index).at(context.sip_address, prefix=context.settings.sip_uri_prefix)
            for index in range(self.properties.sip_endpoints)
        )

    @property
    def expired(self) -> bool:
        """Whether `exp` has passed."""
        return self.properties.exp is not None and self.properties.exp <= self._context.clock()

    @property
    def dialin_code(self) -> str | None:
        """The 11 digits that callers dial; None without the property `dialin`."""
        return self._dialin_code if self.properties.dialin is not None else None

    @property
    def max_participants(self) -> int:
        """How many may be in the room at the same time."""
        return self.properties.max_participants or self._context.settings.max_participants

    def as_dict(self) -> dict[str, Any]:
        """Daily's room object; `config` has what differs from the defaults, and the read-only fields."""
        config = self.properties.config()
        if endpoints := self.sip_uris:
            config["sip_uri"] = {"endpoint": endpoints[0]}
            if len(endpoints) > 1:
                config["sip_uri"]["extra_endpoints"] = list(endpoints[1:])
        if self.properties.dialin is not None:
            config["dialin_code"] = self._dialin_code
            own = self.properties.dialin.room_numbers
            config["dialin_number"] = own[0].phone_number if own else self._context.dialin_number()
        return {
            "id": self.id,
            "name": self.name,
            "api_created": True,
            "privacy": self.privacy,
            "url": self.url,
            "created_at": timestamp(self.created_at),
            "config": config,
        }

    def info_for(self, me: Participant) -> dict[str, Any]:
        """What daily-js's `room()` gives: properties of the room and of the meeting token, none of the domain."""
        info = {
            "id": self.id,
            "name": self.name,
            "config": self.properties.model_dump(mode="json", by_alias=True, exclude_none=True),
            "domainConfig": {},
            "tokenConfig": dict(me.token),
        }
        return info if self.dialin_code is None else {**info, "dialInPIN": self.dialin_code}

    # --- who is in it ---

    @property
    def participants(self) -> Mapping[str, Participant]:
        """Everybody by session id, telephony and hidden participants too, in order of joining."""
        return {session_id: member.participant for session_id, member in self._members.items()}

    def participants_for(self, session_id: str) -> dict[str, Any]:
        """The map that daily-js calls `participants()`: the asker under `local`, others who are present by id."""
        shown: dict[str, Any] = {}
        for id_, member in self._members.items():
            if id_ == session_id:
                shown["local"] = member.participant.as_seen_by(session_id)
            elif member.participant.present:
                shown[id_] = member.participant.as_seen_by(session_id)
        return shown

    @property
    def counts(self) -> dict[str, int]:
        """How many are present and how many hidden."""
        present = sum(member.participant.present for member in self._members.values())
        return {"present": present, "hidden": len(self._members) - present}

    async def join(
        self,
        participant: Participant,
        *,
        deliver: Deliver | None = None,
        left: Callable[[], None] | None = None,
    ) -> Session:
        """Let a client (or, without `deliver`, a scripted participant) in; the first one starts the session.

        Waits until the telephony has finished with the session before.
        """
        await self.settled()
        if self.properties.enforce_unique_user_ids:
            await self._eject_holders_of(participant.user_id)
        session = self.session
        begins = session is None
        if session is None:
            session = self.session = Session(new_uuid(), datetime.now(UTC))
            self.session_data = None
            self._context.meetings.started(session.id, self.name)
        self._enter(participant, deliver, left)
        if begins:
            self.announce(MeetingStarted(session.id, session.started_at))
        self.announce(ParticipantJoined(participant))
        me = participant.session_id
        if self.takes_calls:
            self._run_hook(lambda telephony: telephony.client_joined(self, me))
        else:
            self._register_endpoints()
        return session

    async def leave(self, session_id: str) -> None:
        """Take a participant out; with the last one that is no call, the session ends and its calls are cut.

        With `max_idle_timeout_sec` it ends only after that time, unless somebody joins again. Does nothing for
        somebody who is not in the room. Returns when the calls are cut, or at once when the session is held open.
        """
        self.remove_participant(session_id)
        if self.session is None or self._attended:
            return
        if not (held_for := self.properties.idle_timeout):
            await self._end_session()
        elif self._idle is None:
            self._idle = self._context.clock.call_at(self._context.clock() + held_for, self._idle_too_long)

    def leave_soon(self, session_id: str) -> None:
        """`leave` without waiting for it."""
        self._in_background(self.leave(session_id))

    async def settled(self) -> None:
        """Wait until the telephony has nothing more to do about the beginning or end of a session."""
        while self._last_hook is not None and not self._last_hook.done():
            await asyncio.wait([self._last_hook])

    def add_participant(self, participant: Participant) -> None:
        """Show a telephony participant to everybody: participant-joined, participant-counts-updated."""
        self._enter(participant, None, None)
        self.announce(ParticipantJoined(participant))

    def remove_participant(self, session_id: str) -> None:
        """Take somebody away: participant-left, participant-counts-updated. Nothing when not in the room."""
        member = self._members.pop(session_id, None)
        if member is None:
            return
        self._context.meetings.left(session_id)
        if member.ejection is not None:
            member.ejection.cancel()
        self.media.detach(session_id)
        if member.left is not None:
            member.left()
        if member.participant.present:
            self.publish({"action": "participant-left", "participant": member.participant.as_seen_by(None)})
        self._publish_counts()
        self.announce(ParticipantLeft(member.participant, self._context.clock()))

    def change_participant(self, changed: Participant) -> None:
        """Put a new value in the place of the participant with its session id, and tell everybody.

        Somebody who becomes hidden goes with participant-left and reason `hidden`, and comes back with
        participant-joined.
        """
        member = self._members[changed.session_id]
        before, member.participant = member.participant, changed
        self.media.permissions_changed()
        self._register_endpoints()
        me = changed.session_id
        if before.present == changed.present:
            self._publish_participant("participant-updated", changed, but=None if changed.present else ())
            return
        if changed.present:
            self._publish_participant("participant-joined", changed, but=me)
        else:
            gone = {"action": "participant-left", "participant": changed.as_seen_by(None), "reason": "hidden"}
            self.publish(gone, but=me)
        self._publish_counts()

    async def eject(
        self,
        session_id: str,
        error: EjectionType = "ejected",
        because: str = "Meeting has ended for this participant: ejected",
    ) -> None:
        """Throw somebody out: a client gets a fatal `error` and `left-meeting`, a call is hung up.

        Raises NotFound when there is no such participant.
        """
        member = self._members.get(session_id)
        if member is None:
            raise NotFound(f"no participant {session_id} in room {self.name}")
        if member.participant.is_telephony:
            await self._telephony().eject(self, session_id)
            return
        fatal = {"action": "error", "errorMsg": because, "error": {"type": error, "msg": because}}
        self.tell(session_id, fatal)
        self.tell(session_id, {"action": "left-meeting"})
        await self.leave(session_id)

    async def close(self, because: str) -> None:
        """Eject everybody who is no call, which ends the session and its calls."""
        for session_id, participant in self.participants.items():
            if not participant.is_telephony and session_id in self._members:
                await self.eject(session_id, because=because)
        await self._end_session()
        if (telephony := self._context.telephony()) is not None:
            await telephony.room_closed(self)

    def set_session_data(self, data: Any) -> None:
        """Replace the meeting session data, and tell everybody. The session must be live."""
        self.session_data = data
        self.publish(self._session_state())

    def _session_state(self) -> Event:
        state = {"data": self.session_data, "topology": "sfu"}
        return {"action": "meeting-session-state-updated", "meetingSessionState": state}

    # --- events ---

    def publish(self, event: Event, *, but: str | None = None) -> None:
        """Push a Daily event to every client in the room (except `but`), and put it on the timeline."""
        self._record(event)
        for session_id, member in tuple(self._members.items()):
            if member.deliver is not None and session_id != but:
                member.deliver(dict(event))

    def tell(self, session_id: str, event: Event) -> None:
        """Push an event to one client only, and put it on the timeline with `to`."""
        member = self._members.get(session_id)
        if member is not None and member.deliver is not None:
            self._record(event, to=session_id)
            member.deliver(dict(event))

    def announce(self, fact: Fact) -> None:
        """Report something that happened in this room to webhooks, after the clients have received their events."""
        self._context.announce(self.name, fact)

    def _publish_participant(self, action: str, who: Participant, *, but: str | tuple[()] | None) -> None:
        """Push an event about `who`, with `local` true for its own client; `but=()` means to that client only."""
        self._record({"action": action, "participant": who.as_seen_by(None)})
        for session_id, member in tuple(self._members.items()):
            wanted = session_id == who.session_id if but == () else session_id != but
            if wanted and member.deliver is not None:
                member.deliver({"action": action, "participant": who.as_seen_by(session_id)})

    def _publish_counts(self) -> None:
        self.publish({"action": "participant-counts-updated", "participantCounts": self.counts})

    def _publish_speaker(self, session_id: str) -> None:
        self.publish({"action": "active-speaker-change", "activeSpeaker": {"peerId": session_id}})

    def _record(self, event: Event, **fields: Any) -> None:
        session_id = event.get("sessionId") or event.get("participant", {}).get("session_id")
        known = {"session_id": session_id, "sip_call_id": event.get("sipCallId"), **fields}
        present = {name: value for name, value in known.items() if value is not None}
        self._context.timeline.append("event", room=self.name, event=event, **present)

    def _record_media(self, kind: str, **fields: Any) -> None:
        self._context.timeline.append(kind, room=self.name, **fields)

    def _enter(self, participant: Participant, deliver: Deliver | None, left: Callable[[], None] | None) -> None:
        me = participant.session_id
        member = self._members[me] = Member(participant, deliver, left)
        if not participant.is_telephony:
            self._stop_idling()
        if self.session is not None:
            self._context.meetings.joined(self.session.id, participant)
        if participant.will_eject_at is not None and not participant.is_telephony:
            member.ejection = self._context.clock.call_at(participant.will_eject_at, lambda: self._time_is_up(me))
        if self.session is not None and deliver is not None:
            meeting = {"meetingSession": {"id": self.session.id}}
            self.tell(me, {"action": "joined-meeting", "participants": self.participants_for(me)})
            self.tell(me, {"action": "meeting-session-updated", **meeting})
            self.tell(me, {"action": "meeting-session-summary-updated", **meeting})
            self.tell(me, self._session_state())
        if participant.present:
            self._publish_participant("participant-joined", participant, but=me)
        self._publish_counts()

    # --- beginnings and ends ---

    @property
    def _attended(self) -> bool:
        return any(not member.participant.is_telephony for member in self._members.values())

    def _register_endpoints(self) -> None:
        """Let callers in from now on, if somebody is there who counts; once a session."""
        if self.session is None or self.takes_calls:
            return
        hidden_count = self._context.settings.hidden_participants_start_sip
        people = [member.participant for member in self._members.values() if not member.participant.is_telephony]
        if any(who.present or hidden_count for who in people):
            self.takes_calls = True
            self._run_hook(lambda telephony: telephony.session_started(self))

    async def _end_session(self) -> None:
        self._stop_idling()
        if self.session is not None:
            over = self.session
            self._context.meetings.ended(over.id)
            self.session = None
            self.takes_calls = False
            self._run_hook(lambda telephony: telephony.session_ended(self), then=lambda: self._announce_end(over))
        await self.settled()

    def _announce_end(self, over: Session) -> None:
        self.announce(MeetingEnded(over.id, over.started_at, self._context.clock()))

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _idle_too_long(self) -> None:
        self._idle = None
        self._in_background(self._end_session_unattended())

    async def _end_session_unattended(self) -> None:
        if not self._attended:
            await self._end_session()

    async def _eject_holders_of(self, user_id: str) -> None:
        for session_id, participant in self.participants.items():
            if participant.user_id == user_id and not participant.is_telephony:
                await self.eject(session_id, because=f"another participant joined with the user id {user_id!r}")

    def _time_is_up(self, session_id: str) -> None:
        member = self._members[session_id]
        member.ejection = None
        because = "Meeting time is over for this participant"
        self._in_background(self.eject(session_id, member.participant.ejected_as, because))

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        ending = asyncio.create_task(work)
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
        ending.add_done_callback(_say_failure)

    def _run_hook(
        self, hook: Callable[[Telephony], Awaitable[None]], *, then: Callable[[], None] = lambda: None
    ) -> None:
        """Start a telephony hook after the one before has ended, and do `then` whatever came of it.

        Nobody waits for that but the next join or leave.
        """
        telephony = self._context.telephony()
        if telephony is None:
            then()
            return
        before = self._last_hook

        async def run() -> None:
            if before is not None and not before.done():
                await asyncio.wait([before])
            try:
                await hook(telephony)
            finally:
                then()

        self._last_hook = asyncio.create_task(run(), name=f"telephony of room {self.name}")
        self._last_hook.add_done_callback(_say_failure)

    # --- telephony verbs, for REST and signalling alike ---

    async def start_dialout(self, request: StartDialOut, by: Participant | None = None) -> str:
        """Dial out and return the session id; `by` is the asking participant, None for the API key.

        Raises InvalidRequest without `enable_dialout` or the rights, NotFound when no meeting is live.
        """
        self._administered("startDialOut", by)
        if not self.properties.enable_dialout:
            raise InvalidRequest(
                f"NOT_ALLOWED: dial-out is not enabled for room {self.name}; set its property enable_dialout to true"
            )
        return await self._live_telephony().start_dialout(self, request)

    async def stop_dialout(self, session_id: str, by: Participant | None = None) -> None:
        """End a dial-out. Raises as start_dialout, and NotFound for an unknown session id."""
        self._administered("stopDialOut", by)
        await self._live_telephony().stop_dialout(self, session_id)

    async def send_dtmf(self, request: SendDtmf, by: Participant | None = None) -> None:
        """Press keys on a leg. Raises as start_dialout, and NotFound for an unknown session id."""
        self._administered("sendDTMF", by)
        await self._live_telephony().send_dtmf(self, request)

    async def sip_call_transfer(self, request: SipCallTransfer, by: Participant | None = None) -> None:
        """Connect a leg to another end. Raises as send_dtmf, and InvalidRequest when the leg stays in the room."""
        self._administered("sipCallTransfer", by)
        await self._live_telephony().sip_call_transfer(self, request)

    async def sip_refer(self, request: SipRefer, by: Participant | None = None) -> None:
        """Send the far end of a leg elsewhere. Raises as sip_call_transfer."""
        self._administered("sipRefer", by)
        await self._live_telephony().sip_refer(self, request)

    async def update_participant(
        self,
        session_id: str,
        by: Participant,
        *,
        eject: bool = False,
        permissions: Permissions | None = None,
        audio: bool | None = None,
        video: bool | None = None,
    ) -> None:
        """Eject a participant, change its permissions, or turn its tracks off, or on again.

        Raises Forbidden or NotFound.
        """
        if not by.may_administer:
            raise Forbidden("updateParticipant needs an owner, or canAdmin with 'participants'")
        member = self._members.get(session_id)
        if member is None:
            raise NotFound(f"no participant {session_id} in room {self.name}")
        changed = member.participant.with_remote_mute(audio=audio, video=video)
        if permissions is not None:
            changed = changed.with_permissions(permissions)
        if changed != member.participant:
            self.change_participant(changed)
        if eject:
            await self.eject(session_id)

    def _administered(self, verb: str, by: Participant | None) -> None:
        if by is not None and not by.may_administer:
            raise InvalidRequest(
                f"{verb} is not allowed for {by.user_name or by.session_id!r}; "
                "it needs a meeting token with is_owner, or with canAdmin for 'participants'"
            )

    def _live_telephony(self) -> Telephony:
        if self.session is None:
            raise NotFound(
                f"room {self.name} has no call: nobody has joined it; "
                f"join it, or let POST /_sim/rooms/{self.name}/participants do so"
            )
        return self._telephony()

    def _telephony(self) -> Telephony:
        telephony = self._context.telephony()
        if telephony is None:
            raise ServerFault("this server runs without telephony", status=503)
        return telephony


def _say_failure(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("%s failed", task, exc_info=error)
