"""The module `daily` in a separate process, without pytest's hooks: callbacks that raise, a missing `Daily.init()`."""

from __future__ import annotations

import subprocess
import sys

from fake_daily_server.clients.environment import program_environment

RAISING = """
import daily, sys, threading
raised = threading.Event()

class Handler(daily.EventHandler):
    def on_call_state_updated(self, state):
        raised.set()
        raise ValueError(f"no {state}")

daily.Daily.init()
client = daily.CallClient(event_handler=Handler())
for verb in range(2):
    done = threading.Event()
    client.leave(completion=lambda error: done.set())
    assert raised.wait(10), "no callback"
    assert done.wait(10), "the callbacks have ended"
print("all callbacks came")
client.release()
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    environment = program_environment(api_url="http://127.0.0.1:1/v1", api_key="unused")
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_an_exception_in_a_callback_is_reported_and_later_callbacks_run() -> None:
    ran = run(RAISING)
    assert ran.stdout == "all callbacks came\n", ran.stderr
    assert "ValueError: no leaving" in ran.stderr
    assert "Exception ignored in" in ran.stderr


def test_a_client_that_is_created_before_init_causes_one_warning() -> None:
    ran = run("import daily\nfor made in range(2): daily.CallClient().release()")
    assert ran.returncode == 0
    assert ran.stderr.count("CallClient() before Daily.init()") == 1


def test_a_client_that_is_created_after_init_causes_no_output() -> None:
    ran = run("import daily\ndaily.Daily.init()\ndaily.CallClient().release()")
    assert (ran.returncode, ran.stderr) == (0, "")
