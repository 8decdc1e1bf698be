"""Test numbers: numbers and SIP URIs at which a persona answers without any set-up, like the numbers of test cards.

`+1 500 555 01…` are fixed; `sip:NAME@numbers.test` has each test number by its name, and each persona by its own. The
host `numbers.test` is reserved (RFC 2606 §2) and never looked up: its calls go to the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from simulator.numbers import SipAddress
from simulator.personas.catalogue import Personas
from simulator.phone_spec import PhoneSpec

HOST = "numbers.test"
"""The host of the SIP URIs of test numbers."""


def is_test_host(host: str) -> bool:
    """Whether a host of a SIP URI is that of test numbers."""
    return host.lower() == HOST


@dataclass(frozen=True, slots=True)
class TestNumber:
    """One test number: the persona that takes its calls, and the parameters of the persona."""

    __test__ = False

    number: str | None
    """Its number in E.164; None for a persona that can only be called by its URI."""
    name: str
    """The user of its URI."""
    persona: str
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    about: str | None = None
    """What the caller gets; None for what the persona's file says."""

    @property
    def uri(self) -> str:
        """Its SIP URI, such as `sip:busy@numbers.test`."""
        return f"sip:{self.name}@{HOST}"

    @property
    def spec(self) -> PhoneSpec:
        """The specification of the phone that takes its calls."""
        return PhoneSpec(
            name=f"{self.name}@{HOST}",
            number=self.number,
            uri=self.uri,
            persona=self.persona,
            parameters=dict(self.parameters),
        )


def _row(last: int, name: str, persona: str | None = None, about: str | None = None, **parameters: Any) -> TestNumber:
    return TestNumber(f"+1500555{last:04}", name, persona or name, MappingProxyType(parameters), about)


TABLE: tuple[TestNumber, ...] = (
    _row(100, "answers"),
    _row(101, "busy"),
    _row(102, "declines"),
    _row(103, "never-answers"),
    _row(104, "unallocated-number"),
    _row(105, "network-failure"),
    _row(106, "slow-answer"),
    _row(107, "drops"),
    _row(108, "announcement-then-answer"),
    _row(109, "announcement-then-404"),
    _row(110, "moved"),
    _row(111, "unavailable", "refuses", "Is temporarily unavailable (480)."),
    _row(112, "forbidden", "refuses", "Refuses the call as forbidden (403).", status=403, reason="Forbidden"),
    _row(113, "server-error", "refuses", "Fails (500).", status=500, reason="Server Internal Error"),
    _row(114, "answers-twice"),
    _row(115, "session-timer"),
    _row(116, "session-expires"),
    _row(120, "voicemail"),
    _row(121, "full-voicemail"),
    _row(122, "machine-then-human"),
    _row(123, "short-voicemail", "voicemail", "A voicemail with a greeting of 1 s.", greeting_s=1, silence_s=1),
    _row(130, "call-screening"),
    _row(131, "menu"),
    _row(132, "receptionist"),
    _row(133, "attended-receptionist"),
    _row(140, "g711-only"),
    _row(141, "no-telephone-event"),
    _row(142, "info-only"),
    _row(143, "changes-codec"),
    _row(150, "one-way-sound"),
    _row(151, "deaf", "one-way-sound", "Answers and talks, but hears nothing.", lost="to_phone"),
    _row(152, "hold-music"),
    _row(153, "puts-on-hold"),
    _row(160, "follows-refer"),
    _row(161, "refuses-refer"),
    _row(170, "fax"),
)
"""The numbers that are fixed; later versions add to them and change none."""


class TestNumbers:
    """The test numbers of a network, found by number or URI."""

    __test__ = False

    def __init__(self, personas: Personas) -> None:
        self._personas = personas
        self._by_number = {each.number: each for each in TABLE}
        self._by_name = {each.name: each for each in TABLE}

    def find(self, where: SipAddress) -> TestNumber | None:
        """The test number at a SIP URI; None if there is none."""
        if not is_test_host(where.uri.host):
            return self._by_number.get(where.number) if where.number else None
        name = where.uri.user or ""
        if name in self._by_name:
            return self._by_name[name]
        if where.number in self._by_number:
            return self._by_number[where.number]
        if name not in self._personas.names:
            return None
        return self._by_name.setdefault(name, TestNumber(None, name, name))

    def of_spec(self, spec: PhoneSpec) -> Iterator[TestNumber]:
        """The test numbers whose number or URI a phone of the user's has."""
        if spec.number in self._by_number:
            yield self._by_number[spec.number]
        if spec.uri is not None and (found := self.find(SipAddress.parse(spec.uri))) is not None:
            yield found
