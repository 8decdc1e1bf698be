"""The codecs of a worker: their names here and in PJSIP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from simulator.errors import ConfigurationError
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
"""Encoding name to PJSIP's codec id. Of Speex one clock rate only, so that one telephone-event format is enough."""


def supported_codecs(pjsip_ids: Iterable[str]) -> frozenset[AudioCodec]:
    """Return the codecs of an endpoint that has these PJSIP codec ids."""
    available = {codec_id.lower() for codec_id in pjsip_ids}
    return frozenset(name for name, codec_id in PJSIP_NAMES.items() if codec_id.lower() in available)


def check_codecs(codecs: Sequence[AudioCodec]) -> tuple[AudioCodec, ...]:
    """Return `codecs`; ConfigurationError when it is empty or has an unknown name."""
    known = get_args(AudioCodec)
    wanted = tuple(codecs)
    if not wanted or isinstance(codecs, str):
        raise ConfigurationError("codecs", codecs, f"a sequence of at least one of {', '.join(known)}")
    for codec in wanted:
        if codec not in known:
            raise ConfigurationError("codecs", codec, ", ".join(known))
    return wanted
