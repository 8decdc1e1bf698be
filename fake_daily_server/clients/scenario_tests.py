"""pytest runs scenario files: each scenario of a `*.scenario.yaml` file is a test.

| use | effect |
|---|---|
| `pytest tests` | runs the scenario files below `tests`, beside the tests in Python |
| `pytest calls/busy.yaml` | runs a file that is named, whatever its name |
| ini option `daily_scenarios = calls/*.yaml` | other patterns of names or paths |
| `-k`, `-m` | choose by file, case and title, and by `tags` |
| `--lf`, `--junit-xml`, `-n` of pytest-xdist | as with any test |

`scenarios` is imported by its name, when there is a scenario file: this package stands below it, and a user's project
may have a package `scenarios` of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fake_daily_server.clients.capture_option import file_of_capture, is_kept
from fake_daily_server.clients.coverage_option import count_records
from fake_daily_server.clients.mutants_option import mutation, note_mutants
from fake_daily_server.plain_imports import FOLDERS
from fake_daily_server.report.modes import ONE, is_wanted

DEFAULT_PATTERN = "*.scenario.yaml"
_SUFFIXES = (".yaml", ".yml")
_SESSION: pytest.StashKey[Any] = pytest.StashKey()
"""The servers of the scenarios, in the stash of the pytest config."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option `daily_scenarios`."""
    parser.addini(
        "daily_scenarios",
        f"names or paths of scenario files to run as tests, as patterns, one a line (default: {DEFAULT_PATTERN})",
        type="linelist",
        default=[DEFAULT_PATTERN],
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a scenario file that is named, or matches one of the patterns."""
    if file_path.suffix not in _SUFFIXES or file_path.name.startswith("_"):
        return None
    patterns: list[str] = parent.config.getini("daily_scenarios")
    relative = (
        file_path.relative_to(parent.config.rootpath) if parent.config.rootpath in file_path.parents else file_path
    )
    if parent.session.isinitpath(file_path) or any(relative.match(pattern) for pattern in patterns):
        return ScenarioModule.from_parent(parent, path=file_path)
    return None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the servers of the scenarios."""
    if (own := session.config.stash.get(_SESSION, None)) is not None:
        own.close()


class ScenarioFailed(Exception):
    """A scenario has failed; `result` says why."""

    def __init__(self, result: Any) -> None:
        self.result = result
        super().__init__(result.failure.text)


class ScenarioModule(pytest.File):
    """A scenario file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item for each scenario of the file. A mistake is an error of the collection, with its place."""
        try:
            files = _scenarios().read_scenarios(self.path)
        except ValueError as invalid:
            raise self.CollectError(str(invalid)) from None
        for file in files:
            yield ScenarioItem.from_parent(self, name=file.short_name, file=file)


class ScenarioItem(pytest.Item):
    """One scenario as a test."""

    def __init__(self, *, file: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.file = file
        self.extra_keyword_matches.add(file.scenario.title)
        for tag in file.scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of scenario files")
            self.add_marker(tag)

    def runtest(self) -> None:
        """Run the scenario; it is an expected failure if its file says so."""
        capture = file_of_capture(self)
        result, log = _session(self.config).run(self.file, mutation(self.config), capture)
        if capture is not None and not is_kept(self, failed=result.failure is not None):
            capture.unlink(missing_ok=True)
            capture = None
        self.add_report_section("call", "log", log)
        count_records(self.config, result.records)
        note_mutants(self, result.records)
        if is_wanted(self.config.getoption("daily_report"), failed=result.failure is not None):
            whole = self.config.getoption("daily_report_as") == ONE
            page = _scenarios().page_of(result, whole=whole, capture=capture)
            self.user_properties.append(("daily_report", str(page)))
            self.add_report_section("call", "report", page.absolute().as_uri())
        if result.failure is not None:
            raise ScenarioFailed(result)
        if result.expected is not None:
            pytest.xfail(f"{self.file.scenario.expected_failure}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the failure of the scenario as `daily-sim run` does."""
        if isinstance(excinfo.value, ScenarioFailed):
            return _scenarios().failure_repr(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line of the first step and the name."""
        return self.path, self.file.step_places[0].line - 1, f"{self.name}: {self.file.scenario.title}"


def _session(config: pytest.Config) -> Any:
    """The servers and the loop of this process, made for the first scenario."""
    if _SESSION not in config.stash:
        config.stash[_SESSION] = _scenarios().ScenarioSession()
    return config.stash[_SESSION]


def _scenarios() -> ModuleType:
    """`scenarios.pytest_session` of this distribution. Raises ValueError if another package has the name."""
    package = importlib.import_module("scenarios")
    if not str(package.__file__).startswith(FOLDERS):
        raise ValueError(
            f"the package 'scenarios' in {Path(str(package.__file__)).parent} hides the one that reads scenario files; "
            "rename it, or run the files with `daily-sim run`"
        )
    return importlib.import_module("scenarios.pytest_session")
