"""A desk that answers callers: it greets them, asks for a key, holds them with music, and transfers them.

    python desk.py 1=+12065550142 2=+12065550143

Callers dial the room of DAILY_ROOM_URL, written for Daily. A tone stands for each text: 660 Hz asks for a key, 330 Hz
says that the key is unknown, 523 Hz is the music. The desk serves until it is told to end (SIGTERM).
"""

import math
import os
import queue
import signal
import sys
import time
from array import array

import daily

GREETING_HZ, SORRY_HZ, MUSIC_HZ = 660, 330, 523
LOOKUP_S = float(os.environ.get("LOOKUP_S", "2"))
"""How long a caller is held: the desk looks in the roster who is on duty."""
RATE = 16000


class Events(daily.EventHandler):
    """Passes what happens to callers on to the main thread."""

    def __init__(self):
        super().__init__()
        self.received = queue.Queue()

    def on_dialin_connected(self, data):
        self.received.put(("connected", data["sessionId"], None))

    def on_dtmf_event(self, data):
        self.received.put(("pressed", data["sessionId"], data["tone"]))

    def on_dialin_stopped(self, data):
        print(f"gone: {data['sessionId']}", flush=True)


def tone(hz, seconds):
    """A tone as PCM."""
    return array("h", (int(8000 * math.sin(2 * math.pi * hz * n / RATE)) for n in range(int(seconds * RATE)))).tobytes()


class Desk:
    """Serves the callers of a room, one request after the other."""

    def __init__(self, departments):
        self.departments = departments
        self.events = Events()
        self.client = daily.CallClient(event_handler=self.events)
        self.source = daily.CustomAudioSource(RATE, 1)
        self.newest = None

    def join(self):
        """Enter the room with a microphone that says what the desk says."""
        track = daily.CustomAudioTrack(self.source)
        joined = queue.Queue()
        inputs = {"camera": False, "microphone": {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}}
        self.client.join(
            os.environ["DAILY_ROOM_URL"],
            os.environ["DAILY_ROOM_TOKEN"],
            client_settings={"inputs": inputs},
            completion=lambda data, error: joined.put(error),
        )
        if error := joined.get(timeout=30):
            raise SystemExit(error)

    def serve(self):
        """Answer whatever callers do."""
        while True:
            what, caller, key = self.events.received.get()
            if what == "connected":
                self.newest = caller
                self.source.write_frames(tone(GREETING_HZ, 1))
            elif key in self.departments:
                self.hold_and_transfer(caller, self.departments[key])
            else:
                self.source.write_frames(tone(SORRY_HZ, 1))

    def hold_and_transfer(self, caller, number):
        """Let a caller hear music and nobody hear the caller; then connect the caller with the number."""
        self.client.update_remote_participants({caller: {"inputsEnabled": {"microphone": False}}})
        until = time.monotonic() + LOOKUP_S
        while time.monotonic() < until:
            self.source.write_frames(tone(MUSIC_HZ, 0.5))
        self.client.sip_call_transfer({"sessionId": caller, "toEndPoint": number})
        print(f"transferred {caller} to {number}", flush=True)


def main(departments):
    """Serve until SIGTERM."""
    daily.Daily.init()
    desk = Desk(departments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    desk.join()
    try:
        desk.serve()
    finally:
        desk.client.leave()
        desk.client.release()


if __name__ == "__main__":
    main(dict(word.split("=", 1) for word in sys.argv[1:]))
