"""Fixtures for all tests: foreign programs must exist, messages match the contract, and no process remain."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import httpcore  # noqa: F401  # pytester forgets modules that are first imported in its tests; a second httpcore is none to httpx
import pytest
from hypothesis import settings

from tests.contract_checker import ContractChecker, checking_contract
from tests.peers import why_missing
from tests.processes import all_process_ids, mark_descendants, remaining_descendants

mark_descendants()
# A shell starts what is in its background with SIGINT ignored, which programs under test would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
# No deadline, since a machine under load is no fault; the same examples in every CI run, others in local runs.
settings.register_profile("tests", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("tests")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or with DAILY_SIM_REQUIRE_PEERS=1 fail, a test whose `@pytest.mark.interop(…)` names a missing program."""
    for marker in item.iter_markers("interop"):
        for problem in filter(None, map(why_missing, marker.args)):
            if os.environ.get("DAILY_SIM_REQUIRE_PEERS") == "1":
                pytest.fail(problem, pytrace=False)
            pytest.skip(problem)


@pytest.fixture(scope="session", autouse=True)
def contract_checker() -> Iterator[ContractChecker]:
    """Checks every event, webhook and REST response of the servers in this process."""
    with checking_contract() as checker:
        yield checker


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of a user, whose pytest does not import what only our own tests need: that takes 0.4 s a run."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:schemathesis -p no:hypothesispytest")
    return pytester


@pytest.fixture(autouse=True)
def everything_sent_matches_the_contract(contract_checker: ContractChecker) -> Iterator[None]:
    """Fail a test in which the fake Daily sends a message that its schemas do not allow."""
    contract_checker.take_violations()
    yield
    violations = contract_checker.take_violations()
    if violations:
        shown = "\n".join(violations[:10])
        pytest.fail(f"{len(violations)} violations of the contract:\n{shown}", pytrace=False)


@pytest.fixture(autouse=True)
def no_process_remains() -> Iterator[None]:
    """Fail a test that leaves a process running, except processes of a session-wide server."""
    before = all_process_ids()
    yield
    leaks = remaining_descendants(before)
    if leaks:
        pytest.fail("processes still running after the test:\n" + "\n".join(leaks), pytrace=False)
