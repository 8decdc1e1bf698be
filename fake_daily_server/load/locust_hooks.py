"""What happens when Locust starts and ends: each worker has a server beside it, whose counts the master compares.

Importing this module registers it with Locust, as Locust's plugins do.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from fake_daily_server.load.agreement import compared, of_locust, of_servers
from fake_daily_server.load.final_reports import report_when_asked, wait_for_last_reports
from fake_daily_server.load.server_api import LoadFailure
from fake_daily_server.load.worker import Worker

_LOG = logging.getLogger("fake_daily_server.load")
_COUNTS = "daily_telephony_simulator_counts"
"""The key of the counts in a worker's reports to the master."""
_STARTED = threading.Event()
"""Set once the server beside this worker runs. The master may begin a test before."""


def worker_of(environment: Environment) -> Worker:
    """What the Locust worker of this environment has; waits until its server runs. If that fails, the worker ends."""
    _STARTED.wait()
    worker: Worker = environment.daily_worker
    return worker


@events.init_command_line_parser.add_listener
def _add_options(parser: LocustArgumentParser, **_: Any) -> None:
    group = parser.add_argument_group("Daily telephony simulator")
    group.add_argument(
        "--sim-allow-host",
        metavar="HOST",
        action="append",
        default=[],
        env_var="LOCUST_SIM_ALLOW_HOST",
        help="A host outside this machine that the phones may call; can be repeated.",
    )
    group.add_argument(
        "--sim-set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        env_var="LOCUST_SIM_SET",
        help="A setting of the server beside each worker, such as ring_timeout=5; can be repeated.",
    )


@events.init.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    if isinstance(environment.runner, MasterRunner):
        wait_for_last_reports(environment)
        _compare_at_the_end(environment, _reported_counts())
        return
    worker = _started(environment)
    if isinstance(environment.runner, WorkerRunner):
        report_when_asked(environment)
        events.report_to_master.add_listener(lambda data, **_: data.update({_COUNTS: _counts_of(worker)}))
    else:
        _compare_at_the_end(environment, lambda: _counts_of(worker))
    events.quit.add_listener(lambda **_: worker.close())


def _started(environment: Environment) -> Worker:
    options = environment.parsed_options
    allowed = [f"--allow-host={host}" for host in options.sim_allow_host]
    worker = Worker(host=environment.host, options=[*allowed, *(f"--set={each}" for each in options.sim_set)])
    _LOG.info("the server beside this worker: process %d, %s", worker.pid, worker.phones.url)
    environment.daily_worker = worker
    _STARTED.set()
    return worker


def _counts_of(worker: Worker) -> Counter[str]:
    try:
        worker.counts.read()
    except LoadFailure as failure:
        _LOG.error("the server beside this worker does not say what it has counted since the last report: %s", failure)
    return worker.counts.so_far.copy()


def _reported_counts() -> Callable[[], Counter[str]]:
    """The sum of what the workers have reported, at any time."""
    reports: dict[str, Counter[str]] = {}

    @events.worker_report.add_listener
    def _remember(client_id: str, data: dict[str, Any], **_: Any) -> None:
        # Counts only grow, and two reports of a worker may arrive in either order.
        counts = Counter[str](data.get(_COUNTS, {}))
        reports[client_id] = counts | reports.get(client_id, Counter())

    return lambda: of_servers(reports.values())


def _compare_at_the_end(environment: Environment, counts: Callable[[], Counter[str]]) -> None:
    before: Counter[str] = Counter()

    @events.test_start.add_listener
    def _remember(**_: Any) -> None:
        before.clear()
        before.update(counts())

    @events.test_stop.add_listener
    def _compare(**_: Any) -> None:
        lines = compared(of_locust(environment.stats.entries.values()), counts() - before)
        _LOG.info("Locust's statistics and what the servers counted:\n%s", "\n".join(lines))
