"""A locustfile for tests: a caller who waits for a tone in vain, and says whether its call has ended by then."""

from __future__ import annotations

import sys

from locust import constant, task

from fake_daily_server.load import CallUser


class Caller(CallUser):
    """A caller who hears nobody."""

    wait_time = constant(1)

    @task
    def hears_nothing(self) -> None:
        """The room is silent."""
        try:
            with self.dial() as call:
                call.expect_tone(440, within=0.3)
        finally:
            phone = f"/phones/{self.phone.id}"
            self.phone.server.sim(f"{phone}/wait-for-end")
            states = {call["state"] for call in self.phone.server.look(phone)["calls"]}
            sys.stdout.write(f"calls: {states}\n")
