"""Locust's rows and the servers' timelines count the same things under the same names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fake_daily_server.load.agreement import compared, of_locust, of_servers
from fake_daily_server.load.server_counts import counted


@dataclass
class Row:
    """A row of Locust's statistics (`StatsEntry`)."""

    method: str
    name: str
    num_requests: int
    num_failures: int = 0
    total_content_length: int = 0


def test_a_server_counts_answered_calls_digits_and_telephony_events() -> None:
    records: list[dict[str, Any]] = [
        {"kind": "phone", "action": "dials"},
        {"kind": "phone", "action": "receives", "status": 180},
        {"kind": "phone", "action": "receives", "status": 200},
        {"kind": "phone", "action": "answers"},
        {"kind": "phone", "action": "presses", "digits": "1,2#"},
        {"kind": "digit", "session_id": "a", "digit": "1"},
        {"kind": "event", "event": {"action": "dialin-connected"}},
        {"kind": "event", "event": {"action": "participant-joined"}},
    ]
    assert counted(records) == {
        "calls answered": 2,
        "digits pressed": 3,
        "digits received by rooms": 1,
        "dialin-connected": 1,
    }


def test_locust_counts_successes_only() -> None:
    rows = [
        Row("call", "dial", 5, 2),
        Row("call", "the clinic", 4),
        Row("call", "hang up", 7),
        Row("call", "end", 2),
        Row("digits", "press", 3, 1, 6),
        Row("event", "dialin-connected", 3),
        Row("tone", "440 Hz", 3),
    ]
    assert of_locust(rows) == {"calls answered": 7, "digits pressed": 6, "dialin-connected": 3}


def test_a_line_says_equal_or_both_numbers() -> None:
    servers = of_servers([{"calls answered": 3, "dtmf-event": 6}, {"calls answered": 4}])
    assert compared({"calls answered": 7, "dtmf-event": 2}, servers) == [
        "calls answered: 7, equal",
        "dtmf-event: 2 in Locust's statistics, 6 counted by the servers",
    ]
