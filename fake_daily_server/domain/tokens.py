"""Meeting tokens: JWTs with Daily's abbreviated claims, signed by the server or by anyone who has the API key.

https://docs.daily.co/docs/guides/privacy-and-security/self-signing-tokens
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictInt, ValidationError

from fake_daily_server.domain.token_signature import signed, verified
from fake_daily_server.settings import Settings
from fake_daily_server.values.errors import InvalidRequest, JoinRefused
from fake_daily_server.values.participants import Permissions, UserId, UserName
from fake_daily_server.values.room_properties import OpenModel, Recording, Seconds
from fake_daily_server.values.validation import explain, unknown_name

CLAIMS: Mapping[str, str] = {
    "nbf": "nbf",
    "exp": "exp",
    "domain_id": "d",
    "room_name": "r",
    "user_id": "ud",
    "user_name": "u",
    "is_owner": "o",
    "knocking": "k",
    "close_tab_on_exit": "ctoe",
    "redirect_on_meeting_exit": "rome",
    "intercom_join_alert": "ij",
    "start_cloud_recording": "sr",
    "start_cloud_recording_opts": "sro",
    "auto_start_transcription": "ast",
    "enable_recording": "er",
    "enable_screenshare": "ss",
    "start_video_off": "vo",
    "start_audio_off": "ao",
    "meeting_join_hook": "mjh",
    "eject_at_token_exp": "ejt",
    "eject_after_elapsed": "eje",
    "lang": "uil",
    "enable_recording_ui": "erui",
    "permissions": "p",
}
"""The claim of each property. A property that is not listed has a claim of its own name."""

_PROPERTIES = {claim: name for name, claim in CLAIMS.items()}
_KINDS = {
    "video": "v",
    "audio": "a",
    "screenVideo": "sv",
    "screenAudio": "sa",
    "customVideo": "cv",
    "customAudio": "ca",
}
_PERMISSIONS = {"hasPresence": "hp", "canSend": "cs", "canReceive": "cr", "canAdmin": "ca"}
_RECEIVE = {"base": "b", "byUserId": "u", "byParticipantId": "p"}


class TokenProperties(OpenModel):
    """The properties of a meeting token, under the names that the REST API uses."""

    model_config = ConfigDict(title="MeetingTokenProperties")

    room_name: str | None = None
    """The only room that the token is valid for; without it, the token is valid for every room of the domain."""
    is_owner: StrictBool = False
    user_name: UserName | None = None
    user_id: UserId | None = None
    nbf: StrictInt | None = None
    exp: StrictInt | None = None
    eject_at_token_exp: StrictBool | None = None
    eject_after_elapsed: Seconds | None = None
    permissions: Permissions | None = None
    knocking: StrictBool | None = None
    enable_screenshare: StrictBool | None = None
    start_video_off: StrictBool | None = None
    start_audio_off: StrictBool | None = None
    enable_recording: Recording | None = None
    start_cloud_recording: StrictBool | None = None
    start_cloud_recording_opts: dict[str, Any] | None = None
    auto_start_transcription: StrictBool | None = None
    enable_prejoin_ui: StrictBool | None = None
    enable_recording_ui: StrictBool | None = None
    enable_live_captions_ui: StrictBool | None = None
    enable_terse_logging: StrictBool | None = None
    close_tab_on_exit: StrictBool | None = None
    redirect_on_meeting_exit: str | None = None
    intercom_join_alert: StrictBool | None = None
    meeting_join_hook: Annotated[str, Field(max_length=255)] | None = None
    lang: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The properties that were set, as JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)

    @property
    def sets_ejection(self) -> bool:
        """Whether the token sets when to eject its participant; if so, the room's properties do not."""
        return self.eject_at_token_exp is not None or self.eject_after_elapsed is not None


