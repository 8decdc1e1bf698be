"""A phone's call at the relay: its RTP packets in both directions, and impairments of their path."""

from __future__ import annotations

from typing import Literal

from simulator.owner_loop import OwnerLoop, on_owner_loop
from simulator.relay import Direction, Faults, PhoneImpairment, RelayPath, Role, Tap
from simulator.useragent.handle import Call


class RelayedCall:
    """Base of `PhoneCall`: the packets of the call that pass the relay, seen from the phone."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._impairment: PhoneImpairment | None = None
        self._impaired_path: RelayPath | None = None

    @property
    def owner_loop(self) -> OwnerLoop:
        """The loop on which the call's methods run."""
        raise NotImplementedError

    @property
    def tap(self) -> RelayPath | None:
        """The call's path through the relay; None without a relay, and before the call is dialled or answered."""
        return self._call.path if isinstance(self._call.path, RelayPath) else None

    @property
    def packets_heard(self) -> Tap | None:
        """The latest RTP packets sent by the peer; None if `tap` is."""
        return self.tap.taps[self._other] if self.tap else None

    @property
    def packets_said(self) -> Tap | None:
        """The latest RTP packets sent by the phone; None if `tap` is."""
        return self.tap.taps[self._own] if self.tap else None

    @property
    def codec_on_the_wire(self) -> str | None:
        """The codec of the latest RTP packets: "PCMU", or "PCMU, PCMA" if the phone sends PCMU and receives PCMA.

        None without a relay, and until both sides have sent audio.
        """
        heard, said = (tap.codec if tap else None for tap in (self.packets_heard, self.packets_said))
        if heard is None or said is None:
            return None
        return said if heard == said else f"{said}, {heard}"

    @on_owner_loop
    async def impair(self, faults: Faults, *, direction: Direction = "both", seed: int | str = 0) -> None:
        """Impair the RTP and RTCP of the call from now on; `faults` replace earlier ones of the same direction.

        `direction` is "to_phone", "from_phone" or "both"; `seed` decides which packets are affected. A call that is not
        yet dialled or answered is impaired once its media path exists; without a relay, nothing is impaired. Raises
        ConfigurationError for another direction.
        """
        self.apply_impairment(PhoneImpairment(faults, direction, seed))

    @on_owner_loop
    async def recover(self) -> None:
        """Remove the impairment of the call, in both directions."""
        self.apply_impairment(PhoneImpairment(Faults()))

    def apply_impairment(self, impairment: PhoneImpairment) -> None:
        """Impair the call's path through the relay now, or as soon as it exists."""
        self._impairment = impairment
        if self._call.ended is None and self.tap is not None:
            self._impair(self.tap, impairment)

    def _impair_new_path(self) -> None:
        """Impair a path created after `apply_impairment`; that of an outgoing call is created with the answer."""
        if self._impairment is not None and self.tap is not None and self._impaired_path is not self.tap:
            self._impair(self.tap, self._impairment)

    def _impair(self, path: RelayPath, impairment: PhoneImpairment) -> None:
        towards: dict[Direction, Literal["caller", "callee", "both"]] = {
            "to_phone": self._own,
            "from_phone": self._other,
            "both": "both",
        }
        path.impair(impairment.faults, towards=towards[impairment.direction], seed=impairment.seed)
        self._impaired_path = path

    @property
    def _own(self) -> Role:
        return "callee" if self._call.incoming else "caller"

    @property
    def _other(self) -> Role:
        return "caller" if self._call.incoming else "callee"
