"""What a dying process writes to standard error, and what of it is reported as the cause."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulator.useragent.worker_output import cause_of_death

_PARENT = """
import ctypes, faulthandler, os
from simulator.useragent.worker_output import WorkerOutput

output = WorkerOutput()
pid = os.fork()
if pid == 0:
    output.become_stderr()
    faulthandler.enable()
    os.write(2, b"a warning before\\n")
    {death}
    os._exit(1)
output.leave_to_worker()
os.waitpid(pid, 0)
print(output.close(), flush=True)
"""


def end_of(death: str) -> tuple[str, str]:
    """Let a forked process die, and return the cause that is found and all that it has written."""
    done = subprocess.run(
        [sys.executable, "-c", _PARENT.format(death=death)], capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="calls a function of glibc")
def test_a_failed_assertion_is_the_cause() -> None:
    cause, output = end_of('ctypes.CDLL(None).__assert_fail(b"a < b", b"sip_inv.c", 12, b"on_rx")')
    assert cause == "sip_inv.c:12: on_rx: Assertion `a < b' failed."
    assert "a warning before\n" in output
    assert "most recent call first" in output


def test_an_exception_is_the_cause() -> None:
    cause, output = end_of('import sys, traceback; traceback.print_exception(OSError("no ports"))')
    assert cause == "OSError: no ports"
    assert "a warning before\n" in output


def test_output_without_an_end_of_line_is_not_lost() -> None:
    cause, output = end_of('os.write(2, b"ValueError: 3")')
    assert cause == "ValueError: 3"
    assert output.endswith("ValueError: 3\n")


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        ([], None),
        (["free(): invalid pointer", "Fatal Python error: Aborted", "", "Current thread"], "free(): invalid pointer"),
        (["Fatal Python error: Segmentation fault", "", "Current thread"], None),
        (
            ["python3.11: x.c:1: f: Assertion `0' failed.", "Fatal Python error: Aborted"],
            "x.c:1: f: Assertion `0' failed.",
        ),
        (
            ["Traceback", "a.b.LayoutMismatch: this build cannot be used", ""],
            "a.b.LayoutMismatch: this build cannot be used",
        ),
        (["only a warning"], None),
    ],
)
def test_the_cause_is_found_in_the_last_lines(lines: list[str], cause: str | None) -> None:
    assert cause_of_death(lines) == cause
