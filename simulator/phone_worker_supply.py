"""Gives the phones of a network their worker processes, and takes them back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from simulator.errors import ConfigurationError, SimulatorError
from simulator.phone import Phone
from simulator.phone_spec import REFER_ANSWERS
from simulator.useragent import messages
from simulator.useragent.handle import UserAgent
from simulator.useragent.pool import Pool


class PhoneWorkerSupply:
    """Leases the workers of `pool` to phones. `most` is the limit of the pool; `on_log` gets what has failed later."""

    def __init__(self, pool: Pool, most: int, on_log: Callable[[str], None]) -> None:
        self._pool = pool
        self._most = most
        self._on_log = on_log
        self._giving: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give no more workers to any phone."""
        for task in self._giving:
            task.cancel()
        await asyncio.gather(*self._giving, return_exceptions=True)

    async def equip(self, phone: Phone) -> None:
        """Give a phone the workers that its lines need; none when one of them cannot be had."""
        try:
            for _ in range(phone.spec.workers):
                await self._give(phone)
        except BaseException:
            await self.take_back(phone)
            raise

    async def take_back(self, phone: Phone) -> None:
        """End the calls of a phone, and take its workers."""
        await asyncio.gather(*(self._pool.release(agent) for agent in phone.detach()))

    def give_later(self, phone: Phone, count: int, is_wanted: Callable[[], bool]) -> None:
        """Give a phone workers in the background if `is_wanted` then. Until it has one, calls to it wait a moment."""
        for _ in range(count):
            phone.workers.expect_one()
            task = asyncio.create_task(self._give_later(phone, is_wanted), name=f"a new worker for {phone.name}")
            self._giving.add(task)
            task.add_done_callback(self._giving.discard)

    async def _give_later(self, phone: Phone, is_wanted: Callable[[], bool]) -> None:
        try:
            await self._give(phone, is_wanted)
        except SimulatorError as failure:
            self._on_log(f"no new worker for the phone {phone.name!r}: {failure}")
        finally:
            phone.workers.expect_one_less()

    async def _give(self, phone: Phone, is_wanted: Callable[[], bool] = lambda: True) -> None:
        agent = await self._lease()
        if not is_wanted():
            await self._pool.release(agent)
            return
        if phone.spec.refers != "refuse":
            await agent.follow_refers(REFER_ANSWERS[phone.spec.refers][0])
        if (account := phone.spec.registration) is not None:
            password = account.password.get_secret_value()
            await agent.request(messages.UseCredentials, username=account.username, password=password)
        phone.attach(agent)

    async def _lease(self) -> UserAgent:
        try:
            return await self._pool.lease()
        except ConfigurationError as invalid:
            if invalid.field != "limit":
                raise
            more = "more, since a phone has a process for every four lines; or remove phones first"
            raise ConfigurationError("most_phones", self._most, more) from None
