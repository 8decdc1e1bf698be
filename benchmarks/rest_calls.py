"""Duration of REST requests with few and with many rooms."""

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

from benchmarks.figures import Row, Run, format_number, percentile, timed
from benchmarks.fresh_process import ROOT, environment


class Api:
    """A persistent connection to the REST API, with the little overhead of the standard library's HTTP client."""

    def __init__(self, url: str, key: str) -> None:
        address = urlsplit(url)
        self._base = address.path
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Send a request that must succeed; return the milliseconds until the whole response was read, and its body."""
        sent = json.dumps(body).encode() if body is not None else None
        began = time.perf_counter()
        self._connection.request(method, self._base + path, sent, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise RuntimeError(f"{method} {path} was answered with {response.status}: {content[:200].decode()}")
        return took, json.loads(content)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def measure(run: Run) -> list[Row]:
    """Time of successive requests over a persistent connection, from another process than the server's.

    The server is `python -m fake_daily_server`. Each round creates a room with SIP dial-in, gets, changes and deletes
    it, lists a page of 100 rooms, gets the presence, creates and validates a token, and gets the domain, the numbers
    and the meetings. The figure is for all requests, the notes are for each kind. The time is taken before the request
    is written and after the response is read, without parsing JSON.
    """
    return [_with_rooms(run, 100, limit_ms=5), _with_rooms(run, 10_000, limit_ms=10)]


def _with_rooms(run: Run, rooms: int, *, limit_ms: float) -> Row:
    times: dict[str, list[float]] = defaultdict(list)
    repetitions = run.repetitions(200)
    with _server() as api:
        for index in range(rooms):
            api("POST", "/rooms", {"name": f"permanent-{index}", "properties": {"sip": {"sip_mode": "dial-in"}}})
            run.progress(index + 1, rooms)
        for done in range(-10, repetitions):
            for kind, took in _round(api):
                if done >= 0:
                    times[kind].append(took)
            run.progress(max(0, done + 1), repetitions)
    all_times = [took for samples in times.values() for took in samples]
    notes = [f"{kind}: p95 {format_number(percentile(samples, 0.95))} ms" for kind, samples in times.items()]
    return timed(f"REST request with {rooms:,} rooms", all_times, limit_ms=limit_ms, notes=notes)


def _round(api: Api) -> Iterator[tuple[str, float]]:
    def timed_request(kind: str, method: str, path: str, body: Any = None) -> tuple[str, float]:
        return kind, api(method, path, body)[0]

    sip = {"sip_mode": "dial-in", "display_name": "Caller", "num_endpoints": 2}
    yield timed_request("create room", "POST", "/rooms", {"name": "temporary", "properties": {"sip": sip}})
    yield timed_request("get room", "GET", "/rooms/temporary")
    yield timed_request("change room", "POST", "/rooms/temporary", {"properties": {"enable_dialout": True}})
    yield timed_request("list 100 rooms", "GET", "/rooms?limit=100")
    yield timed_request("presence", "GET", "/presence")
    took, token = api("POST", "/meeting-tokens", {"properties": {"room_name": "temporary", "is_owner": True}})
    yield "create token", took
    yield timed_request("validate token", "GET", f"/meeting-tokens/{token['token']}")
    yield timed_request("domain", "GET", "/")
    yield timed_request("numbers", "GET", "/purchased-phone-numbers")
    yield timed_request("meetings", "GET", "/meetings")
    yield timed_request("delete room", "DELETE", "/rooms/temporary")


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
