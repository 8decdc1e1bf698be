"""What every test of this project gets: foreign peers checked by name, and nothing left running."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.contract_witness import Witness, listening
from tests.peers import why_missing
from tests.processes import left_over, mark_descendants, running

mark_descendants()
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")  # a change is judged by the same examples twice; at home they vary


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.interop("sipp", "tshark")`: without them skip, or fail where they are required."""
    for marker in item.iter_markers("interop"):
        for problem in filter(None, map(why_missing, marker.args)):
            if os.environ.get("DAILY_SIM_REQUIRE_PEERS") == "1":
                pytest.fail(problem, pytrace=False)
            pytest.skip(problem)


@pytest.fixture(scope="session", autouse=True)
def contract_witness() -> Iterator[Witness]:
    """Hears every event, webhook and REST answer of the servers in this process."""
    with listening() as witness:
        yield witness


@pytest.fixture(autouse=True)
def everything_said_is_in_the_contract(contract_witness: Witness) -> Iterator[None]:
    """A test in which the fake Daily said something that its schemas do not allow fails."""
    contract_witness.take_complaints()
    yield
    complaints = contract_witness.take_complaints()
    if complaints:
        shown = "\n".join(complaints[:10])
        pytest.fail(f"{len(complaints)} times something against the contract was said:\n{shown}", pytrace=False)


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """A test that leaves a process behind fails; what a session-wide server keeps is not the test's."""
    before = running()
    yield
    leaks = left_over(before)
    if leaks:
        pytest.fail("processes left behind:\n" + "\n".join(leaks), pytrace=False)
