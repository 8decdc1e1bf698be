"""A service without a client: it moves callers into the support room, and books the calls that have ended.

Daily asks it at /caller about each caller (`room_creation_api`), and sends webhook events to /events. An event can come
more than once, and must be answered soon: calls are booked afterwards, each once. Anybody can post to a server: only
events with the signature of the webhook count.

    PORT=8000 SUPPORT_ROOM=support WEBHOOK_SECRET=… python service.py
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import threading
import time
import urllib.request

API_URL, API_KEY = os.environ["DAILY_API_URL"], os.environ["DAILY_API_KEY"]
WEBHOOK_SECRET = base64.b64decode(os.environ["WEBHOOK_SECRET"])
"""The `hmac` with which the webhook was made."""
BOOKING_S = float(os.environ.get("BOOKING_S", "0"))
"""How long the accounting system takes for a call."""

ended = queue.Queue()


def request(path, body=None):
    """Call Daily's REST API."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{API_URL}{path}", data, headers), timeout=10) as response:
        return json.load(response)


def move_into_room(caller):
    """Move a held caller into the support room."""
    room = request(f"/rooms/{os.environ['SUPPORT_ROOM']}")
    sip_uri = room["config"]["sip_uri"]["endpoint"]
    request(
        "/dialin/pinlessCallUpdate",
        {"callId": caller["callId"], "callDomain": caller["callDomain"], "sipUri": sip_uri},
    )


def is_signed(body, headers):
    """Whether Daily has signed an event with our secret."""
    signed = headers.get("X-Webhook-Timestamp", "").encode() + b"." + body
    expected = base64.b64encode(hmac.digest(WEBHOOK_SECRET, signed, hashlib.sha256)).decode()
    return hmac.compare_digest(expected, headers.get("X-Webhook-Signature", ""))


def book(event):
    """Book a call in the accounting system."""
    time.sleep(BOOKING_S)
    print(f"booked {event['payload']['session_id']}", flush=True)


def book_ended_calls():
    """Book each call once, however often its event comes."""
    booked = set()
    while True:
        event = ended.get()
        if event["id"] not in booked:
            booked.add(event["id"])
            book(event)


class Service(http.server.BaseHTTPRequestHandler):
    """The routes."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(sent)
        if self.path == "/events" and not is_signed(sent, self.headers):
            self.send_response(401)
            self.end_headers()
            return
        if self.path == "/caller" and "callId" in body:
            move_into_room(body)
        if self.path == "/events" and body.get("type") == "dialin.stopped":
            book(body)  # the bug: Daily waits for the accounting system, and sends the event again
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Write no access log."""


if __name__ == "__main__":
    threading.Thread(target=book_ended_calls, daemon=True).start()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service).serve_forever()
