"""Participants of a room, in the shape that daily-js shows them (`DailyParticipant`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool

from fake_daily_server.values.validation import RequestModel

ParticipantType = Literal["sip-dial-in", "sip-dial-out", "pstn-dial-in", "pstn-dial-out"]
"""`participantType` of telephony participants; everybody else has none."""

EjectionType = Literal["ejected", "exp-room", "exp-token"]
"""daily-js's word for the fatal error of somebody whose time is up."""

SendKind = Literal["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"]
AdminKind = Literal["participants", "streaming", "transcription"]

SilentKind = Literal["audio", "video"]
"""What an administrator can turn off."""

UserName = Annotated[str, Field(max_length=199)]
UserId = Annotated[str, Field(max_length=36)]


def _has_everything(tracks: dict[str, bool]) -> dict[str, bool]:
    if "*" not in tracks:
        raise ValueError("needs an entry '*' for the tracks that it does not name")
    return tracks


class SomeMedia(RequestModel):
    """Which media may be received; what is not named stays as it is."""

    video: StrictBool | None = None
    audio: StrictBool | None = None
    screen_video: StrictBool | None = None
    screen_audio: StrictBool | None = None
    custom_video: dict[str, StrictBool] | None = None
    custom_audio: dict[str, StrictBool] | None = None


class AllMedia(RequestModel):
    """Which media may be received, all six kinds named."""

    video: StrictBool
    audio: StrictBool
    screen_video: StrictBool
    screen_audio: StrictBool
    custom_video: Annotated[dict[str, StrictBool], AfterValidator(_has_everything)]
    custom_audio: Annotated[dict[str, StrictBool], AfterValidator(_has_everything)]


class _ByPerson(RequestModel):
    by_user_id: dict[str, StrictBool | SomeMedia] | None = None
    by_participant_id: dict[str, StrictBool | SomeMedia] | None = None


class CanReceive(_ByPerson):
    """Whose media a participant may receive: by participant id, else by user id, else `base`."""

    base: StrictBool | AllMedia | None = None


