"""`python -m fake_daily_server exec`: the environment of the program, its terminal, signals and exit status."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from fake_daily_server.clients.npm_package import JAVASCRIPT_PACKAGE
from fake_daily_server.server import FakeDaily

SERVER = (sys.executable, "-m", "fake_daily_server")
IN_A_TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
"""A program with one thread, so that it may fork."""

ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture
def running(fake_daily: FakeDaily) -> tuple[str, ...]:
    """Options that name the server of this test session, which is faster than a new server."""
    return ("-q", "--server", fake_daily.url, "--api-key", fake_daily.api_key)


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
def started(*command: str, options: tuple[str, ...]) -> Iterator[subprocess.Popen[str]]:
    """Run a program under exec; it has printed its first line."""
    not_ignored = ("env", "--default-signal=HUP")  # tests that run under nohup have inherited that SIGHUP is ignored
    process = subprocess.Popen(
        [*not_ignored, *SERVER, "exec", *options, "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
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
    for address in (room_url, rooms["data"][0]["config"]["sip_uri"]["endpoint"]):
        assert address in result.stderr


def test_the_room_has_the_given_name_and_properties(running: tuple[str, ...], fake_daily: FakeDaily) -> None:
    options = (*running, "--room", "lobby", "--properties", '{"enable_chat": true}')
    result = exec_("sh", "-c", "echo $DAILY_ROOM_URL", options=options)
    assert (result.stdout, result.stderr) == (f"{fake_daily.url}/lobby\n", "")
    assert fake_daily.rooms.get("lobby").as_dict()["config"] == {"enable_chat": True}


def test_without_a_room_no_room_variable_is_inherited(running: tuple[str, ...]) -> None:
    real = "https://acme.daily.co/real"
    result = exec_(sys.executable, "-c", ENVIRONMENT, options=(*running, "--no-room"), DAILY_ROOM_URL=real)
    found = json.loads(result.stdout)
    assert not {"DAILY_ROOM_URL", "DAILY_ROOM_TOKEN"} & set(found)
    assert found["DAILY_CALL_MACHINE_URL"] == found["DAILY_API_URL"].replace("/v1", "/static")


@pytest.mark.parametrize("options", [(), ("--no-room",)], ids=["a room", "no room"])
def test_the_program_is_not_run_if_the_server_is_no_fake_daily(options: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        unused = f"http://127.0.0.1:{taken.getsockname()[1]}"
    result = exec_("echo", "ran", options=("--server", unused, "--api-key", "KEY", *options))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"no fake Daily answers at {unused}/v1" in result.stderr


@pytest.mark.parametrize("python", [(), ("-P",)], ids=["usual path", "safe path"])
def test_python_imports_the_stand_in_and_keeps_its_pythonpath(
    running: tuple[str, ...], python: tuple[str, ...]
) -> None:
    program = "import daily, os; print(daily.__file__); print(os.environ['PYTHONPATH'].split(os.pathsep)[1])"
    result = exec_(sys.executable, *python, "-c", program, options=running, PYTHONPATH="/mine")
    found, rest = result.stdout.splitlines()
    assert Path(found).parts[-4:] == ("clients", "python", "daily", "__init__.py")
    assert rest == "/mine"


def test_python_without_websockets_fails_with_advice(running: tuple[str, ...]) -> None:
    block = "import sys; sys.modules['websockets'] = None\nimport daily"
    result = exec_(sys.executable, "-c", block, options=running)
    assert "needs the package websockets" in result.stderr
    assert f"{sys.executable} -m pip install websockets" in result.stderr


@pytest.mark.parametrize(
    ("program", "status"),
    [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 128 + signal.SIGKILL), ("kill -TERM $$", 128 + signal.SIGTERM)],
)
def test_the_exit_status_is_that_of_the_program(running: tuple[str, ...], program: str, status: int) -> None:
    assert exec_("sh", "-c", program, options=running).returncode == status


@pytest.mark.parametrize(("command", "status"), [("nowhere-to-be-found", 127), ("/", 126)])
def test_a_program_that_cannot_be_started_is_reported_in_one_line(
    running: tuple[str, ...], command: str, status: int
) -> None:
    result = exec_(command, options=running)
    assert result.returncode == status
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert f"{command!r} cannot be started" in line


def test_stdin_and_stdout_are_those_of_the_program(running: tuple[str, ...]) -> None:
    with started("sh", "-c", "echo ready; cat", options=running) as process:
        output, _ = process.communicate("a line\n", timeout=10)
    assert output == "a line\n"
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_forwarded_to_the_program(running: tuple[str, ...], number: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "while True: signal.pause()"
    )
    with started(sys.executable, "-c", program, options=running) as process:
        process.send_signal(number)
        assert process.wait(timeout=10) == 42


COUNTS_INTERRUPTS = """
import os, signal, sys
arrived, arriving = os.pipe()
os.set_blocking(arriving, False)
signal.set_wakeup_fd(arriving)
signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.read(arrived, 100).count(signal.SIGINT)))
print("ready", flush=True)
while True:
    signal.pause()
