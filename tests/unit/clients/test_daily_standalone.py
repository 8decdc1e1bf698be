"""The module `daily` found by PYTHONPATH: it imports nothing else of this project, and little of others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from fake_daily_server.clients.python import daily

STAND_IN = Path(daily.__file__).parent.parent

PROGRAM = """
import sys
import daily
print(*sorted({module.partition(".")[0] for module in sys.modules} & {"asyncio", "numpy", "websockets"}))
daily.Daily.init()
client = daily.CallClient(daily.EventHandler())
track = daily.CustomAudioTrack(daily.CustomAudioSource(16000, 1))
client.update_inputs({"microphone": {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}})
client.release()
unwanted = {"fake_daily_server", "simulator", "scenarios", "numpy", "soxr"}
print(*sorted({module.partition(".")[0] for module in sys.modules} & unwanted))
print(daily.__file__, daily.CallClient.__module__)
"""


def test_the_module_imports_nothing_else_of_the_project_and_no_heavy_library() -> None:
    environment = {**os.environ, "PYTHONPATH": str(STAND_IN)}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=50, check=False
    )
    assert ran.stderr == ""
    on_import, after_use, where = ran.stdout.splitlines()
    assert on_import == ""
    assert after_use == ""
    assert where == f"{STAND_IN}/daily/__init__.py daily"
