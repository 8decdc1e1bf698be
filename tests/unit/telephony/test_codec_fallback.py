"""When a call with another codec than the wanted one leads to a warning, and that it leads to one only."""

from __future__ import annotations

import pytest

from fake_daily_server.telephony.machines.codec_fallback import CodecFallback
from fake_daily_server.telephony.machines.inputs import MediaUp, VideoUp


def audio(codec: str, *answered: str) -> MediaUp:
    return MediaUp(codec, telephone_event=True, answered=answered)


@pytest.mark.parametrize(
    ("media", "warns"),
    [
        (None, False),
        (audio("OPUS"), False),
        (audio("PCMU"), True),
        (audio("PCMU", "PCMU"), True),
        (audio("PCMU", "PCMU", "OPUS"), False),
        (VideoUp("VP8"), False),
        (VideoUp("H264"), True),
    ],
)
def test_a_wanted_codec_that_is_absent_leads_to_a_warning(media: MediaUp | VideoUp | None, warns: bool) -> None:
    text = CodecFallback(audio="OPUS", video="VP8").warning(media)
    assert (text is not None) == warns
    assert not warns or text in (
        "Requested codec unavailable, using fallback (OPUS was asked for, PCMU is used)",
        "Requested codec unavailable, using fallback (VP8 was asked for, H264 is used)",
    )


@pytest.mark.parametrize("media", [audio("PCMU"), VideoUp("H264")])
def test_a_call_that_wants_no_codec_in_particular_has_no_warning(media: MediaUp | VideoUp) -> None:
    assert CodecFallback(audio=None).warning(media) is None


def test_there_is_one_warning_for_audio_and_one_for_video() -> None:
    fallback = CodecFallback(audio="OPUS", video="VP8")
    fallback.warned(audio("PCMU"))
    assert fallback.warning(audio("G722")) is None
    assert fallback.warning(VideoUp("H264")) is not None
    fallback.warned(VideoUp("H264"))
    assert fallback.warning(VideoUp("H264")) is None
