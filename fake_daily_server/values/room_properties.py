"""Room properties: their types and limits, and which of them a room object shows.

https://docs.daily.co/reference/rest-api/rooms/create-room
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, model_validator

from fake_daily_server.values.errors import InvalidRequest
from fake_daily_server.values.participants import Permissions, UserName
from fake_daily_server.values.telephony_requests import DailyAudioCodec
from fake_daily_server.values.telephony_types import Provider
from fake_daily_server.values.validation import RequestModel, check_json, unknown_name
from simulator.numbers import check_number
from simulator.video.negotiated import VideoCodec

UnixTime = Annotated[StrictInt | StrictFloat, Field(ge=0, allow_inf_nan=False)]
"""Unix time in seconds. Fractions are accepted because Pipecat sends them."""

Seconds = Annotated[StrictInt, Field(ge=0)]
SessionsPerRoom = Annotated[StrictInt, Field(ge=0)]
"""A limit on SIP and PSTN sessions in a room at the same time."""
Flag = StrictBool | None
RecordingKind = Literal["cloud", "cloud-audio-only", "local", "raw-tracks"]
Recording = RecordingKind | Annotated[tuple[RecordingKind, ...], Field(min_length=1)]
"""One kind of recording, or several from which the users of the room choose."""


class OpenModel(BaseModel):
    """An immutable model that keeps unknown fields and returns them, since Daily adds fields from time to time."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @model_validator(mode="after")
    def _is_json(self) -> Self:
        check_json(self.model_dump(exclude_unset=True))
        return self


class SipCodecs(RequestModel):
    """`sip.codecs`: codecs of dial-in calls, in order of preference."""

    audio: Annotated[tuple[DailyAudioCodec, ...], Field(min_length=1)] | None = None
    video: Annotated[tuple[VideoCodec, ...], Field(min_length=1)] | None = None


class SipDialinConfig(OpenModel):
    """`sip.dialin_config`. It has an effect on callers of SIP trunks only, who start their rooms themselves."""

    allow_room_start: StrictBool = False
    hold_music_enabled: StrictBool | None = None
    """Whether a caller who is alone hears music; without it those of SIP trunks do."""
    max_idle_timeout_sec: Seconds = 0
    """How long a caller waits alone, in seconds; 0 leaves that to the server."""
    max_idle_timeout_post_conversation_sec: Seconds | None = None
    dialin_geo: str | None = None


class SipProperties(OpenModel):
    """`sip`: dial-in over SIP, without a code."""

    sip_mode: Literal["dial-in", "dial-out"] = "dial-in"
    display_name: UserName | None = None
    video: StrictBool = False
    codecs: SipCodecs | None = None
    num_endpoints: Annotated[StrictInt, Field(ge=1, le=5)] = 1
    provider: Provider | None = None
    dialin_config: SipDialinConfig | None = None


class RoomNumber(OpenModel):
    """One entry of `dialin.room_numbers`."""

    phone_number: str

    @model_validator(mode="after")
    def _is_a_number(self) -> Self:
        check_number(self.phone_number, name="phone_number")
        return self


class DialinProperties(OpenModel):
    """`dialin`: PIN dial-in. Callers dial a phone number and enter the code of the room."""

    display_name: UserName | None = None
    wait_for_meeting_start: StrictBool = False
    room_numbers: tuple[RoomNumber, ...] | None = None


class DialoutConfig(OpenModel):
    """`dialout_config`. Only `max_idle_timeout_sec` has an effect; a dial-out alone never starts a session."""

    allow_room_start: StrictBool = False
    dialout_geo: str | None = None
    max_idle_timeout_sec: Seconds = 0


READ_ONLY = ("sip_uri", "dialin_code", "dialin_number")
"""Fields that `config` of a room shows beside its properties. Daily makes them."""


