"""A wait for events returns each of them once, and its error says what came nearest and why it did not count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from fake_daily_server.handles.event_log import EventLog, Wanted
from simulator.errors import ExpectationFailed
from simulator.waiting import Changes


@dataclass
class Item:
    action: str
    handed_out: bool = False
    rejection: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Log(EventLog[Item]):
    all: list[Item] = field(default_factory=list)
    reason: str | None = None

    def items(self) -> list[Item]:
        return self.all

    def event(self, item: Item) -> Mapping[str, Any]:
        return {"action": item.action, **item.fields}

    def was_handed_out(self, item: Item) -> bool:
        return item.handed_out

    def describe(self, item: Item) -> str:
        return item.action

    def rejection(self, item: Item) -> str | None:
        return item.rejection

    def closed(self) -> str | None:
        return self.reason


async def busy() -> str:
    return "the phone is busy"


async def failure(log: Log, *names: str) -> ExpectationFailed:
    with pytest.raises(ExpectationFailed) as failed:
        await log.wait_for(Wanted(names, {}, 0.01), Changes(), explain=busy)
    return failed.value


async def test_events_are_found_in_order_without_those_handed_out_or_rejected() -> None:
    log = Log([Item("a", handed_out=True), Item("a"), Item("b", rejection="wrong signature"), Item("c"), Item("b")])
    assert await log.wait_for(Wanted(("a", "b"), {}, 1), Changes()) == [log.all[1], log.all[4]]


async def test_a_failed_wait_shows_the_nearest_event_and_the_latest_ones() -> None:
    error = await failure(Log([Item("dialout-error"), Item("joined")]), "dialout-errors")
    assert (error.expected, error.nearest) == ("dialout-errors  within 0.01 s", "dialout-error")
    assert error.happened == ("dialout-error", "joined")


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([Item("a", handed_out=True)], "every event like that was handed out by an earlier wait"),
        ([Item("a", handed_out=True), Item("a", rejection="wrong signature")], "wrong signature"),
        ([Item("b")], None),
    ],
)
async def test_a_failed_wait_says_why_an_event_did_not_count(items: list[Item], reason: str | None) -> None:
    because = (await failure(Log(items), "a")).because
    assert because == (f"{reason}; the phone is busy" if reason else "the phone is busy")


async def test_a_failed_wait_says_which_fields_of_the_nearest_event_differ() -> None:
    events = [{"errorMsg": "busy", "session": {"id": "1"}}, {"errorMsg": "no answer", "session": {"id": "2"}}]
    log = Log([*(Item("dialout-error", fields=each) for each in events), Item("joined")])
    where = {"errorMsg": re.compile("busy"), "session.id": "3", "sipCallId": "c"}
    with pytest.raises(ExpectationFailed) as failed:
        await log.wait_for(Wanted(("dialout-error",), where, 0.01), Changes())
    assert failed.value.because == "session.id: 1, expected 3; sipCallId: absent, expected c"


async def test_a_failed_wait_says_which_event_came_too_early() -> None:
    assert (await failure(Log([Item("b"), Item("a")]), "a", "b")).because == "b did not come after a; the phone is busy"


async def test_a_wait_fails_at_once_when_no_more_events_will_come() -> None:
    log = Log([], reason="the connection is closed")
    with pytest.raises(ExpectationFailed, match="Because   the connection is closed"):
        await log.wait_for(Wanted(("a",), {}, 60), Changes())
