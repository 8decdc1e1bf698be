"""The requests of the telephony verbs, the same over REST and signalling.

The rules are those of https://docs.daily.co/reference/rest-api/rooms/dialout/start and of daily-js's own checks.
Options that do not apply to the kind of target (SIP URI or phone number) are left out; see `applicable_options`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StrictBool,
    StrictInt,
    model_validator,
)

from fake_daily_server.values.applicable_options import inapplicable_options, without_inapplicable
from fake_daily_server.values.ids import SipEndpoint
from fake_daily_server.values.participants import PartialCanReceive, UserId, UserName
from fake_daily_server.values.telephony_types import Provider
from fake_daily_server.values.validation import RequestModel
from simulator.errors import ConfigurationError
from simulator.numbers import SipAddress
from simulator.video.negotiated import VideoCodec

DailyAudioCodec = Literal["OPUS", "G722", "PCMU", "PCMA"]
SessionId = Annotated[str, Field(min_length=1)]
WaitSeconds = Annotated[float, Field(strict=True, ge=0, le=60)]
"""A number of seconds, whole or not: Daily's page of startDialOut says `number`."""

_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}")
_NUMBER_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEADER_NAME = re.compile(r"[Xx]-[A-Za-z0-9!%*_+`'~.-]+")


def _sip_uri(uri: str) -> str:
    if not uri.lower().startswith("sip:"):
        raise ValueError(f"{uri!r} is not a SIP URI; it must begin with sip:")
    try:
        address = SipAddress.parse(uri)
    except ConfigurationError as wrong:
        raise ValueError(str(wrong)) from None
    for name, value in address.headers:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"header {name!r} of {uri!r} cannot be sent; names must start with X-")
        if not value.isprintable():
            raise ValueError(f"header {name!r} of {uri!r} has control characters in its value; remove them")
    return uri


def _phone_number(number: str) -> str:
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{number!r} is not a phone number; allowed: E.164, + and at most 15 digits")
    return number


def _caller_id(caller: str) -> str:
    if not _NUMBER.fullmatch(caller) and not _NUMBER_ID.fullmatch(caller):
        raise ValueError(f"{caller!r} is not a caller id; allowed: a purchased number, by its id (UUID) or in E.164")
    return caller


def _end_point(target: str) -> str:
    if not target.lower().startswith(("sip:", "+")):
        raise ValueError(f"{target!r} cannot be called; it must begin with sip: or +")
    return _phone_number(target) if target.startswith("+") else _sip_uri(target)


def _room_endpoint(address: str) -> str:
    if SipEndpoint.parse(address) is None:
        raise ValueError(f"{address!r} is not the SIP endpoint of a room; allowed: sip:<room>.<index>@<host>")
    return address


def _extension(digits: str) -> str:
    if not re.fullmatch(r"[0-9A-D*#,]{1,20}", digits):
        raise ValueError(f"{digits!r} cannot be dialled; allowed: 1 to 20 of 0-9 A-D * # and , for a pause")
    return digits


def _tones(tones: str) -> str:
    if not re.fullmatch(r"[0-9A-D*#]{1,20}", tones):
        raise ValueError(f"{tones!r} cannot be sent; allowed: 1 to 20 of 0-9 A-D * #")
    return tones


class Codecs(RequestModel):
    """Codecs in order of preference. If the peer does not accept the first, another is used, with a warning event."""

    audio: Annotated[tuple[DailyAudioCodec, ...], Field(min_length=1)] | None = None
    video: Annotated[tuple[VideoCodec, ...], Field(min_length=1)] | None = None


class VideoSettings(RequestModel):
    """How video is encoded: size in pixels, frames per second, bit rate in kbit/s."""

    width: StrictInt = Field(default=1280, ge=1, le=1280)
    height: StrictInt = Field(default=720, ge=1, le=720)
    fps: StrictInt = Field(default=15, ge=1, le=30)
    video_bitrate: StrictInt = Field(default=900, ge=1, le=1000)


class DialOutPermissions(RequestModel):
    """The permissions of the dialled participant."""

    can_receive: PartialCanReceive | None = None


