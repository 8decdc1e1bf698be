"""A process of `pytest --daily-mutants`: runs the tests that met a mutant, until one of them notices it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fake_daily_server.mutants.mutant import Mutant
from fake_daily_server.mutants.outcome import Outcome

if TYPE_CHECKING:
    from fake_daily_server.clients.mutants_option import CurrentMutant


class Batch:
    """The plugin of such a process. `file` has what to try, until when, and the file for the outcomes."""

    def __init__(self, file: str, current: CurrentMutant) -> None:
        given = json.loads(Path(file).read_text(encoding="utf-8"))
        self._todo: Sequence[tuple[Mutant, list[str]]] = [(Mutant(*mutant), tests) for mutant, tests in given["todo"]]
        self._until: float = given["until"]
        self._outcomes = Path(given["outcomes"])
        self._current = current
        self._failed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants in place of a run of all tests."""
        items = {item.nodeid: item for item in session.items}
        after = _After.from_parent(session, name="after")
        with self._outcomes.open("a", encoding="utf-8") as written:
            for mutant, tests in self._todo:
                if (outcome := self._tried(mutant, tests, items, after)) is None:
                    break
                written.write(outcome.as_line())
                written.flush()
        return True

    def _tried(
        self, mutant: Mutant, tests: Sequence[str], items: Mapping[str, pytest.Item], after: pytest.Item
    ) -> Outcome | None:
        """The outcome of a mutant; None if the time is over before its tests are."""
        self._current.mutant, self._current.took_effect = mutant, False
        for test in tests:
            if time.time() > self._until:
                return None
            self._failed = False
            item = items[test]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self._failed and self._current.took_effect:
                return Outcome(mutant, "noticed", test)
        if not self._current.took_effect:
            return Outcome(mutant, "not tried", "it changed nothing when the tests were run again")
        return Outcome(mutant, "survived")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notice a failure, in any phase of a test."""
        self._failed |= report.failed


class _After(pytest.Item):
    """Stands for a next test that shares nothing but the session, so that all narrower fixtures end."""

    def runtest(self) -> None:
        """It is never run."""

    def reportinfo(self) -> Any:
        """Its place, which nobody reads."""
        return self.path, None, self.name
