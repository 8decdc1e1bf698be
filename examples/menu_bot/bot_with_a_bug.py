"""A bot that calls a company and asks its menu for a department. It runs on daily-python, unmodified.

    NUMBER=+12065550142 KEY=2 python bot.py      with ROOM_URL and ROOM_TOKEN in the environment

It listens until the menu has said its prompt, presses the key once, and hangs up when the department has answered.
"""

from __future__ import annotations

import array
import math
import os
import threading

from daily import CallClient, Daily, EventHandler

RATE = 16000
FRAME = RATE // 50
"""Samples in 20 ms."""
LOUD = 300
"""Root mean square from which on a frame of 20 ms is speech."""
PAUSE_S = 0.6
"""Silence after which a prompt has ended."""


class MenuBot(EventHandler):
    """Calls, and keeps the state of its call."""

    def __init__(self, number: str, key: str) -> None:
        self.number, self.key = number, key
        self.client = CallClient(event_handler=self)
        self.speaker = Daily.create_speaker_device("ears", sample_rate=RATE, channels=1, non_blocking=False)
        Daily.select_speaker_device("ears")
        self.answered = threading.Event()
        self.session_id = ""

    def call(self, room_url: str, token: str) -> None:
        """Join the room, call the number, and return once the department has answered."""
        self.client.join(room_url, token, completion=self.dial)
        self.answered.wait()
        self.wait_for_end_of_speech()
        self.client.send_dtmf({"sessionId": self.session_id, "tones": self.key[0]})  # the bug: one digit
        self.wait_for_end_of_speech()
        self.client.stop_dialout(self.session_id)
        self.client.release()

    def dial(self, joined: object, error: object) -> None:
        """Call the number: the room has been joined."""
        self.client.start_dialout({"phoneNumber": self.number})

    def on_dialout_answered(self, data: dict[str, str]) -> None:
        """The company has answered."""
        self.session_id = data["sessionId"]
        self.answered.set()

    def wait_for_end_of_speech(self) -> None:
        """Listen until somebody has spoken and is silent again."""
        spoken, silent_s = False, 0.0
        while not spoken or silent_s < PAUSE_S:
            samples = array.array("h", self.speaker.read_frames(FRAME))
            is_loud = math.sqrt(sum(each * each for each in samples) / max(1, len(samples))) > LOUD
            spoken = spoken or is_loud
            silent_s = 0.0 if is_loud else silent_s + 0.02


if __name__ == "__main__":
    Daily.init()
    MenuBot(os.environ["NUMBER"], os.environ["KEY"]).call(os.environ["ROOM_URL"], os.environ["ROOM_TOKEN"])
