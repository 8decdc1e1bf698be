"""The E-model in short (ITU-T G.107): what listeners would say of a connection, from its codec, delay and loss."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from simulator.errors import ConfigurationError
from simulator.useragent.messages import Statistics

PACKET_MS = 20.0
BEST_R = 93.2
"""The rating of a connection with nothing wrong: the default values of G.107."""


@dataclass(frozen=True, slots=True)
class Codec:
    """What a codec costs: `ie` without loss, and `bpl`, how well it stands random loss (ITU-T G.113, appendix I)."""

    ie: float
    bpl: float
    look_ahead_ms: float = 0


CODECS = MappingProxyType(
    {
        "PCMU": Codec(0, 25.1),
        "PCMA": Codec(0, 25.1),
        "GSM": Codec(26, 43),
        "iLBC": Codec(11, 32, 10),
        "G722": Codec(0, 14.1, 1.5),
        "opus": Codec(0, 20, 6.5),
    }
)
"""G.711 with loss concealment and GSM as G.113 has them. iLBC, G.722 and Opus are the usual estimates on the same
narrow-band scale, where a wide-band codec cannot be better than the best."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A rating: `r` from 0 to 93.2, `mos` from 1 (bad) to 4.41 (the best a telephone line can do)."""

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


def rated(codec: str, *, loss_percent: float = 0, delay_ms: float = 0, burst_ratio: float = 1) -> Quality:
    """The rating of one way. `delay_ms` is mouth to ear; `burst_ratio` 1 is random loss, more comes in bursts."""
    cost = _codec(codec)
    if not 0 <= loss_percent <= 100:
        raise ConfigurationError("loss_percent", loss_percent, "0 to 100")
    if delay_ms < 0:
        raise ConfigurationError("delay_ms", delay_ms, "0 or more")
    if burst_ratio < 1:
        raise ConfigurationError("burst_ratio", burst_ratio, "1 (random) or more")
    by_delay = 0.024 * delay_ms + (0.11 * (delay_ms - 177.3) if delay_ms > 177.3 else 0)
    by_loss = (95 - cost.ie) * loss_percent / (loss_percent / burst_ratio + cost.bpl)
    return Quality(BEST_R - by_delay - cost.ie - by_loss, loss_percent, delay_ms)


def rated_from(statistics: Statistics, codec: str, *, delay_ms: float | None = None) -> Quality:
    """The rating of what a call receives, from its RTP counters.

    Packets that came too late count as lost. Without a measured `delay_ms` it is half of the round trip, one packet,
    the codec's look-ahead, and a jitter buffer of twice the jitter.
    """
    expected = statistics.received_packets + max(statistics.lost_packets, 0)
    missing = max(statistics.lost_packets, 0) + max(statistics.discarded_packets, 0)
    loss = min(100.0, 100.0 * missing / expected) if expected else 100.0
    if delay_ms is None:
        on_the_way = statistics.round_trip_ms / 2 + 2 * statistics.jitter_ms
        delay_ms = on_the_way + PACKET_MS + _codec(codec).look_ahead_ms
    return rated(codec, loss_percent=loss, delay_ms=delay_ms)


def _codec(name: str) -> Codec:
    for known, codec in CODECS.items():
        if known.lower() == name.lower():
            return codec
    raise ConfigurationError("codec", name, ", ".join(CODECS))
