"""The last report of each worker, for which the master waits when a test ends.

Locust's own master gives workers half a second for it, and loses the rows of tasks that end later.
"""

from __future__ import annotations

import logging
import queue
import time
from typing import Any

from locust.env import Environment

_LOG = logging.getLogger("fake_daily_server.load")
_STOP, _REPORTED = "daily_stop_and_report", "daily_reported"
_LIMIT_S = 60.0
"""How much longer than Locust's `--stop-timeout` the master waits, in seconds."""


def report_when_asked(environment: Environment) -> None:
    """Let this worker stop its users when the master asks, and then send all that its tasks and its server counted."""

    def stop_and_report(**_: Any) -> None:
        runner = environment.runner
        report: dict[str, Any] = {}
        runner.stop()
        environment.events.report_to_master.fire(client_id=runner.client_id, data=report)
        runner.send_message("stats", report)
        runner.send_message(_REPORTED)

    environment.runner.register_message(_STOP, stop_and_report)


def wait_for_last_reports(environment: Environment) -> None:
    """Let this master ask its workers for their last report at the end of each test, and wait until all are here."""
    runner = environment.runner
    reported: queue.Queue[str] = queue.Queue()
    runner.register_message(_REPORTED, lambda msg, **_: reported.put(msg.node_id))

    @environment.events.test_stop.add_listener
    def _wait(**_: Any) -> None:
        deadline = time.monotonic() + (environment.stop_timeout or 0) + _LIMIT_S
        here: set[str] = set()
        runner.send_message(_STOP)
        while missing := {client.id for client in runner.clients.all if client.state != "missing"} - here:
            if time.monotonic() > deadline:
                _LOG.error("%d workers have not sent their last report; their last rows are not counted", len(missing))
                return
            try:
                here.add(reported.get(timeout=1))
            except queue.Empty:
                continue  # a worker may be missing meanwhile
