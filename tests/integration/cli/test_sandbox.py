"""`--sandbox`: what it begins with, what the terminal says, what it keeps for the next start, and its ports."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from fake_daily_server.sandbox.free_ports import next_free_port

COMMAND = (sys.executable, "-m", "fake_daily_server")


class Sandbox:
    """A sandbox that runs in a process: its URL, and what the terminal has said."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = re.match(r"Sandbox: (http://127\.0\.0\.1:\d+)/\n", text)
        key = re.search(r"DAILY_API_KEY=(\w+)", text)
        assert found is not None
        assert key is not None
        self.url, self.key = found[1], key[1]

    def request(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method, f"{self.url}{path}", json=body, headers={"Authorization": f"Bearer {self.key}"}, timeout=20
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def rooms(self) -> list[str]:
        return [room["name"] for room in self.request("GET", "/v1/rooms")["data"]]

    @property
    def phones(self) -> list[tuple[str, str]]:
        return [(phone["name"], phone["number"]) for phone in self.request("GET", "/_sim/phones")["phones"]]


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[Sandbox]:
    command = [*COMMAND, "--sandbox", "--port", "0", "--sip-port", "0", *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            text = ""
            while "calls and records" not in text:
                line = process.stdout.readline()
                assert line, text
                text += line
            yield Sandbox(text)
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def test_it_begins_with_a_room_and_three_phones_and_says_where_it_is(tmp_path: Path) -> None:
    with sandbox(tmp_path) as started:
        assert started.rooms == ["demo"]
        assert started.phones == [("Ann", "+12065550101"), ("Ben", "+12065550102"), ("Cleo", "+12065550103")]
        page = httpx.get(f"{started.url}/", headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.url.path == "/_sim/sandbox"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert started.key in page.text
        assert f"--server {started.url} --api-key {started.key} --room demo" in started.text


def test_the_next_start_has_the_same_rooms_phones_numbers_and_key(tmp_path: Path) -> None:
    with sandbox(tmp_path) as first:
        first.request("POST", "/v1/rooms", {"name": "desk", "properties": {"enable_dialout": True, "exp": 4000000000}})
        first.request("DELETE", "/v1/rooms/demo")
        first.request("POST", "/_sim/phones", {"name": "Dan", "number": "+12065550104", "calls": [{"status": 503}]})
        first.request("DELETE", "/_sim/phones/phone-1")
        bought = first.request("POST", "/v1/buy-phone-number", {"number": "+12065550177"})["number"]
    with sandbox(tmp_path) as second:
        assert second.key == first.key
        assert second.rooms == ["desk"]
        room = second.request("GET", "/v1/rooms/desk")
        assert room["config"]["enable_dialout"] is True
        assert room["config"]["exp"] == 4000000000
        assert second.phones == [("Ben", "+12065550102"), ("Cleo", "+12065550103"), ("Dan", "+12065550104")]
        numbers = second.request("GET", "/v1/purchased-phone-numbers")["data"]
        assert bought in [number["number"] for number in numbers]
    with sandbox(tmp_path, "--fresh") as third:
        assert third.key != first.key
        assert third.rooms == ["demo"]
    assert (tmp_path / ".daily-sim/sandbox/state.json").stat().st_mode & 0o077 == 0


def test_an_unusable_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    folder = tmp_path / ".daily-sim/sandbox"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text('{"rooms": 1}')
    completed = subprocess.run([*COMMAND, "--sandbox"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert completed.returncode == 1
    assert "state.json" in completed.stderr
    assert "--fresh begins without it" in completed.stderr
    assert "Traceback" not in completed.stderr


def test_fresh_without_a_sandbox_is_refused() -> None:
    completed = subprocess.run([*COMMAND, "--fresh"], capture_output=True, text=True, check=False)
    assert completed.returncode == 2
    assert "--fresh goes with --sandbox" in completed.stderr


def test_a_port_in_use_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert next_free_port("127.0.0.1", port, socket.SOCK_STREAM) > port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_datagrams:
        taken_datagrams.bind(("127.0.0.1", 0))
        port = taken_datagrams.getsockname()[1]
        assert next_free_port("127.0.0.1", port, socket.SOCK_STREAM, socket.SOCK_DGRAM) > port