class RoomProperties(OpenModel):
    """All room properties that Daily documents. Every default other than None is documented by Daily, too."""

    nbf: UnixTime | None = None
    exp: UnixTime | None = None
    max_participants: Annotated[StrictInt, Field(ge=1)] | None = None
    eject_at_room_exp: StrictBool = False
    eject_after_elapsed: Seconds | None = None
    enforce_unique_user_ids: StrictBool = False
    enable_hidden_participants: StrictBool = False
    owner_only_broadcast: StrictBool = False
    permissions: Permissions | None = None

    sip: SipProperties | None = None
    dialin: DialinProperties | None = None
    enable_dialin: Flag = None
    """True without `sip` provisions one SIP endpoint; false closes the endpoints of `sip`."""
    enable_dialout: StrictBool = False
    dialout_config: DialoutConfig | None = None
    max_sip_pstn_sessions_per_room: SessionsPerRoom | None = None
    """How many SIP and PSTN sessions the room may have; without it the domain's property of this name decides."""
    max_idle_timeout_sec: Seconds = 0

    start_video_off: StrictBool = False
    start_audio_off: StrictBool = False
    enable_screenshare: StrictBool = True
    enable_recording: Recording | None = None
    enable_chat: StrictBool = False
    enable_advanced_chat: StrictBool = False
    enable_shared_chat_history: StrictBool = True
    enable_video_processing_ui: StrictBool = True
    enable_people_ui: Flag = None
    enable_pip_ui: Flag = None
    enable_emoji_reactions: Flag = None
    enable_hand_raising: Flag = None
    enable_prejoin_ui: Flag = None
    enable_live_captions_ui: Flag = None
    enable_network_ui: Flag = None
    enable_noise_cancellation_ui: Flag = None
    enable_breakout_rooms: Flag = None
    enable_knocking: Flag = None
    enable_cpu_warning_notifications: Flag = None

    enable_mesh_sfu: Flag = None
    sfu_switchover: Annotated[StrictInt | StrictFloat, Field(ge=0, allow_inf_nan=False)] = 0.5
    enable_adaptive_simulcast: StrictBool = True
    enable_multiparty_adaptive_simulcast: StrictBool = False
    experimental_optimize_large_calls: Flag = None
    enable_terse_logging: StrictBool = False
    lang: str = "en"
    geo: str | None = None
    rtmp_geo: str | None = None
    disable_rtmp_geo_fallback: StrictBool = False
    meeting_join_hook: Annotated[str, Field(max_length=255)] | None = None

    recordings_bucket: dict[str, Any] | None = None
    recordings_template: str | None = None
    auto_transcription_settings: dict[str, Any] | None = None
    enable_transcription_storage: StrictBool = False
    transcription_bucket: dict[str, Any] | None = None
    transcription_template: str | None = None
    streaming_endpoints: list[Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _settable(cls, given: Any) -> Any:
        """Null means the default, and read-only names are ignored, so that the `config` of a room can be sent back."""
        if not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if value is not None and name not in READ_ONLY}

    @property
    def idle_timeout(self) -> int:
        """How long a session continues after its last client has left, in seconds; 0 ends it at once."""
        of_dialout = self.dialout_config.max_idle_timeout_sec if self.dialout_config is not None else 0
        return max(self.max_idle_timeout_sec, of_dialout)

    def check_known(self) -> None:
        """Raise InvalidRequest for a property that Daily does not document."""
        check_property_names(self.model_extra or ())

    def config(self) -> dict[str, Any]:
        """The properties that a room object shows: those that were set to a value other than the default."""
        given = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
        fields = type(self).model_fields
        return {name: value for name, value in given.items() if name not in fields or value != fields[name].default}


def check_property_names(names: Iterable[str]) -> None:
    """Raise InvalidRequest for the name of a room property that Daily does not document."""
    known = [*RoomProperties.model_fields, *READ_ONLY]
    for name in names:
        if name not in known:
            raise InvalidRequest(unknown_name("property", name, known))
