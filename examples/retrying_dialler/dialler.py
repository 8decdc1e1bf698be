"""Calls a number up to three times until somebody answers, plays a tone as its message, and waits for the hang-up.

    python dialler.py +12065550142

It is written for Daily: DAILY_ROOM_URL and DAILY_ROOM_TOKEN name the room. Exit status 0: delivered, 1: given up.
"""

import math
import os
import queue
import sys
import time
from array import array

import daily

ATTEMPTS = 3
PAUSE_S = float(os.environ.get("PAUSE_S", "30"))
"""Seconds between two attempts."""
RATE = 16000


class Events(daily.EventHandler):
    """Passes the ends of calls on to the main thread."""

    def __init__(self):
        super().__init__()
        self.received = queue.Queue()

    def on_dialout_answered(self, data):
        self.received.put("answered")

    def on_dialout_stopped(self, data):
        self.received.put("stopped")

    def on_dialout_error(self, data):
        print(f"not reached: {data['errorMsg']}", flush=True)
        self.received.put("error")


def message():
    """Two seconds of 660 Hz."""
    samples = (int(8000 * math.sin(2 * math.pi * 660 * n / RATE)) for n in range(2 * RATE))
    return array("h", samples).tobytes()


def deliver(client, events, source, number):
    """Call once; return whether the message was delivered."""
    client.start_dialout({"phoneNumber": number})
    if events.received.get(timeout=60) != "answered":
        return False
    source.write_frames(message())
    while events.received.get(timeout=60) != "stopped":
        pass
    return True


def main(number):
    """Call until the message is delivered; return the exit status."""
    daily.Daily.init()
    events = Events()
    client = daily.CallClient(event_handler=events)
    source = daily.CustomAudioSource(RATE, 1)
    track = daily.CustomAudioTrack(source)
    joined = queue.Queue()
    inputs = {"camera": False, "microphone": {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}}
    client.join(
        os.environ["DAILY_ROOM_URL"],
        os.environ["DAILY_ROOM_TOKEN"],
        client_settings={"inputs": inputs},
        completion=lambda data, error: joined.put(error),
    )
    if error := joined.get(timeout=30):
        raise SystemExit(error)
    try:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_S)
            if deliver(client, events, source, number):
                print("delivered", flush=True)
                return 0
        print(f"given up after {ATTEMPTS} attempts", flush=True)
        return 1
    finally:
        client.leave()
        client.release()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
