"""A Python bot that joins and leaves again and again: `python -m benchmarks.daily_module_client JOB`.

`{"url", "token", "times", "talker", "sound"}`; tells the ms until it has joined, and with `sound` until it hears.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from benchmarks.told import tell
from fake_daily_server.clients.python import daily


def _wait(verb: Any, *args: Any, **named: Any) -> None:
    done = threading.Event()
    errors: list[str] = []

    def completed(*answer: Any) -> None:
        errors.extend(filter(None, answer[-1:]))
        done.set()

    verb(*args, **named, completion=completed)
    if not done.wait(10) or errors:
        raise RuntimeError(f"{verb.__name__}: {errors or 'no answer in 10 s'}")


def _silent(url: str, token: str) -> None:
    client = daily.CallClient()
    began = time.perf_counter()
    _wait(client.join, url, token)
    tell(joined_ms=(time.perf_counter() - began) * 1000)
    _wait(client.leave)
    client.release()


def _sounding(url: str, token: str, talker: str) -> None:
    track = daily.CustomAudioTrack(daily.CustomAudioSource(16000, 1))
    microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
    client = daily.CallClient()
    heard = threading.Event()
    began = time.perf_counter()
    _wait(client.join, url, token, client_settings={"inputs": {"microphone": microphone, "camera": False}})
    joined = time.perf_counter()

    def hear(_who: str, sound: Any, _source: str) -> None:
        if any(sound.audio_frames):
            heard.set()

    client.set_audio_renderer(talker, hear)
    if not heard.wait(10):
        raise RuntimeError(f"{talker} was not heard in 10 s")
    tell(joined_ms=(joined - began) * 1000, heard_ms=(time.perf_counter() - began) * 1000)
    _wait(client.leave)
    client.release()


def main() -> None:
    """Do the job."""
    job = json.loads(sys.argv[1])
    daily.Daily.init()
    for _ in range(job["times"]):
        if job.get("sound"):
            _sounding(job["url"], job["token"], job["talker"])
        else:
            _silent(job["url"], job["token"])


if __name__ == "__main__":
    main()
