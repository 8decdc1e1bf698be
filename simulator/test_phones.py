"""The phones at test numbers: made when they are called for the first time, and gone when the user has one there."""

from __future__ import annotations

from typing import Protocol

from simulator.numbers import SipAddress
from simulator.personas.catalogue import Personas
from simulator.phone import Phone
from simulator.phone_spec import PhoneSpec
from simulator.test_numbers import TestNumber, TestNumbers
from simulator.timeline import Timeline


class PhoneOwner(Protocol):
    """The members of `Network` that make and remove phones."""

    phones: list[Phone]
    timeline: Timeline

    def make(self, spec: PhoneSpec, personas: Personas | None = None) -> Phone:
        """Make a phone without a worker."""

    def replace_worker(self, phone: Phone) -> None:
        """Give a phone a worker, in the background."""

    async def remove(self, phone: Phone) -> None:
        """End the calls of a phone and remove it."""


class TestPhones:
    """The phones at the test numbers of a network."""

    __test__ = False

    def __init__(self, network: PhoneOwner, numbers: TestNumbers) -> None:
        self._network = network
        self._numbers = numbers

    def find(self, where: SipAddress) -> Phone | None:
        """The phone at the test number `where`, which is made now if it is called for the first time; None elsewhere.

        A call to a phone that was just made waits at the front door until the phone has a worker.
        """
        test = self._numbers.find(where)
        return None if test is None else self._existing(test) or self._new(test)

    async def yield_to(self, spec: PhoneSpec) -> None:
        """Remove the phone at a test number that a phone of the user's is about to get, and record this."""
        for test in self._numbers.of_spec(spec):
            if (phone := self._existing(test)) is not None:
                await self._network.remove(phone)
            name = spec.name or spec.number or spec.uri
            self._network.timeline.append("phone", phone=name, action="has a test number", instead_of=test.name)

    def _existing(self, test: TestNumber) -> Phone | None:
        return next((phone for phone in self._network.phones if phone.test_number is test), None)

    def _new(self, test: TestNumber) -> Phone:
        phone = self._network.make(test.spec)
        phone.test_number = test
        self._network.phones.append(phone)
        self._network.replace_worker(phone)
        phone.awaits_worker = True
        return phone
