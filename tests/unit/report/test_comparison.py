"""What was expected beside what came nearest, field by field."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from fake_daily_server.handles.event_log import EventLog, Wanted
from fake_daily_server.report.comparison import comparison
from fake_daily_server.report.page import page
from fake_daily_server.report.report import build_report, verdict_of
from simulator.compared_field import ComparedField
from simulator.differences import Difference, compared_fields
from simulator.errors import ExpectationFailed

T = TypeVar("T")
TONE = Difference("tone", "8", "7")


def texts(rows: list[ComparedField]) -> list[tuple[str, str | None, str | None, bool]]:
    return [(row.field, row.expected, row.found, row.agrees) for row in rows]


def test_each_field_that_was_expected_has_the_one_that_was_found() -> None:
    rows = compared_fields({"tone": "8", "method": "/sip/"}, {"method": "sip-info", "tone": "7", "volume": 10}, [TONE])
    assert texts(rows) == [
        ("tone", "8", "7", False),
        ("method", "/sip/", "sip-info", True),
        ("volume", None, "10", True),
    ]


def test_a_field_that_is_absent_is_told_so() -> None:
    rows = compared_fields({"sessionId": "s"}, {}, [Difference("sessionId", "s", None)])
    assert texts(rows) == [("sessionId", "s", None, False)]


def test_paths_and_mappings_name_the_same_field() -> None:
    found = {"participant": {"user_name": "Ann", "owner": True}}
    wrong = [Difference("participant.user_name", "Bob", "Ann")]
    wanted = [("participant.user_name", "Bob", "Ann", False), ("participant.owner", None, "true", True)]
    assert texts(compared_fields({"participant.user_name": "Bob"}, found, wrong)) == wanted
    assert texts(compared_fields({"participant": {"user_name": "Bob"}}, found, wrong)) == wanted


def test_a_whole_that_is_no_mapping_differs_as_one() -> None:
    rows = compared_fields({"codecs": {"audio": ["OPUS"]}}, {"codecs": "PCMU"}, [Difference("codecs", {}, "PCMU")])
    assert [(row.field, row.agrees) for row in rows] == [("codecs.audio", False), ("codecs", True)]


def test_an_item_of_a_list_that_differs_lets_the_list_differ() -> None:
    rows = compared_fields({"events": ["a", "b"]}, {"events": ["a", "c"]}, [Difference("events[2]", "b", "c")])
    assert texts(rows) == [("events", "[a, b]", "[a, c]", False)]


def test_header_fields_are_found_in_any_case() -> None:
    rows = compared_fields({"headers.X-Id": "1"}, {"headers": {"x-id": "1"}}, [], ignore_case=True)
    assert texts(rows) == [("headers.X-Id", "1", "1", True)]


def test_nothing_expected_of_the_options_is_no_row() -> None:
    assert texts(compared_fields({"params": {}}, {"params": {"tones": "1"}}, [])) == [("params.tones", None, "1", True)]


def test_a_long_value_is_cut_off() -> None:
    (row,) = compared_fields({"a": "x" * 1000}, {"a": "y" * 1000}, [])
    assert len(row.expected or "") == len(row.found or "") == 301


def test_the_table_has_what_differs_first_and_no_markup_of_others() -> None:
    rows = [ComparedField("b", "1", "1", agrees=True), ComparedField("a", "<b>", None, agrees=False)]
    text = "".join(comparison(rows))
    assert re.findall(r'scope="row">(\w)<', text) == ["a", "b"]
    assert "<code>&lt;b&gt;</code></td><td>≠</td><td><i>absent</i>" in text


class Log(EventLog[dict[str, str]]):
    """A log of events that never changes."""

    def items(self) -> list[dict[str, str]]:
        return [{"action": "dtmf-event", "tone": "7", "method": "sip-info"}]

    def event(self, item: dict[str, str]) -> dict[str, str]:
        return item

    def was_handed_out(self, item: dict[str, str]) -> bool:
        return False

    def describe(self, item: dict[str, str]) -> str:
        return item["action"]


class Now:
    """Waits no time."""

    async def until(self, found: Callable[[], T | None], *, within: float) -> T | None:
        return found()


def failure(awaitable: Awaitable[object]) -> ExpectationFailed:
    async def run() -> None:
        await awaitable

    with pytest.raises(ExpectationFailed) as failed:
        asyncio.run(run())
    return failed.value


def test_a_failed_wait_compares_with_the_nearest_event() -> None:
    wanted = Wanted(("dtmf-event",), {"tone": re.compile("[89]"), "method": "sip-info"}, 0)
    error = failure(Log().wait_for(wanted, Now()))
    assert texts(list(error.compared)) == [
        ("action", "dtmf-event", "dtmf-event", True),
        ("tone", "/[89]/", "7", False),
        ("method", "sip-info", "sip-info", True),
    ]
    text = page(build_report("t", (), (), lambda at: at, verdict=verdict_of(error)), whole=True)
    assert text.index('id="nearest"') < text.index('id="ladder"')


def test_an_event_of_another_name_differs_in_it() -> None:
    error = failure(Log().wait_for(Wanted(("dtmf-events",), {}, 0), Now()))
    assert texts(list(error.compared))[0] == ("action", "dtmf-events", "dtmf-event", False)
