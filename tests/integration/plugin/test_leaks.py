"""What tests leave behind: listed at the end, a failure, or nothing, as the ini option `daily_leaks` says."""

from __future__ import annotations

import pytest

LEAVING = """
import pytest

def test_calls(sync_phone_network):
    ann, bob = (sync_phone_network.phone(f"+1206555014{n}", name=name) for n, name in enumerate(("Ann", "Bob")))
    call = ann.dial(bob.number)  # line 5
    call.wait_answered()

async def test_clients(fake_daily, daily_room):
    await fake_daily.join(daily_room, user_name="Carl")  # line 9

def test_dialled_out(sync_phone_network, sync_daily_client):
    bob = sync_phone_network.phone("+12065550142", name="Bob")  # line 12
    sync_daily_client.start_dialout({"phoneNumber": bob.number})
    bob.wait_for_call().wait_answered()

def test_tidy(sync_phone_network, sync_daily_client):
    bob = sync_phone_network.phone("+12065550142")
    call = sync_phone_network.phone("+12065550143").dial(bob.number)
    call.wait_answered()
    call.hang_up()
    call.wait_for_end()
    bob.wait_for_call().wait_for_end()
"""
FAILING = """
def test_it(sync_phone_network):
    sync_phone_network.phone("+12065550142")
    sync_phone_network.phone("+12065550143").dial("+12065550142").wait_answered()
    assert False
"""


def run(pytester: pytest.Pytester, source: str, mode: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_it=source)
    pytester.makeini(f"[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n{mode}\n")
    return pytester.runpytest_subprocess("-W", "error", *options)


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_calls_and_clients_are_listed_with_the_line_that_made_them(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    result = run(pytester, LEAVING, "", *options)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines_random(
        [
            "*left behind by tests*",
            "test_it.py::test_calls: the call of Ann to sip:*12065550141@* is up; it was dialled at *test_it.py:5",
            "test_it.py::test_clients: the client 'Carl' is in *; it joined at *test_it.py:9",
            "test_it.py::test_dialled_out: the call of Bob from * is up; the phone was made at *test_it.py:12",
        ]
    )
    lines = [line for line in result.outlines if line.startswith("test_it.py::") and ": the c" in line]
    assert len(lines) == 3


def test_a_test_fails_where_the_option_says_so(pytester: pytest.Pytester) -> None:
    result = run(pytester, LEAVING, "daily_leaks = fail")
    result.assert_outcomes(passed=4, errors=3)
    result.stdout.fnmatch_lines(["*LeftBehind: the test has left behind:*", "*test_it.py:5*"])


def test_the_option_turns_it_off(pytester: pytest.Pytester) -> None:
    result = run(pytester, LEAVING, "daily_leaks = off")
    result.assert_outcomes(passed=4)
    result.stdout.no_fnmatch_line("*left behind*")


def test_a_failed_test_may_leave_anything(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING, "daily_leaks = fail")
    result.assert_outcomes(failed=1)


def test_another_value_is_refused(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING, "daily_leaks = strict")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*daily_leaks: 'strict' is not usable; allowed: warn, fail or off*"])
