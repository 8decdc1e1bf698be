"""A Python bot that joins and leaves repeatedly: `python -m benchmarks.daily_module_client JOB`.

The job is `{"url", "token", "times", "talker", "sound"}`. Each result has the milliseconds until the
bot has joined and, with `sound`, until it receives the talker's audio.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

from benchmarks.json_lines import emit
from fake_daily_server.clients.python import daily


def _call(method: Any, *args: Any, **named: Any) -> None:
    done = threading.Event()
    errors: list[str] = []

    def completed(*answer: Any) -> None:
        errors.extend(filter(None, answer[-1:]))
        done.set()

    method(*args, **named, completion=completed)
    if not done.wait(10) or errors:
        raise RuntimeError(f"{method.__name__}: {errors or 'no completion within 10 s'}")


def _join_without_sound(url: str, token: str) -> None:
    client = daily.CallClient()
    began = time.perf_counter()
    _call(client.join, url, token)
    emit(joined_ms=(time.perf_counter() - began) * 1000)
    _call(client.leave)
    client.release()


def _join_with_sound(url: str, token: str, talker: str) -> None:
    track = daily.CustomAudioTrack(daily.CustomAudioSource(16000, 1))
    microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
    client = daily.CallClient()
    heard = threading.Event()
    began = time.perf_counter()
    _call(client.join, url, token, client_settings={"inputs": {"microphone": microphone, "camera": False}})
    joined = time.perf_counter()

    def receive(_participant: str, audio: Any, _source: str) -> None:
        if any(audio.audio_frames):
            heard.set()

    client.set_audio_renderer(talker, receive)
    if not heard.wait(10):
        raise RuntimeError(f"no audio of {talker} within 10 s")
    emit(joined_ms=(joined - began) * 1000, heard_ms=(time.perf_counter() - began) * 1000)
    _call(client.leave)
    client.release()


def main() -> None:
    """Run the job given as argument."""
    job = json.loads(sys.argv[1])
    daily.Daily.init()
    for _ in range(job["times"]):
        if job.get("sound"):
            _join_with_sound(job["url"], job["token"], job["talker"])
        else:
            _join_without_sound(job["url"], job["token"])


if __name__ == "__main__":
    main()
