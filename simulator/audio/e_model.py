"""The E-model (ITU-T G.107), simplified: rates the quality of a call from its codec, delay and packet loss."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from simulator.errors import ConfigurationError
from simulator.useragent.messages import Statistics

PACKET_MS = 20.0
BEST_R = 93.2
"""The rating R of an undisturbed connection: G.107 with its default values."""


@dataclass(frozen=True, slots=True)
class CodecImpairment:
    """The impairment that a codec adds to a connection (ITU-T G.113, appendix I)."""

    ie: float
    """Equipment impairment factor Ie, without packet loss."""
    bpl: float
    """Packet-loss robustness factor Bpl."""
    look_ahead_ms: float = 0
    """Delay that the encoder adds."""


CODECS = MappingProxyType(
    {
        "PCMU": CodecImpairment(0, 25.1),
        "PCMA": CodecImpairment(0, 25.1),
        "GSM": CodecImpairment(26, 43),
        "iLBC": CodecImpairment(11, 32, 10),
        "G722": CodecImpairment(0, 14.1, 1.5),
        "opus": CodecImpairment(0, 20, 6.5),
    }
)
"""G.711 with loss concealment and GSM as in G.113. The values of iLBC, G.722 and Opus are common estimates on the same
narrow-band scale, on which a wide-band codec cannot be better than the best narrow-band one."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A rating: `r` from 0 to 93.2, `mos` from 1 (bad) to 4.41 (the best that a telephone connection can have)."""

    r: float
    loss_percent: float
    delay_ms: float

    @property
    def mos(self) -> float:
        """Mean opinion score (G.107, annex B)."""
        if self.r <= 0:
            return 1.0
        r = min(self.r, 100.0)
        return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)

    def __str__(self) -> str:
        return f"MOS {self.mos:.2f} (R {self.r:.0f}, {self.loss_percent:.1f}% lost, {self.delay_ms:.0f} ms)"


def e_model_rating(codec: str, *, loss_percent: float = 0, delay_ms: float = 0, burst_ratio: float = 1) -> Quality:
    """Rate one direction. `delay_ms` is from mouth to ear; `burst_ratio` is 1 for random loss, above 1 for bursts."""
    impairment = _codec(codec)
    if not 0 <= loss_percent <= 100:
        raise ConfigurationError("loss_percent", loss_percent, "0 to 100")
    if delay_ms < 0:
        raise ConfigurationError("delay_ms", delay_ms, "0 or more")
    if burst_ratio < 1:
        raise ConfigurationError("burst_ratio", burst_ratio, "1 (random) or more")
    by_delay = 0.024 * delay_ms + (0.11 * (delay_ms - 177.3) if delay_ms > 177.3 else 0)
    by_loss = (95 - impairment.ie) * loss_percent / (loss_percent / burst_ratio + impairment.bpl)
    return Quality(BEST_R - by_delay - impairment.ie - by_loss, loss_percent, delay_ms)


def rating_of_statistics(statistics: Statistics, codec: str, *, delay_ms: float | None = None) -> Quality:
    """Rate the audio received in a call, from its RTP counters.

    Packets that arrived too late count as lost. Without a measured `delay_ms` the delay is estimated: half of the round
    trip, one packet, the codec's look-ahead, and a jitter buffer of twice the jitter.
    """
    expected = statistics.received_packets + max(statistics.lost_packets, 0)
    missing = max(statistics.lost_packets, 0) + max(statistics.discarded_packets, 0)
    loss = min(100.0, 100.0 * missing / expected) if expected else 100.0
    if delay_ms is None:
        transport_ms = statistics.round_trip_ms / 2 + 2 * statistics.jitter_ms
        delay_ms = transport_ms + PACKET_MS + _codec(codec).look_ahead_ms
    return e_model_rating(codec, loss_percent=loss, delay_ms=delay_ms)


def _codec(name: str) -> CodecImpairment:
    for known, codec in CODECS.items():
        if known.lower() == name.lower():
            return codec
    raise ConfigurationError("codec", name, ", ".join(CODECS))