class _Dialled(RequestModel):
    """A request that leads to a call. Options that do not apply to the kind of its target are left out."""

    _inapplicable: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def inapplicable(self) -> Mapping[str, str]:
        """The options that were left out, by their names in JSON, each with the reason."""
        return self._inapplicable

    @classmethod
    def _calls_phone(cls, request: Mapping[str, Any]) -> bool | None:
        """Whether a request, as it came, calls a phone number; None when its target is not known."""
        raise NotImplementedError

    @model_validator(mode="wrap")
    @classmethod
    def _leave_out_inapplicable(cls, value: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        is_phone = cls._calls_phone(value) if isinstance(value, Mapping) else None
        if is_phone is None:
            return validate(value)
        reasons = inapplicable_options(value, is_phone=is_phone)
        request = validate(without_inapplicable(value, reasons, is_phone=is_phone))
        request._inapplicable = reasons
        return request


class StartDialOut(_Dialled):
    """`startDialOut`: call a SIP URI or a phone number from a room."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"phoneNumber": "+12065550142", "displayName": "Front desk", "extension": "42"},
                {"sipUri": "sip:bob@example.com"},
            ]
        }
    )

    sip_uri: Annotated[str, AfterValidator(_sip_uri)] | None = None
    phone_number: Annotated[str, AfterValidator(_phone_number)] | None = None
    display_name: Annotated[UserName, Field(min_length=1)] | None = None
    user_id: UserId | None = None
    caller_id: Annotated[str, AfterValidator(_caller_id)] | None = None
    extension: Annotated[str, AfterValidator(_extension)] | None = None
    """DTMF digits to send after the call is answered; `,` is a pause of 1 s."""
    wait_before_extension_dial_sec: WaitSeconds = 0
    video: StrictBool = False
    video_settings: VideoSettings | None = None
    codecs: Codecs | None = None
    permissions: DialOutPermissions | None = None
    provider: Provider | None = None

    @classmethod
    def _calls_phone(cls, request: Mapping[str, Any]) -> bool | None:
        phone, sip = (request.get(name) is not None for name in ("phoneNumber", "sipUri"))
        return phone if phone != sip else None

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if (self.sip_uri is None) == (self.phone_number is None):
            raise ValueError("exactly one of sipUri and phoneNumber is required")
        return self

    @property
    def is_phone(self) -> bool:
        """Whether the target is a phone number."""
        return self.phone_number is not None

    @property
    def target(self) -> str:
        """The phone number, or the SIP URI without its headers (`?…`)."""
        return self.phone_number or str(self._address)

    @property
    def sip_headers(self) -> tuple[tuple[str, str], ...]:
        """Header fields for the INVITE: the headers of the SIP URI, `?X-a=1&X-b=2` (RFC 3261 section 19.1.1)."""
        return self._address.headers if self.sip_uri is not None else ()

    @property
    def name(self) -> str:
        """`displayName`; without one, the phone number or the user part of the SIP URI, as with Daily."""
        if self.display_name is not None:
            return self.display_name
        if self.phone_number is not None:
            return self.phone_number
        return self._address.uri.user or self._address.uri.host

    @property
    def audio_codecs(self) -> tuple[DailyAudioCodec, ...]:
        """The requested audio codecs in order of preference; empty if the request names none."""
        return (self.codecs and self.codecs.audio) or ()

    @property
    def _address(self) -> SipAddress:
        return SipAddress.parse(self.sip_uri or "")


class StopDialOut(RequestModel):
    """`stopDialOut`: end a dial-out that is ringing or answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sessionId": "d61cd7b2-a273-42b4-89bd-be763fd562c1"}]})

    session_id: SessionId


class SendDtmf(RequestModel):
    """`sendDTMF`: send digits to the far end of a telephony session."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sessionId": "d61cd7b2-a273-42b4-89bd-be763fd562c1", "tones": "12#"}]}
    )

    session_id: SessionId
    tones: Annotated[str, AfterValidator(_tones)]
    method: Literal["sip-info", "telephone-event", "auto"] = "auto"
    digit_duration_ms: StrictInt = Field(default=500, ge=50, le=2000)


class SipCallTransfer(_Dialled):
    """`sipCallTransfer`: connect a telephony session to another room, a SIP URI or a phone number.

    Daily stays in the media path of both calls.
    """

    session_id: SessionId
    to_end_point: Annotated[str, AfterValidator(_end_point)]
    caller_id: Annotated[str, AfterValidator(_caller_id)] | None = None
    extension: Annotated[str, AfterValidator(_extension)] | None = None
    wait_before_extension_dial_sec: WaitSeconds = 0

    @classmethod
    def _calls_phone(cls, request: Mapping[str, Any]) -> bool | None:
        target = request.get("toEndPoint")
        return target.startswith("+") if isinstance(target, str) else None

    @property
    def is_phone(self) -> bool:
        """Whether the target is a phone number."""
        return self.to_end_point.startswith("+")

    @property
    def target(self) -> str:
        """The phone number, or the SIP URI."""
        return self.to_end_point


class SipRefer(RequestModel):
    """`sipRefer`: ask the far end of a telephony session to call a SIP URI itself (RFC 3515)."""

    session_id: SessionId
    to_end_point: Annotated[str, AfterValidator(_sip_uri)]


class PinlessCallUpdate(RequestModel):
    """`pinlessCallUpdate`: move a held caller to a SIP endpoint of a room. The URI may lack `sip:`.

    https://docs.daily.co/reference/rest-api/dial-in/pinless-update
    """

    call_id: Annotated[str, Field(min_length=1)]
    call_domain: Annotated[str, Field(min_length=1)]
    sip_uri: Annotated[str, AfterValidator(_room_endpoint)]

    @property
    def endpoint(self) -> SipEndpoint:
        """The endpoint that `sipUri` names."""
        endpoint = SipEndpoint.parse(self.sip_uri)
        if endpoint is None:
            raise ValueError(f"{self.sip_uri!r} passed validation but is not an endpoint")
        return endpoint
