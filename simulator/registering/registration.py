"""The registration of one phone: made, refreshed before it expires, and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

from simulator.errors import RegistrationFailed
from simulator.front_door.own_transactions import OwnTransactions, Unanswered
from simulator.registering.register_dialog import Account, Again, Outcome, Refusal, RegisterDialog
from simulator.sip_requests.hop import Hop

RegistrationState = Literal["registering", "registered", "failed", "unregistered"]

REFRESHED_AFTER = 0.9
"""The part of the granted time after which a phone registers again."""
RETRY_S = 30.0
"""Seconds after which a refresh that nobody has answered is tried again (RFC 5626 §4.5 starts with this time)."""
GOODBYE_S = 1.0
"""Seconds that the answer to the last REGISTER may take when a phone is closed."""


class Registration:
    """Keeps one phone registered. `record` gets the fields of timeline records; no field has a password."""

    def __init__(
        self,
        account: Account,
        hop: Hop,
        transactions: OwnTransactions,
        *,
        expires: int,
        unanswered_s: float,
        record: Callable[[dict[str, Any]], None],
    ) -> None:
        self.account = account
        self.state: RegistrationState = "registering"
        self.expires_at: float | None = None
        """When it ends unless it is refreshed (`time.monotonic()`); None while it is not registered."""
        self.because: str | None = None
        """Why it has failed."""
        self._hop = hop
        self._transactions = transactions
        self._expires = expires
        self._granted = 0
        self._unanswered_s = unanswered_s
        self._record = record
        self._dialog = RegisterDialog(account)
        self._refreshing: asyncio.Task[None] | None = None

    @property
    def call_id(self) -> str:
        """The Call-ID of its REGISTERs."""
        return self._dialog.call_id

    async def start(self) -> None:
        """Register, and refresh from then on. Raises RegistrationFailed."""
        await self._register()
        self._refreshing = asyncio.create_task(self._refresh(), name=f"registration of {self.account.address}")

    async def close(self) -> None:
        """Stop refreshing, and unregister if it is registered. A registrar that does not answer leaves a record."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        if self.state not in ("registered", "registering"):  # the latter is one whose start was given up
            return
        self.state, self.expires_at = "unregistered", None
        try:
            outcome = await self._exchange(0, GOODBYE_S)
        except Unanswered as why:
            self._note("does not unregister", because=str(why))
            return
        if isinstance(outcome, Refusal):
            self._note("does not unregister", status=outcome.status, because=outcome.reason)
        else:
            self._note("unregisters")

    async def _refresh(self) -> None:
        wait: float | None = REFRESHED_AFTER * self._granted
        while wait is not None:
            await asyncio.sleep(wait)
            wait = await self._refreshed()

    async def _refreshed(self) -> float | None:
        """Register again. Returns the seconds until the next time; None after a refusal, which is final."""
        try:
            await self._register()
        except RegistrationFailed as failure:
            return RETRY_S if failure.status is None or failure.status >= 500 else None
        return REFRESHED_AFTER * self._granted

    async def _register(self) -> None:
        try:
            outcome = await self._exchange(self._expires, self._unanswered_s)
        except Unanswered as why:
            raise self._failed(None, str(why)) from None
        if isinstance(outcome, Refusal):
            because = f": {outcome.because}" if outcome.because else ""
            raise self._failed(outcome.status, f"{outcome.status} {outcome.reason}{because}")
        granted = outcome.expires if not isinstance(outcome, Again) else 0
        if granted == 0:
            raise self._failed(200, "the registrar has granted no time")
        self.state, self.because = "registered", None
        self._granted, self.expires_at = granted, time.monotonic() + granted
        self._note("registers", expires_s=granted)

    async def _exchange(self, expires: int, within: float) -> Outcome:
        self._dialog.begin(expires)
        while True:
            response, source = await self._transactions.request(self._dialog.request, self._hop, within=within)
            if self._hop.connection is not None:
                self._hop = replace(self._hop, connection=source.connection)
            outcome = self._dialog.receive(response)
            if not isinstance(outcome, Again):
                return outcome

    def _failed(self, status: int | None, because: str) -> RegistrationFailed:
        self.state, self.because, self.expires_at = "failed", because, None
        self._note("cannot register", because=because, **({} if status is None else {"status": status}))
        return RegistrationFailed(self.account.address, self.account.registrar, status, because)

    def _note(self, action: str, **fields: Any) -> None:
        about = {"address": self.account.address, "registrar": self.account.registrar}
        self._record({"action": action, **about, **fields, "sip_call_id": self.call_id})