class PartialCanReceive(_ByPerson):
    """As a dial-out asks for it: any part of it."""

    base: StrictBool | SomeMedia | None = None

    def complete(self) -> CanReceive:
        """The same in full; what `base` does not name may be received."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if isinstance(self.base, SomeMedia):
            named = self.base.model_dump(exclude_none=True)
            custom = {name: {"*": True, **named.get(name, {})} for name in ("custom_video", "custom_audio")}
            given["base"] = AllMedia.model_validate({**_EVERYTHING, **named, **custom})
        return CanReceive(**given)


_EVERYTHING = dict.fromkeys(("video", "audio", "screen_video", "screen_audio"), True)


class Permissions(RequestModel):
    """Daily's `permissions` of tokens, rooms and updates; what is absent is decided elsewhere."""

    has_presence: StrictBool | None = None
    can_send: StrictBool | tuple[SendKind, ...] | None = None
    can_receive: CanReceive | None = None
    can_admin: StrictBool | tuple[AdminKind, ...] | None = None

    def over(self, base: Permissions) -> Permissions:
        """`base` changed by these: hasPresence, canSend, canAdmin whole; of canReceive only the named keys."""
        given = {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None}
        if (receive := given.get("can_receive")) is not None and base.can_receive is not None:
            keys = {name: getattr(receive, name) for name in receive.model_fields_set}
            given["can_receive"] = base.can_receive.model_copy(update=keys)
        return base.model_copy(update=given)

    def as_dict(self) -> dict[str, Any]:
        """JSON, in Daily's names."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


EVERYBODY = Permissions(has_presence=True, can_send=True, can_receive=CanReceive(base=True), can_admin=False)
OWNERS = EVERYBODY.model_copy(update={"can_admin": True})


def _track(on: bool, *, allowed: bool = True, silenced: bool = False) -> Mapping[str, Any]:
    if on and allowed:
        return {"subscribed": True, "state": "playable"}
    why = "byRemoteRequest" if silenced else "byUser" if allowed else "byCanSendPermission"
    return {"subscribed": False, "state": "off", "off": {why: True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One member of a room at one moment; a change makes a new value under the same `session_id`.

    `session_id` is new for every join; for a telephony participant it is the session id of its dial-in or
    dial-out. `audio` and `video` say which tracks it sends, `silenced` which of them an administrator has turned off.
    `will_eject_at` is in unix seconds, and `ejected_as` the fatal error of that moment. `token` are the properties of
    the meeting token that it joined with.
    """

    session_id: str
    user_id: str
    user_name: str = ""
    owner: bool = False
    participant_type: ParticipantType | None = None
    permissions: Permissions = EVERYBODY
    audio: bool = False
    video: bool = False
    silenced: frozenset[SilentKind] = frozenset()
    custom_audio: Mapping[str, str] = field(default_factory=dict)
    """Ids of its named audio tracks, by name."""
    screen: bool = False
    """Whether it shares its screen."""
    user_data: Any = None
    token: Mapping[str, Any] = field(default_factory=dict)
    will_eject_at: float | None = None
    ejected_as: EjectionType = "ejected"
    joined_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def telephony(
        cls,
        participant_type: ParticipantType,
        session_id: str,
        *,
        user_name: str,
        user_id: str | None = None,
        permissions: Permissions = EVERYBODY,
        video: bool = False,
    ) -> Participant:
        """The participant behind a SIP or PSTN call: it sends audio, and is never an owner."""
        return cls(
            session_id=session_id,
            user_id=user_id or session_id,
            user_name=user_name,
            participant_type=participant_type,
            permissions=permissions,
            audio=True,
            video=video,
        )

    @property
    def is_telephony(self) -> bool:
        """Whether a SIP or PSTN call is behind it."""
        return self.participant_type is not None

    @property
    def present(self) -> bool:
        """False for hidden participants, who are counted and not shown."""
        return self.permissions.has_presence is not False

    @property
    def may_administer(self) -> bool:
        """Whether it may use the telephony verbs, eject others and change their permissions."""
        admin = self.permissions.can_admin
        return self.owner or admin is True or (isinstance(admin, tuple) and "participants" in admin)

    def may_send(self, kind: SendKind) -> bool:
        """Whether `canSend` allows this kind of track."""
        kinds = self.permissions.can_send
        return kind in kinds if isinstance(kinds, tuple) else kinds is not False

    def renamed(self, user_name: str) -> Participant:
        """The same one under another name."""
        return replace(self, user_name=user_name)

    def sending(self, *, audio: bool, video: bool) -> Participant:
        """The same one after it has turned its microphone and camera on or off itself."""
        on = {kind for kind, is_on in (("audio", audio), ("video", video)) if is_on}
        return replace(self, audio=audio, video=video, silenced=self.silenced - on)

    def turned(self, *, audio: bool | None = None, video: bool | None = None) -> Participant:
        """The same one after an administrator has turned a track off, or allowed it again.

        A call is on again then; a client decides for itself.
        """
        wanted: dict[SilentKind, bool | None] = {"audio": audio, "video": video}
        off = {kind for kind, on in wanted.items() if on is False}
        allowed = {kind for kind, on in wanted.items() if on} & self.silenced
        on_again = allowed if self.is_telephony else set()
        changes: dict[str, Any] = {str(kind): kind in on_again for kind in off | on_again}
        return replace(self, **changes, silenced=(self.silenced | off) - allowed)

    def permitted(self, change: Permissions) -> Participant:
        """The same one with changed permissions."""
        return replace(self, permissions=change.over(self.permissions))

    def as_seen_by(self, session_id: str | None) -> dict[str, Any]:
        """The participant object for the client of `session_id` (None: for anybody else), JSON throughout."""
        audio, video = self.audio and self.may_send("audio"), self.video and self.may_send("video")
        shape = {
            "session_id": self.session_id,
            "user_id": self.user_id,
            "user_name": self.user_name,
            "local": self.session_id == session_id,
            "owner": self.owner,
            "record": False,
            "joined_at": timestamp(self.joined_at),
            "will_eject_at": None if self.will_eject_at is None else _at(self.will_eject_at),
            "permissions": self.permissions.as_dict(),
            "networkQualityState": "good",
            "tracks": {
                "audio": _track(self.audio, allowed=self.may_send("audio"), silenced="audio" in self.silenced),
                "video": _track(self.video, allowed=self.may_send("video"), silenced="video" in self.silenced),
                "screenAudio": _track(on=False),
                "screenVideo": _track(self.screen, allowed=self.may_send("screenVideo")),
                **{
                    name: {**_track(on=True, allowed=self.may_send("customAudio")), "kind": "audio", "id": track_id}
                    for name, track_id in self.custom_audio.items()
                },
            },
            "audio": audio,
            "video": video,
            "screen": self.screen and self.may_send("screenVideo"),
        }
        if self.participant_type is not None:
            shape["participantType"] = self.participant_type
        if self.user_data is not None:
            shape["userData"] = self.user_data
        return shape


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with ms and `Z`, as Daily writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _at(unix_seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(unix_seconds, UTC))
