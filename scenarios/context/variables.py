"""The variables of a scenario: values that steps have saved, and facts about its rooms, clients, phones and server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.server import FakeDaily
from scenarios.context.customer_server import CustomerServer
from scenarios.context.program_under_test import ProgramUnderTest
from scenarios.context.scenario_client import ScenarioClient
from scenarios.language.comparison import LiteralText
from scenarios.language.references import resolve
from scenarios.scenario_setup import CUSTOMER, DAILY, PYTHON
from simulator.differences import MISSING, shown
from simulator.errors import ExpectationFailed
from simulator.phone import Phone


class Variables:
    """Resolves references `$name`. The mappings belong to the scenario's context, which adds entries later."""

    def __init__(
        self,
        *,
        rooms: Mapping[str, RoomHandle],
        clients: Mapping[str, ScenarioClient],
        phones: Mapping[str, Phone],
        customer: CustomerServer,
        programs: Mapping[str, ProgramUnderTest],
        daily: FakeDaily,
    ) -> None:
        self._rooms = rooms
        self._clients = clients
        self._phones = phones
        self._customer = customer
        self._programs = programs
        self._daily = daily
        self._saved: dict[str, Any] = {}

    def resolve(self, value: Any) -> Any:
        """Return `value` with each reference `$name` replaced by the variable's value."""
        return resolve(value, self._look_up)

    def resolve_expected(self, value: Any) -> Any:
        """Resolve an expected value. The text of a variable is compared literally, even if it looks like a pattern."""

        def look_up(name: str) -> Any:
            found = self._look_up(name)
            return LiteralText(found) if isinstance(found, str) else found

        return resolve(value, look_up)

    def save(self, names: Mapping[str, str] | None, source: Mapping[str, Any]) -> None:
        """Save fields of `source` as variables: `names` maps each variable to its field, a dotted path if nested.

        Raises ExpectationFailed if `source` lacks a field.
        """
        for name, field in (names or {}).items():
            self._saved[name] = _field(source, field, name)

    def _look_up(self, name: str) -> Any:
        root, _, fact = name.partition(".")
        facts: dict[str, Callable[[str], str]] = {
            CUSTOMER: self._customer_fact,
            DAILY: self._daily_fact,
            PYTHON: lambda _: sys.executable,
        }
        parties: tuple[tuple[Mapping[str, Any], Callable[[Any, str], str]], ...] = (
            (self._rooms, _room_fact),
            (self._programs, _program_fact),
            (self._clients, _client_fact),
            (self._phones, _phone_fact),
        )
        for names, of in parties:
            if root in names:
                return of(names[root], fact)
        if root in facts:
            return facts[root](fact)
        if root not in self._saved:
            raise ExpectationFailed(f"a variable ${root}", nearest=f"saved so far: {shown(self._saved)}")
        return _field(self._saved[root], fact, name)

    def _customer_fact(self, fact: str) -> str:
        return self._customer.url

    def _daily_fact(self, fact: str) -> str:
        daily = self._daily
        return {"api_url": daily.api_url, "api_key": daily.api_key, "sip": daily.sip, "url": daily.url}[fact]


def _field(source: Any, field: str, variable: str) -> Any:
    """The value in `source` at the dotted path `field`; `source` itself if `field` is empty."""
    value = source
    for part in field.split(".") if field else ():
        value = value.get(part, MISSING) if isinstance(value, Mapping) else MISSING
    if value is MISSING:
        raise ExpectationFailed(f"a field {field} for ${variable}", nearest=shown(source))
    return value


def _room_fact(room: RoomHandle, fact: str) -> str:
    if fact in ("name", "url"):
        return room.name if fact == "name" else room.url
    if fact == "token":
        return room.owner_token
    if fact.startswith("dialin_"):
        if fact not in room.config:
            raise ExpectationFailed(
                f"a {fact} of the room {room.name}", nearest="it has none; add the room property `dialin: {}`"
            )
        return str(room.config[fact])
    number = int(fact.partition(".")[2] or 1)
    if number > len(room.sip_uris):
        raise ExpectationFailed(
            f"SIP URI {number} of the room {room.name}",
            nearest=f"it has {len(room.sip_uris)}; add the room property `sip: {{num_endpoints: {number}}}`",
        )
    return room.sip_uris[number - 1]


def _client_fact(client: ScenarioClient, fact: str) -> str:
    return client.handle.session_id


def _program_fact(program: ProgramUnderTest, fact: str) -> str:
    if fact == "port":
        return str(program.port)
    if program.session is None:
        raise ExpectationFailed(f"a session id of {program.name}", nearest="the program has not joined a room")
    return program.session.session_id


def _phone_fact(phone: Phone, fact: str) -> str:
    facts = {
        "number": phone.number,
        "uri": phone.uri,
        "registered_as": phone.registered_as,
        "call_id": phone.calls[-1].sip_call_id if phone.calls else None,
    }
    if (value := facts[fact]) is None:
        way_out = "it has had no call; make a call first" if fact == "call_id" else f"it has none; give it a `{fact}`"
        raise ExpectationFailed(f"{phone.name} has a {fact}", nearest=way_out)
    return value