def create_token(properties: TokenProperties, settings: Settings, *, now: float) -> str:
    """Sign a meeting token; `now` is in unix seconds.

    Raises InvalidRequest if `exp` is in the past, and for an unknown property that has the name of a claim or that the
    setting `unknown_properties` refuses.
    """
    if properties.exp is not None and properties.exp <= now:
        raise InvalidRequest(f"exp was '{properties.exp}', which is in the past rather than in the future")
    for given in properties.model_extra or {}:
        if settings.unknown_properties == "refuse" or given in _PROPERTIES or given == "iat":
            raise InvalidRequest(unknown_name("property", given, list(TokenProperties.model_fields)))
    claims = {CLAIMS.get(name, name): value for name, value in properties.as_dict().items()}
    if "p" in claims:
        claims["p"] = _short_permissions(claims["p"])
    claims |= {"d": settings.domain_id, "iat": int(now)}
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return signed(payload, settings.api_key)


def read_token(token: str, settings: Settings, *, now: float, ignore_nbf: bool = False) -> TokenProperties:
    """Verify a meeting token and return its properties; `now` is in unix seconds.

    Raises JoinRefused: `exp-token`, `nbf-token`, or `not-allowed` for a wrong signature, another domain, or invalid
    claims.
    """
    try:
        claims = json.loads(verified(token, settings.api_key))
    except ValueError as wrong:
        raise JoinRefused("not-allowed", f"the meeting token is not valid: {wrong}") from None
    if not isinstance(claims, dict):
        raise JoinRefused("not-allowed", f"the claims of the meeting token are {claims!r} but should be a JSON object")
    if "iat" not in claims:
        raise JoinRefused("not-allowed", "the meeting token has no iat claim; add iat, the unix time of its issue")
    domain = claims.pop("d", None)
    if domain != settings.domain_id:
        raise JoinRefused(
            "not-allowed",
            f"the meeting token is for the domain id {domain!r}; this domain is {settings.domain_id!r}",
        )
    claims.pop("iat")
    try:
        properties = TokenProperties.model_validate(_long_names(claims))
    except ValidationError as wrong:
        raise JoinRefused(
            "not-allowed", f"the claims of the meeting token are not valid: {explain(wrong.errors())}"
        ) from None
    if properties.exp is not None and properties.exp <= now:
        raise JoinRefused("exp-token", f"the meeting token expired at {properties.exp}; now is {int(now)}")
    if properties.nbf is not None and properties.nbf > now and not ignore_nbf:
        raise JoinRefused("nbf-token", f"the meeting token is valid from {properties.nbf}; now is {int(now)}")
    return properties


def _long_names(claims: Mapping[str, Any]) -> dict[str, Any]:
    properties = {_PROPERTIES.get(claim, claim): value for claim, value in claims.items()}
    if isinstance(short := properties.get("permissions"), dict):
        properties["permissions"] = _long_permissions(short)
    return properties


def _short_permissions(permissions: Mapping[str, Any]) -> dict[str, Any]:
    short = {_PERMISSIONS[name]: value for name, value in permissions.items()}
    if isinstance(short.get("cs"), list):
        short["cs"] = ",".join(_KINDS[kind] for kind in short["cs"])
    if isinstance(short.get("ca"), list):
        short["ca"] = ",".join(short["ca"])
    if "cr" in short:
        short["cr"] = _receive(short["cr"], _RECEIVE, _KINDS)
    return short


def _long_permissions(short: Mapping[str, Any]) -> dict[str, Any]:
    permissions = _renamed(short, {claim: name for name, claim in _PERMISSIONS.items()})
    kinds = {letter: kind for kind, letter in _KINDS.items()}
    if isinstance(send := permissions.get("canSend"), str):
        permissions["canSend"] = [kinds.get(letter, letter) for letter in send.split(",") if letter]
    if isinstance(admin := permissions.get("canAdmin"), str):
        permissions["canAdmin"] = [kind for kind in admin.split(",") if kind]
    if isinstance(receive := permissions.get("canReceive"), dict):
        permissions["canReceive"] = _receive(receive, {claim: name for name, claim in _RECEIVE.items()}, kinds)
    return permissions


def _receive(given: Mapping[str, Any], names: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, Any]:
    result = _renamed(given, names)
    for name in ("base", "b"):
        if isinstance(base := result.get(name), dict):
            result[name] = _renamed(base, kinds)
    for name in ("byUserId", "u", "byParticipantId", "p"):
        if isinstance(people := result.get(name), dict):
            result[name] = {
                who: _renamed(media, kinds) if isinstance(media, dict) else media for who, media in people.items()
            }
    return result


def _renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in given.items()}
