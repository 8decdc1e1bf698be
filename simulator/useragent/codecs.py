"""Which codecs a worker speaks, and how PJSIP calls them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.useragent.messages import AudioCodec

PJSIP_NAMES: dict[AudioCodec, str] = {
    "OPUS": "opus/48000/2",
    "G722": "G722/16000/1",
    "PCMU": "PCMU/8000/1",
    "PCMA": "PCMA/8000/1",
    "GSM": "GSM/8000/1",
    "ILBC": "iLBC/8000/1",
    "SPEEX": "speex/8000/1",
}
"""Encoding name to PJSIP's codec id. One clock rate each, so that one telephone-event format serves all."""

TELEPHONE_EVENT = "TELEPHONE-EVENT"


def supported_codecs(pjsip_ids: Iterable[str]) -> frozenset[AudioCodec]:
    """The codecs that an endpoint with these PJSIP codec ids really has."""
    available = {codec_id.lower() for codec_id in pjsip_ids}
    return frozenset(name for name, codec_id in PJSIP_NAMES.items() if codec_id.lower() in available)


def rtp_clock(codec: str, sampling_rate: int) -> int:
    """Clock of the RTP timestamps in Hz.

    G.722 samples at 16 kHz and counts at 8 (RFC 3551 §4.5.2); Opus counts at 48 whatever it samples (RFC 7587 §4.1).
    """
    return {"G722": 8000, "OPUS": 48_000}.get(codec, sampling_rate)


def first_common(preferred: Sequence[str], offered: Sequence[str]) -> str | None:
    """The first of `preferred` that is in `offered`."""
    return next((codec for codec in preferred if codec in offered), None)
