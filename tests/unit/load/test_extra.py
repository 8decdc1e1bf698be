"""Without Locust, the extra says how to install it, and importing the package itself needs neither."""

from __future__ import annotations

import subprocess
import sys

WITHOUT_LOCUST = """
import sys
sys.modules["locust"] = None
import fake_daily_server.load
from fake_daily_server.load import CallUser
"""


def test_without_locust_the_error_names_the_extra() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_LOCUST], capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: fake_daily_server.load.CallUser needs locust, which an extra installs: "
        'pip install "daily-telephony-simulator[load]"'
    )


def test_the_server_never_imports_locust_or_gevent() -> None:
    code = (
        "import fake_daily_server.__main__, fake_daily_server.server, fake_daily_server.load, sys; print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"locust", "gevent"}.isdisjoint(run.stdout.split())
