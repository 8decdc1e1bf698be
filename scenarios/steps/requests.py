"""The options of Daily's verbs, so that a mistyped one is found before anything runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from scenarios.steps.base import Model, Text


class Codecs(Model):
    """Codec preference; the first entry is used."""

    audio: list[str] | None = None
    video: list[str] | None = None


class VideoSettings(Model):
    """What the video leg sends."""

    width: int | None = None
    height: int | None = None
    fps: int | None = None
    videoBitrate: int | None = None  # noqa: N815 - Daily's name


class Request(Model):
    """Options of one verb. All are optional here: what is required is the server's to say."""

    def as_settings(self) -> dict[str, Any]:
        """The options that were written, with the types that Daily's JSON has."""
        return self.model_dump(exclude_unset=True)


class DialOutOptions(Request):
    """Options of startDialOut."""

    phoneNumber: Text | None = None  # noqa: N815 - Daily's names, here and below
    """E.164; either this or `sipUri`."""
    sipUri: str | None = None  # noqa: N815
    """`sip:…`; `?X-a=1&X-b=2` at its end become header fields of the INVITE."""
    displayName: str | None = None  # noqa: N815
    userId: Text | None = None  # noqa: N815
    callerId: Text | None = None  # noqa: N815
    """A number of the domain (`numbers`) that the callee sees; with `phoneNumber` only."""
    extension: Text | None = None
    """Digits dialled after the answer."""
    waitBeforeExtensionDialSec: int | None = None  # noqa: N815
    """Seconds between the answer and the extension."""
    codecs: Codecs | None = None
    video: bool | None = None
    videoSettings: VideoSettings | None = None  # noqa: N815
    permissions: dict[str, Any] | None = None
    provider: str | None = None


class SessionOptions(Request):
    """Options of stopDialOut."""

    sessionId: str | None = None  # noqa: N815
    """The newest telephony session when left out."""


class DigitOptions(SessionOptions):
    """Options of sendDTMF."""

    tones: Text | None = None
    """1 to 20 of 0-9 A-D * #."""
    method: Literal["auto", "telephone-event", "sip-info"] | None = None
    """`auto` when left out: telephone-event if the call has it, else SIP INFO."""
    digitDurationMs: int | None = None  # noqa: N815
    """50 to 2000; Daily's default is 500."""


OPTIONS: dict[str, type[Request]] = {
    "startDialOut": DialOutOptions,
    "stopDialOut": SessionOptions,
    "sendDTMF": DigitOptions,
}


def typed_where_known(verb: str, options: dict[str, Any]) -> dict[str, Any]:
    """`options` for a request that is meant to be refused: typed as Daily's are where they can be, else as written."""
    fields = OPTIONS[verb].model_fields if verb in OPTIONS else {}
    typed: dict[str, Any] = {}
    for name, value in options.items():
        typed[name] = value
        if name in fields:
            try:
                typed[name] = TypeAdapter[Any](fields[name].annotation).validate_python(value)
            except ValidationError:
                continue
        if isinstance(typed[name], Model):
            typed[name] = typed[name].model_dump(exclude_unset=True)
    return typed
