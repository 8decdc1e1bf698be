"""`python -m fake_daily_server exec`: what the program finds, and that it might as well not have been wrapped."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

SERVER = (sys.executable, "-m", "fake_daily_server")
ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def exec_(*command: str, options: tuple[str, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SERVER, "exec", *options, "--", *command],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A program under exec that has printed its first line."""
    process = subprocess.Popen(
        [*SERVER, "exec", "-q", "--", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_program_finds_a_server_and_a_room() -> None:
    program = (
        "import json, os, urllib.request as r\n"
        "def get(path): return json.load(r.urlopen(r.Request(os.environ['DAILY_API_URL'] + path,"
        " headers={'Authorization': 'Bearer ' + os.environ['DAILY_API_KEY']})))\n"
        "print(json.dumps([get('/rooms'), get('/meeting-tokens/' + os.environ['DAILY_ROOM_TOKEN']),"
        " os.environ['DAILY_ROOM_URL']]))"
    )
    result = exec_(sys.executable, "-c", program)
    assert result.returncode == 0, result.stderr
    rooms, token, room_url = json.loads(result.stdout)
    assert [room["url"] for room in rooms["data"]] == [room_url]
    assert rooms["data"][0]["config"]["enable_dialout"] is True
    assert token["room_name"] == rooms["data"][0]["name"]
    assert token["is_owner"] is True
    for said in (room_url, rooms["data"][0]["config"]["sip_uri"]["endpoint"]):
        assert said in result.stderr


def test_the_room_is_as_was_asked() -> None:
    result = exec_(
        sys.executable,
        "-c",
        "import os; print(os.environ['DAILY_ROOM_URL'].rsplit('/')[-1])",
        options=("--room", "lobby", "--properties", '{"enable_chat": true}', "-q"),
    )
    assert (result.stdout, result.stderr) == ("lobby\n", "")


def test_without_a_room_none_of_the_surroundings_stays() -> None:
    result = exec_(
        sys.executable, "-c", ENVIRONMENT, options=("--no-room",), DAILY_ROOM_URL="https://acme.daily.co/real"
    )
    found = json.loads(result.stdout)
    assert not {"DAILY_ROOM_URL", "DAILY_ROOM_TOKEN"} & set(found)
    assert found["DAILY_CALL_MACHINE_URL"] == found["DAILY_API_URL"].replace("/v1", "/static")


@pytest.mark.parametrize("python", [(), ("-P",)], ids=["usual path", "safe path"])
def test_a_python_imports_the_stand_in_and_the_rest_of_its_path_stays(python: tuple[str, ...]) -> None:
    program = "import daily, os; print(daily.__file__); print(os.environ['PYTHONPATH'].split(os.pathsep)[1])"
    result = exec_(sys.executable, *python, "-c", program, PYTHONPATH="/mine")
    found, rest = result.stdout.splitlines()
    assert Path(found).parts[-4:] == ("clients", "python", "daily", "__init__.py")
    assert rest == "/mine"


def test_a_python_without_websockets_is_told_what_to_install() -> None:
    block = "import sys; sys.modules['websockets'] = None\nimport daily"
    result = exec_(sys.executable, "-c", block)
    assert "needs the package websockets" in result.stderr
    assert f"{sys.executable} -m pip install websockets" in result.stderr


@pytest.mark.parametrize(
    ("program", "status"),
    [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 128 + signal.SIGKILL), ("kill -TERM $$", 128 + signal.SIGTERM)],
)
def test_the_exit_status_is_that_of_the_program(program: str, status: int) -> None:
    assert exec_("sh", "-c", program).returncode == status


@pytest.mark.parametrize(("command", "status"), [("nowhere-to-be-found", 127), ("/", 126)])
def test_a_program_that_cannot_be_started_is_told_in_a_line(command: str, status: int) -> None:
    result = exec_(command, options=("-q",))
    assert result.returncode == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert f"{command!r} cannot be started" in line


def test_stdin_and_stdout_are_the_programs_own() -> None:
    with started("sh", "-c", "echo ready; cat") as process:
        output, _ = process.communicate("a line\n", timeout=10)
    assert output == "a line\n"
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_the_program(number: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    with started(sys.executable, "-c", program) as process:
        process.send_signal(number)
        assert process.wait(timeout=10) == 42


def test_ctrl_c_at_the_terminal_reaches_the_program_once() -> None:
    program = (
        "import signal\n"
        "came = []\n"
        "signal.signal(signal.SIGINT, lambda *_: came.append(1))\n"
        "print('ready', flush=True)\n"
        "input()\n"
        "print('interrupted', len(came), flush=True)"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [*SERVER, "exec", "-q", "--", sys.executable, "-c", program])
    try:
        _read(terminal, until="ready")
        os.write(terminal, b"\x03")
        _read(terminal, until="^C")
        os.write(terminal, b"\n")
        assert "interrupted 1" in _read(terminal, until="interrupted 1")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        os.close(terminal)


def _read(terminal: int, *, until: str) -> str:
    text = ""
    while until not in text:
        text += os.read(terminal, 1024).decode()
    return text


def test_the_server_ends_with_the_program() -> None:
    result = exec_(sys.executable, "-c", "import os; print(os.environ['DAILY_API_URL'])")
    with pytest.raises(httpx.ConnectError):
        httpx.get(result.stdout.strip())


def test_options_of_a_fresh_server_go_before_exec(tmp_path: Path) -> None:
    capture = tmp_path / "call.pcapng"
    result = subprocess.run(
        [*SERVER, "--api-key", "secret", "--capture", capture, "exec", "--", sys.executable, "-c", ENVIRONMENT],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert json.loads(result.stdout)["DAILY_API_KEY"] == "secret"
    assert capture.exists()


@contextmanager
def running() -> Iterator[dict[str, Any]]:
    process = subprocess.Popen([*SERVER, "--port", "0", "--sip-port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_server_that_runs_already_is_used_and_stays() -> None:
    with running() as ready:
        options = ("--server", ready["api_url"].removesuffix("/v1"), "--api-key", ready["api_key"], "--room", "lobby")
        for _ in range(2):
            found = json.loads(exec_(sys.executable, "-c", ENVIRONMENT, options=options).stdout)
            assert found["DAILY_API_URL"] == ready["api_url"]
            assert found["DAILY_CALL_MACHINE_URL"] == ready["call_machine_url"]
        rooms = httpx.get(f"{ready['api_url']}/rooms", headers={"Authorization": f"Bearer {ready['api_key']}"}).json()
        assert [room["name"] for room in rooms["data"]] == ["lobby"]
        wrong = exec_("true", options=(*options[:2], "--api-key", "wrong"))
        assert wrong.returncode == 1
        assert "authentication-error" in wrong.stderr


@pytest.mark.parametrize(
    ("before", "options", "says"),
    [
        ((), ("--server", "http://127.0.0.1:9", "--api-key", "key"), "no fake Daily answers at http://127.0.0.1:9/v1"),
        ((), ("--server", "127.0.0.1:9", "--api-key", "key"), "allowed: a URL"),
        ((), ("--server", "http://127.0.0.1:9"), "--server needs --api-key"),
        (("--port", "0"), ("--server", "http://127.0.0.1:9", "--api-key", "key"), "--port is for a fresh server"),
        ((), ("--properties", "{"), "is not JSON"),
        ((), ("--properties", "[]"), "is not a JSON object"),
        ((), ("--properties", '{"enable_dialout": "perhaps"}'), "enable_dialout"),
        ((), ("--pacing", "slow"), "real-time"),
        (("--domain", "not a domain"), (), "not a domain"),
        ((), ("--rom", "lobby"), "--room"),
    ],
)
def test_wrong_options_are_named(before: tuple[str, ...], options: tuple[str, ...], says: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "DAILY_API_KEY"}
    result = subprocess.run(
        [*SERVER, *before, "exec", *options, "--", "echo", "started"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=surroundings,
    )
    assert result.returncode in (1, 2)
    assert result.stdout == ""
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_help_teaches() -> None:
    shown = subprocess.run([*SERVER, "exec", "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    for word in ("python bot.py", "DAILY_ROOM_URL", "PYTHONPATH", "bundlePathOverride", ".env", "127"):
        assert word in shown


def test_the_npm_package_is_where_it_says() -> None:
    printed = subprocess.run([*SERVER, "javascript"], capture_output=True, text=True, timeout=20, check=True).stdout
    package = json.loads(Path(printed.strip(), "package.json").read_text())
    assert package["name"] == "daily-telephony-simulator"
    assert "dependencies" not in package
