"""Callers who dial a room, press digits and hang up, and rooms that call them back. docs/load.md says how to run it.

locust -f locustfile.py --headless -u 50 -r 10 -t 1m --stop-timeout 10 --processes 2
"""

from locust import between, task

from fake_daily_server.load import CallUser


class Caller(CallUser):
    """A caller with a phone and a room of its own."""

    wait_time = between(0.5, 2)

    @task(3)
    def enters_a_code(self) -> None:
        """The caller dials in and enters a code."""
        with self.dial() as call:
            call.expect_event("dialin-connected")
            call.press("12#")
            call.expect_event("dtmf-event", tone="#")
            call.hang_up()
            call.expect_event("dialin-stopped")

    @task
    def is_called(self) -> None:
        """The room dials out to the caller, who hears nothing yet."""
        with self.dial_out() as call:
            call.expect_silence(0.5)
            call.hang_up()
            call.expect_event("dialout-stopped")
