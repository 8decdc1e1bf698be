"""The phones at test numbers: made as calls need them, and gone when the user has one there."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakKeyDictionary

from simulator.numbers import SipAddress
from simulator.personas.catalogue import Personas
from simulator.phone import Phone
from simulator.phone_spec import PhoneSpec
from simulator.test_numbers import TestNumber, TestNumbers
from simulator.timeline import Timeline

MOST_PHONES = 8
"""Phones at one test number, with four calls each."""


class PhoneOwner(Protocol):
    """The members of `Network` that make and remove phones."""

    phones: list[Phone]
    timeline: Timeline

    def make(self, spec: PhoneSpec, personas: Personas | None = None) -> Phone:
        """Make a phone without a worker."""

    def give_workers(self, phone: Phone, count: int) -> None:
        """Give a phone so many workers more, in the background."""

    async def remove(self, phone: Phone) -> None:
        """End the calls of a phone and remove it."""


class TestPhones:
    """The phones at the test numbers of a network."""

    __test__ = False

    def __init__(self, network: PhoneOwner, numbers: TestNumbers) -> None:
        self._network = network
        self._numbers = numbers
        self._waiting: WeakKeyDictionary[Phone, int] = WeakKeyDictionary()
        """How many calls wait for the worker of a phone that was just made."""

    def find(self, where: SipAddress) -> Phone | None:
        """A phone at the test number `where` with a free line, which is made now if there is none; None elsewhere.

        A call to a phone that was just made waits at the front door until the phone has a worker.
        """
        test = self._numbers.find(where)
        if test is None:
            return None
        phones = self._existing(test)
        free = next((phone for phone in phones if self._takes_one_more(phone)), None)
        phone = free or (self._new(test, len(phones) + 1) if len(phones) < MOST_PHONES else phones[-1])
        if phone.awaits_worker:
            self._waiting[phone] = self._waiting.get(phone, 0) + 1
        return phone

    def _takes_one_more(self, phone: Phone) -> bool:
        if phone.awaits_worker:
            return self._waiting.get(phone, 0) < phone.spec.lines
        return phone.group.has_free_slot

    async def yield_to(self, spec: PhoneSpec) -> None:
        """Remove the phone at a test number that a phone of the user's is about to get, and record this."""
        for test in self._numbers.of_spec(spec):
            for phone in self._existing(test):
                await self._network.remove(phone)
            name = spec.name or spec.number or spec.uri
            self._network.timeline.append("phone", phone=name, action="has a test number", instead_of=test.name)

    def _existing(self, test: TestNumber) -> list[Phone]:
        return [phone for phone in self._network.phones if phone.test_number is test]

    def _new(self, test: TestNumber, number: int) -> Phone:
        spec = test.spec
        phone = self._network.make(spec if number == 1 else spec.model_copy(update={"name": f"{spec.name} ({number})"}))
        phone.test_number = test
        self._network.phones.append(phone)
        self._network.give_workers(phone, phone.spec.workers)
        return phone
