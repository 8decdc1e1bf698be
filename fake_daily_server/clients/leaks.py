"""What a test leaves behind: calls that are up, clients in rooms. The fixture `fake_daily` ends all of it.

The ini option `daily_leaks` says what happens then: `warn` lists it at the end of the run, `fail` fails the test, and
`off` does nothing. What other fixtures make and end themselves does not count: the client of `daily_client`, programs
of `run_program`, bots of `run_bot`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fake_daily_server.server import FakeDaily

WARN, FAIL, OFF = "warn", "fail", "off"
PROPERTY = "daily_leaks"
"""The user property of a test that holds what it left; it travels from workers of pytest-xdist."""
FAILED: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a test has failed, in its stash; such a test leaves whatever it was about to end."""


class LeftBehind(Exception):
    """A test has left something behind."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option `daily_leaks`."""
    parser.addini(
        "daily_leaks",
        f"what happens when a test that passed leaves calls or clients behind: {WARN} (listed at the end of the run), "
        f"{FAIL}, or {OFF}",
        default=WARN,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an unknown value of the option."""
    if (given := config.getini("daily_leaks")) not in (WARN, FAIL, OFF):
        raise pytest.UsageError(f"daily_leaks: {given!r} is not usable; allowed: {WARN}, {FAIL} or {OFF}")


def judge_leaks(test: pytest.Item, daily: FakeDaily) -> None:
    """Note what a test has left behind, before it is ended. Raises LeftBehind where the ini option says so."""
    mode = test.config.getini("daily_leaks")
    if mode == OFF or test.stash.get(FAILED, False) or not hasattr(daily, "site"):
        return  # a server that runs elsewhere does not know the lines of this test
    left = daily.owner_loop.call(_all_left_behind(daily))
    if left and mode == FAIL:
        raise LeftBehind("the test has left behind:\n" + "\n".join(left))
    test.user_properties.extend((PROPERTY, line) for line in left)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what tests have left behind."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    left: dict[str, list[str]] = {}
    for report in reports:
        if getattr(report, "when", None) == "teardown":
            left[report.nodeid] = [str(line) for name, line in report.user_properties if name == PROPERTY]
    if not any(left.values()):
        return
    terminalreporter.section("left behind by tests (ini option daily_leaks)", sep="-")
    for test, lines in left.items():
        for line in lines:
            terminalreporter.line(f"{test}: {line}")


async def _all_left_behind(daily: FakeDaily) -> list[str]:
    """What `_left_behind` yields, on the loop of the server."""
    return [*_left_behind(daily)]


def _left_behind(daily: FakeDaily) -> Iterator[str]:
    """A line for each call that is up and each client that is in a room."""
    calls = [(phone, call) for phone in daily.network.phones for call in phone.calls if call.ended is None]
    dialled = {call.sip_call_id for _, call in calls if not call.incoming}
    for phone, call in calls:
        if not call.incoming:
            yield f"the call of {phone.name} to {call.remote} is up; it was dialled at {call.made_at}"
        elif call.sip_call_id not in dialled:
            where = f"; the phone was made at {phone.made_at}" if phone.made_at else ""
            yield f"the call of {phone.name} from {call.remote} is up{where}"
    own = {client.session_id for client in daily.clients}
    for client in daily.clients:
        if client.made_at is not None:
            name = client.participants.get("local", {}).get("user_name")
            yield f"the client {name!r} is in {client.room_url}; it joined at {client.made_at}"
    for session in daily.site.client_sessions.all:
        if session.session_id not in own:
            yield f"a program's client is in the room {session.room.name}"
