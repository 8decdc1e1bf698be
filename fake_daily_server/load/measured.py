"""One step of a call as a row of Locust's statistics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from locust.exception import RescheduleTask

from fake_daily_server.load.server_api import LoadFailure


class StepFailed(LoadFailure, RescheduleTask):
    """A step of a call that has failed and was counted. Locust ends the task without a traceback, and goes on."""


class Statistics:
    """Locust's statistics, to which each step is reported once."""

    def __init__(self, environment: Any) -> None:
        self._request = environment.events.request

    @contextmanager
    def measured(self, kind: str, name: str, *, since: float | None = None, size: int = 0) -> Iterator[None]:
        """Report what happens in the `with` block as a row `kind`, `name`: its time in ms, and why it failed.

        The time counts from `since`, in seconds of `time.perf_counter()`, or from the beginning of the block. `size`
        is what Locust shows as the size of a response: here the number of digits. A step that Locust interrupts at the
        end of a test (GreenletExit) is not reported. Raises StepFailed in place of LoadFailure.
        """
        began = time.perf_counter() if since is None else since
        try:
            yield
        except LoadFailure as failure:
            failed = StepFailed(str(failure))
            self._fire(kind, name, began, 0, failed)
            raise failed from failure
        self._fire(kind, name, began, size, None)

    def _fire(self, kind: str, name: str, began: float, size: int, failure: Exception | None) -> None:
        self._request.fire(
            request_type=kind,
            name=name,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=size,
            exception=failure,
            context={},
        )
