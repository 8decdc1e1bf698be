"""The registrations of a network's phones: which phone is registered as what, and which calls are for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.dial_target import check_reachable
from simulator.errors import HostNotAllowed
from simulator.front_door import DestinationGroup
from simulator.numbers import SipAddress
from simulator.registering.register_dialog import Account
from simulator.registering.registration import Registration
from simulator.registering.spec import RegisterSpec
from simulator.sip_requests.hop import Hop

if TYPE_CHECKING:
    from simulator.network import Network
    from simulator.phone import Phone


class PhoneRegistrations:
    """Registers phones of `network` through its front door, so that calls to them pass it as all others do."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._of: dict[Phone, Registration] = {}
        network.front_door.clients.phone_that_registers = self._group_of

    def __iter__(self) -> Iterator[tuple[Phone, Registration]]:
        return iter(tuple(self._of.items()))

    async def add(self, phone: Phone) -> None:
        """Register a phone as its specification says; nothing for one that does not register.

        When that fails the phone is removed. Raises RegistrationFailed when the registrar refuses or does not answer,
        and HostNotAllowed.
        """
        if phone.spec.registration is None:
            return
        try:
            await self._register(phone, phone.spec.registration)
        except BaseException:
            await self._network.remove(phone)
            raise

    async def _register(self, phone: Phone, spec: RegisterSpec) -> None:
        where = await self._registrar(spec)
        account = self._account(spec, where, phone)
        registration = self._of[phone] = Registration(
            account,
            Hop(where.destination, where.uri.port or 5060, 0 if where.transport == "tcp" else None),
            self._network.front_door.transactions,
            expires=spec.expires,
            unanswered_s=self._network.timers.unanswered_s,
            record=partial(self._record, phone.name),
        )
        phone.registered_as = account.address
        await registration.start()

    async def remove(self, phone: Phone) -> None:
        """Unregister a phone, if it has registered."""
        registration = self._of.pop(phone, None)
        if registration is not None:
            await registration.close()

    async def close(self) -> None:
        """Unregister all phones."""
        await asyncio.gather(*(self.remove(phone) for phone, _ in self))

    def phone_at(self, where: SipAddress) -> Phone | None:
        """The phone that has registered with this Contact."""
        return next((phone for phone, one in self if SipAddress.parse(one.account.contact).is_equivalent(where)), None)

    def _record(self, phone: str, fields: Mapping[str, Any]) -> None:
        self._network.timeline.append("phone", phone=phone, **fields)

    def _group_of(self, call_id: str) -> DestinationGroup | None:
        return next((phone.group for phone, one in self if one.call_id == call_id), None)

    async def _registrar(self, spec: RegisterSpec) -> SipAddress:
        network = self._network
        where = SipAddress.parse(spec.registrar or network.address, name="registrar")
        check_reachable(str(where), where.destination, network.destinations, sip_host=network.front_door.host)
        try:
            await network.destinations.resolve(where.destination)
        except OSError as failure:
            raise HostNotAllowed(str(where), f"{where.destination!r} cannot be looked up: {failure}") from None
        return where

    def _account(self, spec: RegisterSpec, where: SipAddress, phone: Phone) -> Account:
        host = spec.domain or (f"{where.uri.host}:{where.uri.port}" if where.uri.port else where.uri.host)
        transport = ";transport=tcp" if where.transport == "tcp" else ""
        return Account(
            registrar=str(where),
            address=f"sip:{spec.username}@{host}",
            contact=f"sip:{phone.id}@{self._network.public_address}{transport}",
            username=spec.username,
            password=spec.password.get_secret_value(),
        )


def revealed(spec: RegisterSpec) -> Mapping[str, object]:
    """The fields of a specification with its password, for a request to a server that makes the phone."""
    return {**spec.model_dump(mode="json", exclude_unset=True), "password": spec.password.get_secret_value()}
