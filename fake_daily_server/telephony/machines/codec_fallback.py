"""Whether a call uses another codec than the wanted one, which leads to one warning for audio and one for video."""

from __future__ import annotations

from fake_daily_server.telephony import causes
from fake_daily_server.telephony.machines.inputs import MediaUp, VideoUp


class CodecFallback:
    """The wanted codecs of one call, and which of them it has been warned about."""

    def __init__(self, *, audio: str | None, video: str | None = None) -> None:
        """`audio` and `video` are the wanted codecs; None wants none in particular."""
        self._wanted = {MediaUp: audio, VideoUp: video}
        self._warned: set[type[MediaUp | VideoUp]] = set()

    def warning(self, media: MediaUp | VideoUp | None) -> str | None:
        """`errorMsg` of the warning that `media` leads to; None if the wanted codec is there, or was warned about.

        It is there if it is used, and also if the peer lists it in its answer and prefers another.
        """
        wanted = self._wanted[type(media)] if media is not None else None
        if media is None or wanted is None or type(media) in self._warned or media.codec == wanted:
            return None
        if isinstance(media, MediaUp) and wanted in media.answered:
            return None
        return causes.codec_fallback(wanted, media.codec)

    def warned(self, media: MediaUp | VideoUp) -> None:
        """The warning that `media` leads to has been published; no other one of its kind follows."""
        self._warned.add(type(media))
