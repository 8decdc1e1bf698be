"""Participants of a room, their permissions, and the participant object of daily-js (`DailyParticipant`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictBool

from fake_daily_server.values.telephony_types import ParticipantType
from fake_daily_server.values.validation import RequestModel

EjectionType = Literal["ejected", "exp-room", "exp-token"]
"""Why a participant is ejected: the type of the fatal error in daily-js."""

SendKind = Literal["video", "audio", "screenVideo", "screenAudio", "customVideo", "customAudio"]
AdminKind = Literal["participants", "streaming", "transcription"]

MuteableKind = Literal["audio", "video"]
"""The tracks of another participant that an administrator can mute."""

UserName = Annotated[str, Field(max_length=199)]
UserId = Annotated[str, Field(max_length=36)]


def _has_default(tracks: dict[str, bool]) -> dict[str, bool]:
    if "*" not in tracks:
        raise ValueError("must have an entry '*', for the tracks without an entry of their own")
    return tracks


class SomeMedia(RequestModel):
    """Whether media may be received, by kind. A kind that is absent is decided by other permissions."""

    video: StrictBool | None = None
    audio: StrictBool | None = None
    screen_video: StrictBool | None = None
    screen_audio: StrictBool | None = None
    custom_video: dict[str, StrictBool] | None = None
    custom_audio: dict[str, StrictBool] | None = None


class AllMedia(RequestModel):
    """Whether media may be received, by kind; all six kinds are required."""

    video: StrictBool
    audio: StrictBool
    screen_video: StrictBool
    screen_audio: StrictBool
    custom_video: Annotated[dict[str, StrictBool], AfterValidator(_has_default)]
    custom_audio: Annotated[dict[str, StrictBool], AfterValidator(_has_default)]


class _BySender(RequestModel):
    by_user_id: dict[str, StrictBool | SomeMedia] | None = None
    by_participant_id: dict[str, StrictBool | SomeMedia] | None = None


class CanReceive(_BySender):
    """From whom a participant may receive media.

    The entry for the sender's participant id takes precedence over that for its user id, and that over `base`.
    """

    base: StrictBool | AllMedia | None = None


class PartialCanReceive(_BySender):
    """`canReceive` of a dial-out request. Unlike in `CanReceive`, `base` may name only some kinds of media."""

    base: StrictBool | SomeMedia | None = None

    def complete(self) -> CanReceive:
        """Convert to `CanReceive`. Kinds of media that `base` does not name may be received."""
        given = self.model_dump(by_alias=True, exclude_unset=True)
        if isinstance(self.base, SomeMedia):
            named = self.base.model_dump(by_alias=True, exclude_none=True)
            custom = {name: {"*": True, **named.get(name, {})} for name in ("customVideo", "customAudio")}
            given["base"] = {**_EVERYTHING, **named, **custom}
        return CanReceive.model_validate(given)


_EVERYTHING = dict.fromkeys(("video", "audio", "screenVideo", "screenAudio"), True)


class Permissions(RequestModel):
    """Daily's `permissions` in tokens, rooms and updates. A field that is absent leaves the permission as it is."""

    has_presence: StrictBool | None = None
    can_send: StrictBool | tuple[SendKind, ...] | None = None
    can_receive: CanReceive | None = None
    can_admin: StrictBool | tuple[AdminKind, ...] | None = None

    def over(self, base: Permissions) -> Permissions:
        """Return `base` with these permissions applied.

        `hasPresence`, `canSend` and `canAdmin` replace those of `base`; of `canReceive`, only the keys that are present
        do.
        """
        given = {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None}
        if (receive := given.get("can_receive")) is not None and base.can_receive is not None:
            keys = {name: getattr(receive, name) for name in receive.model_fields_set}
            given["can_receive"] = base.can_receive.model_copy(update=keys)
        return base.model_copy(update=given)

    def as_dict(self) -> dict[str, Any]:
        """The permissions as a JSON object with Daily's names; absent fields are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


DEFAULT_PERMISSIONS = Permissions(hasPresence=True, canSend=True, canReceive=CanReceive(base=True), canAdmin=False)
OWNER_PERMISSIONS = DEFAULT_PERMISSIONS.model_copy(update={"can_admin": True})


def _track(on: bool, *, allowed: bool = True, muted_remotely: bool = False) -> Mapping[str, Any]:
    if on and allowed:
        return {"subscribed": True, "state": "playable"}
    reason = "byRemoteRequest" if muted_remotely else "byUser" if allowed else "byCanSendPermission"
    return {"subscribed": False, "state": "off", "off": {reason: True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One participant of a room. Immutable: a change creates a new value with the same `session_id`.

    Every join has a new `session_id`; for a telephony participant it is the session id of the dial-in or dial-out.
    `audio` and `video` are true for tracks that the participant sends; `muted_remotely` are the tracks that an
    administrator has muted. `will_eject_at` is the time of the ejection in unix seconds, and `ejected_as` the type of
    its fatal error. `token` holds the properties of the meeting token with which the participant joined.
    """

    session_id: str
    user_id: str
    user_name: str = ""
    owner: bool = False
    participant_type: ParticipantType | None = None
    permissions: Permissions = DEFAULT_PERMISSIONS
    audio: bool = False
    video: bool = False
    muted_remotely: frozenset[MuteableKind] = frozenset()
    custom_audio: Mapping[str, str] = field(default_factory=dict)
    """The track ids of the participant's custom audio tracks, by track name."""
    screen: bool = False
    """Whether the participant shares its screen."""
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
        permissions: Permissions = DEFAULT_PERMISSIONS,
        video: bool = False,
    ) -> Participant:
        """Create the participant of a SIP or PSTN call, which sends audio and is never an owner."""
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
        """Whether this is the participant of a SIP or PSTN call."""
        return self.participant_type is not None

    @property
    def present(self) -> bool:
        """Whether the participant is shown to others. Hidden participants are only counted."""
        return self.permissions.has_presence is not False

    @property
    def may_administer(self) -> bool:
        """Whether the participant may use the telephony verbs, eject others, mute them and change their permissions."""
        admin = self.permissions.can_admin
        return self.owner or admin is True or (isinstance(admin, tuple) and "participants" in admin)

    def may_send(self, kind: SendKind) -> bool:
        """Whether `canSend` allows this kind of track."""
        kinds = self.permissions.can_send
        return kind in kinds if isinstance(kinds, tuple) else kinds is not False

    def with_user_name(self, user_name: str) -> Participant:
        """A copy of the participant with another user name."""
        return replace(self, user_name=user_name)

    def with_own_tracks(self, *, audio: bool, video: bool) -> Participant:
        """A copy of the participant after it has turned its own microphone and camera on or off.

        Turning a track on ends its muting by an administrator.
        """
        on = {kind for kind, is_on in (("audio", audio), ("video", video)) if is_on}
        return replace(self, audio=audio, video=video, muted_remotely=self.muted_remotely - on)

    def with_remote_mute(self, *, audio: bool | None = None, video: bool | None = None) -> Participant:
        """A copy of the participant after an administrator has muted (False) or unmuted (True) its tracks.

        An unmuted call sends the track again at once; a client decides itself whether to turn an unmuted track on.
        """
        requested: dict[MuteableKind, bool | None] = {"audio": audio, "video": video}
        muted = {kind for kind, on in requested.items() if on is False}
        unmuted = {kind for kind, on in requested.items() if on} & self.muted_remotely
        sent_again = unmuted if self.is_telephony else set()
        changes: dict[str, Any] = {str(kind): kind in sent_again for kind in muted | sent_again}
        return replace(self, **changes, muted_remotely=(self.muted_remotely | muted) - unmuted)

    def with_permissions(self, change: Permissions) -> Participant:
        """A copy of the participant with `change` applied to its permissions."""
        return replace(self, permissions=change.over(self.permissions))

    def as_seen_by(self, session_id: str | None) -> dict[str, Any]:
        """The participant object of daily-js, as JSON for the client with `session_id`.

        `local` is true if the participant is that client's own.
        """
        eject_at = self.will_eject_at
        shape = {
            "session_id": self.session_id,
            "user_id": self.user_id,
            "user_name": self.user_name,
            "local": self.session_id == session_id,
            "owner": self.owner,
            "record": False,
            "joined_at": timestamp(self.joined_at),
            "will_eject_at": None if eject_at is None else timestamp(datetime.fromtimestamp(eject_at, UTC)),
            "permissions": self.permissions.as_dict(),
            "networkQualityState": "good",
            "tracks": self._tracks(),
            "audio": self.audio and self.may_send("audio"),
            "video": self.video and self.may_send("video"),
            "screen": self.screen and self.may_send("screenVideo"),
        }
        if self.participant_type is not None:
            shape["participantType"] = self.participant_type
        if self.user_data is not None:
            shape["userData"] = self.user_data
        return shape

    def _tracks(self) -> dict[str, Any]:
        muted, custom_allowed = self.muted_remotely, self.may_send("customAudio")
        return {
            "audio": _track(self.audio, allowed=self.may_send("audio"), muted_remotely="audio" in muted),
            "video": _track(self.video, allowed=self.may_send("video"), muted_remotely="video" in muted),
            "screenAudio": _track(on=False),
            "screenVideo": _track(self.screen, allowed=self.may_send("screenVideo")),
            **{
                name: {**_track(on=True, allowed=custom_allowed), "kind": "audio", "id": track_id}
                for name, track_id in self.custom_audio.items()
            },
        }


def timestamp(moment: datetime) -> str:
    """Format a time as Daily does: ISO 8601, in UTC, with ms and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
