"""Which codecs are preferred, and what is offered after them."""

from __future__ import annotations

from fake_daily_server.settings import Settings
from fake_daily_server.telephony.codec_choice import CodecChoice, with_fallbacks
from simulator.useragent.messages import AudioCodec

WITHOUT_OPUS: frozenset[AudioCodec] = frozenset({"G722", "PCMU", "PCMA"})


def choice(supported: frozenset[AudioCodec] = WITHOUT_OPUS) -> CodecChoice:
    return CodecChoice(Settings(), lambda: supported)


def test_all_other_codecs_follow_the_preferred_ones() -> None:
    assert with_fallbacks(("PCMA",)) == ("PCMA", "OPUS", "G722", "PCMU")


def test_codecs_of_a_request_are_used_as_they_are() -> None:
    assert choice().for_dialout(("OPUS", "PCMA"), is_phone=True) == ("OPUS", "PCMA")


def test_defaults_depend_on_the_target_and_are_limited_to_supported_codecs() -> None:
    assert choice().for_dialout((), is_phone=True) == ("PCMU", "PCMA")
    assert choice().for_dialout((), is_phone=False) == ("PCMU",), "the default is OPUS alone"
    assert choice(WITHOUT_OPUS | {"OPUS"}).for_dialout((), is_phone=False) == ("OPUS",)
    assert choice().for_dialin() == ("G722", "PCMU", "PCMA")
