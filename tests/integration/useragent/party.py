"""A party to a call: a leased user agent, its incoming calls, and every notice of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from simulator.useragent import AnyCallNotice, Call, Incoming, UserAgent

N = TypeVar("N")


class Notices:
    """The notices of one call in order, and waits for the next one of a type."""

    def __init__(self) -> None:
        self.all: list[AnyCallNotice] = []
        self._changed = asyncio.Event()

    def __call__(self, notice: AnyCallNotice) -> None:
        self.all.append(notice)
        self._changed.set()

    @property
    def kinds(self) -> list[str]:
        return [notice.kind for notice in self.all]

    def of(self, kind: type[N]) -> list[N]:
        return [notice for notice in self.all if isinstance(notice, kind)]

    async def wait(self, kind: type[N], *, nth: int = 1, within: float = 3) -> N:
        return await self.until(lambda: self.of(kind)[nth - 1 : nth], f"{kind.__name__} number {nth}", within)

    async def until(self, found: Callable[[], list[N]], what: str, within: float = 3) -> N:
        try:
            async with asyncio.timeout(within):
                while not (result := found()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"no {what} within {within} s, but {self.all}") from None
        return result[0]


class Party:
    """A user agent with a queue of its incoming calls."""

    def __init__(self, agent: UserAgent) -> None:
        self.agent = agent
        self.arrived: asyncio.Queue[tuple[Call, Incoming, Notices]] = asyncio.Queue()
        agent.on_incoming = self._incoming

    @property
    def uri(self) -> str:
        return f"sip:party@{self.agent.address}"

    async def dial(self, to: Party | str, **options: Any) -> tuple[Call, Notices]:
        notices = Notices()
        call = await self.agent.dial(to if isinstance(to, str) else to.uri, on_notice=notices, **options)
        return call, notices

    async def next_call(self, within: float = 3) -> tuple[Call, Incoming, Notices]:
        async with asyncio.timeout(within):
            return await self.arrived.get()

    def _incoming(self, call: Call, incoming: Incoming) -> None:
        notices = Notices()
        call.on_notice = notices
        self.arrived.put_nowait((call, incoming, notices))
