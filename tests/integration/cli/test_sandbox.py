"""`--sandbox`: what it begins with, what the terminal says, and its ports."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys

import httpx

from fake_daily_server.sandbox.free_ports import next_free_port


def test_a_sandbox_says_where_it_is_and_has_a_room_and_phones() -> None:
    command = [sys.executable, "-m", "fake_daily_server", "--sandbox", "--port", "0", "--sip-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            found = re.fullmatch(r"Sandbox: (http://127\.0\.0\.1:\d+)/_sim/sandbox\n", first)
            assert found is not None, first
            url = found[1]
            text = ""
            while "Ctrl-C" not in text:
                text += process.stdout.readline()
            key = re.search(r"DAILY_API_KEY=(\w+)", text)
            assert key is not None
            rooms = httpx.get(f"{url}/v1/rooms", headers={"Authorization": f"Bearer {key[1]}"}).json()
            assert [room["name"] for room in rooms["data"]] == ["demo"]
            phones = httpx.get(f"{url}/_sim/phones").json()["phones"]
            assert [(phone["name"], phone["number"]) for phone in phones] == [
                ("Ann", "+12065550101"),
                ("Ben", "+12065550102"),
                ("Cleo", "+12065550103"),
            ]
            page = httpx.get(f"{url}/_sim/sandbox")
            assert page.headers["content-security-policy"].startswith("default-src 'none'")
            assert key[1] in page.text
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def test_a_port_in_use_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert next_free_port("127.0.0.1", port, socket.SOCK_STREAM) > port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken_datagrams:
        taken_datagrams.bind(("127.0.0.1", 0))
        port = taken_datagrams.getsockname()[1]
        assert next_free_port("127.0.0.1", port, socket.SOCK_STREAM, socket.SOCK_DGRAM) > port
