"""How long a call of the REST API takes, with few rooms and with many."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from benchmarks.apart import ROOT, environment
from benchmarks.figures import Row, Run, number, percentile, timed


class Api:
    """A connection to the REST API that stays open, with as little of its own as the standard library allows."""

    def __init__(self, url: str, key: str) -> None:
        address = urlsplit(url)
        self._base = address.path
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Milliseconds until the answer was read whole, and the answer, which must be a good one."""
        sent = json.dumps(body).encode() if body is not None else None
        began = time.perf_counter()
        self._connection.request(method, self._base + path, sent, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise RuntimeError(f"{method} {path} answered {response.status}: {answer[:200].decode()}")
        return took, json.loads(answer)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def measure(run: Run) -> list[Row]:
    """One call after the other over a kept connection, from another process than the server's.

    The server is `python -m fake_daily_server` as a user starts it. Each round makes a room with SIP dial-in, gets,
    changes and deletes it, lists a page of 100 rooms, asks for presence, makes and validates a token, and reads the
    domain, the numbers and the meetings; all calls are in the figure, and each kind is in the notes. A moment is
    taken before the request is written and after the answer is read; no JSON is parsed in between.
    """
    return [_with_rooms(run, 100, most_ms=5), _with_rooms(run, 10_000, most_ms=10)]


def _with_rooms(run: Run, rooms: int, *, most_ms: float) -> Row:
    taken: dict[str, list[float]] = defaultdict(list)
    repetitions = run.times(200)
    with _server() as api:
        for index in range(rooms):
            api("POST", "/rooms", {"name": f"standing-{index}", "properties": {"sip": {"sip_mode": "dial-in"}}})
            run.progress(index + 1, rooms)
        for done in range(-10, repetitions):
            for kind, took in _round(api):
                if done >= 0:
                    taken[kind].append(took)
            run.progress(max(0, done + 1), repetitions)
    every = [took for samples in taken.values() for took in samples]
    each = [f"{kind}: p95 {number(percentile(samples, 0.95))} ms" for kind, samples in taken.items()]
    return timed(f"REST call with {rooms:,} rooms", every, most_ms=most_ms, notes=each)


def _round(api: Api) -> Iterator[tuple[str, float]]:
    def ask(kind: str, method: str, path: str, body: Any = None) -> tuple[str, float]:
        return kind, api(method, path, body)[0]

    sip = {"sip_mode": "dial-in", "display_name": "Caller", "num_endpoints": 2}
    yield ask("create room", "POST", "/rooms", {"name": "passing", "properties": {"sip": sip}})
    yield ask("get room", "GET", "/rooms/passing")
    yield ask("change room", "POST", "/rooms/passing", {"properties": {"enable_dialout": True}})
    yield ask("list 100 rooms", "GET", "/rooms?limit=100")
    yield ask("presence", "GET", "/presence")
    took, answer = api("POST", "/meeting-tokens", {"properties": {"room_name": "passing", "is_owner": True}})
    yield "make token", took
    yield ask("validate token", "GET", f"/meeting-tokens/{answer['token']}")
    yield ask("domain", "GET", "/")
    yield ask("numbers", "GET", "/purchased-phone-numbers")
    yield ask("meetings", "GET", "/meetings")
    yield ask("delete room", "DELETE", "/rooms/passing")


@contextmanager
def _server() -> Iterator[Api]:
    command = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        api = Api(ready["api_url"], ready["api_key"])
        try:
            yield api
        finally:
            api.close()
            process.terminate()
