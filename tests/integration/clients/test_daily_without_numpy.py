"""A Python without numpy: calls work, and audio fails with an error that names numpy."""

from __future__ import annotations

import subprocess
import sys

from fake_daily_server.handles.room_handle import RoomHandle
from fake_daily_server.sync import SyncFakeDaily

PROGRAM = """
import queue, sys
sys.modules["numpy"] = None
from fake_daily_server.clients.python.daily import CallClient

answers = queue.SimpleQueue()
client = CallClient()
client.join(*sys.argv[1:], completion=lambda data, error: answers.put(error))
print(answers.get(timeout=20))
client.update_inputs({"microphone": True}, completion=answers.put)
print(answers.get(timeout=20))
client.release()
"""


def test_enabling_audio_without_numpy_fails_with_advice(sync_fake_daily: SyncFakeDaily) -> None:
    room: RoomHandle = sync_fake_daily.create_room()
    command = [sys.executable, "-c", PROGRAM, room.url, room.owner_token]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    joined, unmuted = ran.stdout.splitlines()
    assert joined == "None"
    assert f"audio needs numpy in {sys.executable} (pip install numpy)" in unmuted
