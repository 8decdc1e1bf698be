"""How good the RTP of one direction of a call was, by the record that sums it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.audio.e_model import CODECS, e_model_rating

_RATED = frozenset(name.lower() for name in CODECS)


@dataclass(frozen=True, slots=True)
class StreamQuality:
    """Loss, jitter and MOS of one direction."""

    codec: str
    packets: int
    lost: int
    """Packets that did not reach the network."""
    dropped: int
    """Packets that were lost on purpose."""
    jitter_ms: float | None
    """As the receiver would report it (RFC 3550 §6.4.1); None in records of older versions."""
    mos: float | None
    """What the packets that arrived allow at best, without delay (ITU-T G.107); None for a codec without a rating."""

    @property
    def loss_percent(self) -> float:
        """The share of the packets that did not arrive."""
        return _loss_percent(self.packets, self.lost, self.dropped)


def quality_of(fields: Mapping[str, Any]) -> StreamQuality:
    """The quality that the fields of a record `sums up` tell."""
    packets, lost, dropped, codec = (fields[name] for name in ("packets", "lost", "dropped", "codec"))
    is_rated = packets + lost > 0 and codec.lower() in _RATED
    mos = e_model_rating(codec, loss_percent=_loss_percent(packets, lost, dropped)).mos if is_rated else None
    return StreamQuality(codec, packets, lost, dropped, fields.get("jitter_ms"), mos)


def _loss_percent(packets: int, lost: int, dropped: int) -> float:
    sent = packets + lost
    return min(100.0, 100 * (lost + dropped) / sent) if sent else 0.0