"""
"""Exits with the number of SIGINTs that arrived before SIGTERM."""


def test_ctrl_c_at_the_terminal_reaches_the_program_once(running: tuple[str, ...]) -> None:
    program = (*SERVER, "exec", *running, "--", sys.executable, "-c", COUNTS_INTERRUPTS)
    command = [sys.executable, "-c", IN_A_TERMINAL, *program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as terminal:
        try:
            type_and_read(terminal, b"", until="ready")
            (wrapper,) = psutil.Process(terminal.pid).children()
            wrapper.suspend()  # otherwise a second SIGINT could be merged with the first
            type_and_read(terminal, b"\x03", until="interrupted")
            wrapper.resume()
            wrapper.terminate()
            assert terminal.wait(timeout=10) == 1
        finally:
            terminal.kill()


def type_and_read(terminal: subprocess.Popen[bytes], keys: bytes, *, until: str) -> None:
    """Type these keys and read the terminal's output until it contains `until`."""
    assert terminal.stdin is not None
    assert terminal.stdout is not None
    terminal.stdin.write(keys)
    text = ""
    while until not in text:
        read = terminal.stdout.read(1024)
        assert read, f"the terminal closed after {text!r}"
        text += read.decode()


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


def test_a_running_server_is_used_and_left_running(fake_daily: FakeDaily) -> None:
    options = ("--server", fake_daily.api_url, "--api-key", fake_daily.api_key, "--room", "lobby")
    for _ in range(2):
        found = json.loads(exec_(sys.executable, "-c", ENVIRONMENT, options=options).stdout)
        assert found["DAILY_API_URL"] == fake_daily.api_url
        assert found["DAILY_ROOM_URL"] == f"{fake_daily.url}/lobby"
    refused = exec_("true", options=(*options[:2], "--api-key", "wrong"))
    assert refused.returncode == 1
    assert "authentication-error" in refused.stderr


def test_the_first_line_of_a_server_names_the_call_machine_url() -> None:
    process = subprocess.Popen([*SERVER, "--port", "0", "--sip-port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        bundle = httpx.get(f"{ready['call_machine_url']}/call-machine-object-bundle.js")
        assert bundle.status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)


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
def test_invalid_options_are_refused_by_name(before: tuple[str, ...], options: tuple[str, ...], says: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DAILY_API_KEY"}
    result = subprocess.run(
        [*SERVER, *before, "exec", *options, "--", "echo", "started"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment,
    )
    assert result.returncode in (1, 2)
    assert result.stdout == ""
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_help_explains_the_environment() -> None:
    shown = subprocess.run([*SERVER, "exec", "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    for word in ("python bot.py", "DAILY_ROOM_URL", "PYTHONPATH", "bundlePathOverride", ".env", "127"):
        assert word in shown


def test_the_javascript_command_prints_the_folder_of_the_npm_package() -> None:
    printed = subprocess.run([*SERVER, "javascript"], capture_output=True, text=True, timeout=20, check=True).stdout
    package = json.loads(Path(printed.strip(), "package.json").read_text())
    assert package["name"] == "daily-telephony-simulator"
    assert "dependencies" not in package


@pytest.mark.interop("npm")
def test_the_npm_package_can_be_committed_as_a_tarball(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    packed = [
        subprocess.run(
            [*SERVER, "javascript", "--pack"], capture_output=True, text=True, timeout=20, check=True, cwd=tmp_path
        ).stdout.strip()
        for _ in range(2)
    ]
    install = ["npm", "install", "--silent", "--offline", "--save-dev", packed[0]]
    subprocess.run(install, check=True, timeout=60, cwd=tmp_path, capture_output=True)
    named = json.loads((tmp_path / "package.json").read_text())["devDependencies"]["daily-telephony-simulator"]
    assert packed == [f"./{named.removeprefix('file:')}"] * 2  # no folder of this machine, and equal bytes: see npm ci
    subprocess.run(["npm", "ci", "--silent", "--offline"], check=True, timeout=60, cwd=tmp_path, capture_output=True)
    installed = tmp_path / "node_modules" / "daily-telephony-simulator"
    assert not installed.is_symlink()
    wanted = {
        file.relative_to(JAVASCRIPT_PACKAGE)
        for file in JAVASCRIPT_PACKAGE.rglob("*")
        if file.is_file() and "node_modules" not in file.parts
    }
    assert {file.relative_to(installed) for file in installed.rglob("*") if file.is_file()} == wanted
