"""A locustfile for tests: callers who expect each event of their calls, until all workers together had CALLS calls."""

from __future__ import annotations

import os

from locust import LoadTestShape, constant, task

from fake_daily_server.load import CallUser

CALLS, USERS = int(os.environ["CALLS"]), int(os.environ["USERS"])


class UntilAllCalls(LoadTestShape):
    """The same number of users until as many calls as wanted were placed."""

    def tick(self) -> tuple[int, float] | None:
        """How many users, and how many more a second; None ends the run."""
        assert self.runner is not None
        placed = (
            self.runner.stats.get("dial", "call").num_requests + self.runner.stats.get("dial out", "call").num_requests
        )
        return None if placed >= CALLS else (USERS, 20.0)


class Caller(CallUser):
    """A caller with a room and a phone of its own, which expects each event of its calls."""

    wait_time = constant(0)

    @task(3)
    def dials_in(self) -> None:
        """One digit, and each event."""
        with self.dial() as call:
            call.expect_event("dialin-connected")
            call.press("12")
            call.expect_event("dtmf-event", tone="1")
            call.expect_event("dtmf-event", tone="2")
            call.hang_up()
            call.expect_event("dialin-stopped")

    @task
    def is_called(self) -> None:
        """Each event of a dial-out."""
        with self.dial_out() as call:
            call.expect_event("dialout-connected")
            call.expect_event("dialout-answered")
            call.expect_silence(0.3)
            call.hang_up()
            call.expect_event("dialout-stopped")
