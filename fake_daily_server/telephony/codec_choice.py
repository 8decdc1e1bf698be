"""Chooses the audio codecs that Daily's side of a call offers or accepts, in order of preference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from fake_daily_server.domain.room import Room
from fake_daily_server.settings import Settings
from simulator.useragent.messages import AudioCodec

DAILY_CODECS: tuple[AudioCodec, ...] = ("OPUS", "G722", "PCMU", "PCMA")
"""The audio codecs that Daily supports, in the order in which they are offered as fallbacks."""


def with_fallbacks(preferred: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
    """The preferred codecs, followed by all others that Daily supports."""
    return (*preferred, *(codec for codec in DAILY_CODECS if codec not in preferred))


class CodecChoice:
    """Chooses the preferred codecs of a call: those named in the request or the room, or defaults from the settings.

    Defaults are limited to the codecs that the SIP workers support (`supported`); explicitly named codecs are not.
    """

    def __init__(self, settings: Settings, supported: Callable[[], Collection[AudioCodec]]) -> None:
        self._settings = settings
        self._supported = supported

    def for_dialout(self, requested: Sequence[AudioCodec], *, is_phone: bool) -> tuple[AudioCodec, ...]:
        """The preferred codecs of a call to a phone number or to a SIP URI; `requested` may be empty."""
        settings = self._settings
        defaults = settings.pstn_dialout_codecs if is_phone else settings.sip_dialout_codecs
        return tuple(requested) or self._limited(defaults)

    def for_endpoint(self, room: Room) -> tuple[AudioCodec, ...]:
        """The preferred codecs of a call to an endpoint of the room."""
        return _requested(room) or self.for_dialin()

    def for_dialin(self) -> tuple[AudioCodec, ...]:
        """The preferred codecs of an incoming call that is not addressed to a room's endpoint."""
        return self._limited(self._settings.dialin_codecs)

    @staticmethod
    def requested_for_dialin(room: Room) -> AudioCodec | None:
        """The codec that the room wants of calls to its endpoints; None when it names none, and so takes any."""
        requested = _requested(room)
        return requested[0] if requested else None

    def _limited(self, defaults: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
        supported = self._supported()
        return tuple(codec for codec in defaults if codec in supported) or ("PCMU",)


def _requested(room: Room) -> tuple[AudioCodec, ...]:
    """The room's property `sip.codecs.audio`; empty if unset."""
    sip = room.properties.sip
    return (sip and sip.codecs and sip.codecs.audio) or ()
