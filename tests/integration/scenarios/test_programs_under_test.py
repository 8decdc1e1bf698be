"""Stories with a program under test: it is started, watched, expected to do things, and ended."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.integration.scenarios.command import Completed, command, start

BOT = """\
import os, sys, threading
import daily

class Handler(daily.EventHandler):
    def __init__(self):
        super().__init__()
        self.came = {name: threading.Event() for name in ("answered", "ended")}

    def on_dialout_answered(self, data):
        print("answered", flush=True)
        self.came["answered"].set()

    def on_dialout_error(self, data):
        self.came["ended"].set()

    def on_dialout_stopped(self, data):
        self.came["ended"].set()

daily.Daily.init()
handler = Handler()
client = daily.CallClient(event_handler=handler)
source = daily.CustomAudioSource(16000, 1)
track = daily.CustomAudioTrack(source)
joined = threading.Event()
microphone = {"isEnabled": True, "settings": {"customTrack": {"id": track.id}}}
client.join(
    os.environ["DAILY_ROOM_URL"], os.environ["DAILY_ROOM_TOKEN"],
    client_settings={"inputs": {"camera": False, "microphone": microphone}},
    completion=lambda *_: joined.set(),
)
assert joined.wait(20)
print("has joined", file=sys.stderr, flush=True)
for number in sys.argv[1:]:
    handler.came["ended"].clear()
    client.start_dialout({"phoneNumber": number})
    if number == sys.argv[-1]:
        assert handler.came["answered"].wait(20)
        from math import pi, sin
        from array import array
        source.write_frames(array("h", (int(8000 * sin(2 * pi * 440 * n / 16000)) for n in range(32000))).tobytes())
        client.send_dtmf({"sessionId": "", "tones": "5"}) if "DIGITS" in os.environ else None
    assert handler.came["ended"].wait(20)
client.leave()
client.release()
sys.exit(int(os.environ.get("STATUS", "0")))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bot.py").write_text(BOT)
    return tmp_path


def run(folder: Path, text: str, *arguments: str | Path) -> Completed:
    (folder / "mine.yaml").write_text(text)
    return command("run", folder / "mine.yaml", *arguments)


DIALS = """\
title: A bot dials twice and hums
room: {enable_dialout: true}
client:
  command: [$python, bot.py, $busy.number, $anna.number]
  env: {STATUS: "7"}
  exit_code: 7
phones:
  busy: {number: "+12065550141", calls: busy}
  anna: {number: "+12065550142"}
steps:
  - program: client
    expect: joined
  - expect: startDialOut
    where: {phoneNumber: $busy.number}
    by: client
  - expect: dialout-error
  - expect: startDialOut                # again
    where: {phoneNumber: $anna.number}
    save: {tried: phoneNumber}
  - expect: participant-joined
  - phone: anna
    expect_tone: 440
  - hears_from: client
    expect_tone: 440
  - program: client
    prints: /^answered$/
  - phone: anna
    do: hangup
  - expect: dialout-stopped
  - expect: startDialOut
    absent: true
  - program: client
    expect: left
  - program: client
    expect: ended
"""


def test_a_story_expects_what_a_program_does(folder: Path) -> None:
    completed = run(folder, DIALS)
    assert completed.code == 0, completed.out + completed.err
    for words in ("program  client ! has joined", "program  client | answered", "client ended with status 7"):
        assert words in completed.out


def test_a_failure_says_what_the_program_did_and_printed(folder: Path) -> None:
    """It dials once, and the story expects a second call."""
    completed = run(folder, DIALS.replace("$busy.number, $anna.number", "$busy.number"))
    assert completed.code == 1
    assert "mine.yaml:17: step 4" in completed.line("FAILED")
    assert completed.line("FAILED").endswith("the program requests startDialOut {phoneNumber: $anna.number}")
    assert completed.line("Nearest").startswith("Nearest   it has requested nothing since startDialOut at +")
    assert completed.line("Nearest").endswith("; it has not ended")
    assert "program  client ! has joined" in completed.out[completed.out.index("Happened") :]


@pytest.mark.parametrize(
    ("client", "place", "words"),
    [
        (
            "{command: [$python, -c, 'print(1); raise SystemExit(3)']}",
            "client, '$python' -c",
            ["Nearest   it has ended with status 3", "It ended before it was ready", "ready: started"],
        ),
        (
            "{command: [sh, -c, 'echo waits; sleep 60'], ready: {joins: true, within_ms: 200}}",
            "client, sh -c",
            ["client joins a room  within 0.2 s", "no client has joined", "waits", "needs another `ready`"],
        ),
        (
            "{command: sleep 60, ready: {listens: $client.port, within_ms: 200}}",
            "client, sleep 60",
            ["listens on port", "no connection was accepted", "a longer `within_ms`"],
        ),
        (
            "{command: [sh, -c, 'echo hi; sleep 60'], ready: {prints: /ho/, within_ms: 200}}",
            "client, sh -c",
            ["prints /ho/  within 0.2 s", "hi"],
        ),
        (
            "{command: sleep 60, ready: {http: 'http://127.0.0.1:${client.port}/x', within_ms: 200}}",
            "client, sleep 60",
            ["serves http://127.0.0.1:", "no answer"],
        ),
        ("{command: [sh, -c, 'exit 4'], ready: started}", "step 1", ["has ended with status 4"]),
        (
            "{command: sleep 60, ready: started, exit_code: 0}",
            "client, sleep 60",
            ["sleep 60 ends  within 5 s", "it has not ended"],
        ),
    ],
    ids=["ends at once", "never joins", "never listens", "never prints", "never serves", "fails", "does not end"],
)
def test_a_program_that_is_not_usable_fails_the_story_at_its_place(
    folder: Path, client: str, place: str, words: list[str]
) -> None:
    completed = run(folder, f"title: Not usable\nclient: {client}\nsteps: [{{pause_ms: 300}}]\n")
    assert completed.code == 1
    assert f"mine.yaml:{3 if place == 'step 1' else 2}: {place}" in completed.line("FAILED")
    assert [each for each in words if each not in completed.out] == []


SERVICE = """\
import http.server, json, os, sys, threading, urllib.request

class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(503 if body.get("type") == "dialout.stopped" else 200)
        self.end_headers()
        if body.get("type") == "dialout.answered":
            print(body["payload"]["session_id"], flush=True)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Service).serve_forever()
"""


def test_a_story_expects_what_a_webhook_service_answers(folder: Path) -> None:
    (folder / "service.py").write_text(SERVICE)
    completed = run(
        folder,
        """\
title: A service answers webhooks
room: {enable_dialout: true}
programs:
  app: {command: [$python, service.py], env: {PORT: $app.port}, ready: {listens: $app.port}}
phones:
  anna: {number: "+12065550142"}
steps:
  - rest: POST /webhooks
    with: {url: "http://127.0.0.1:${app.port}/daily", eventTypes: [dialout.answered, dialout.stopped]}
  - client: startDialOut
    with: {phoneNumber: $anna.number}
    save: {session: sessionId}
  - expect: dialout-answered
  - expect: {webhook: dialout.answered, where: {session_id: $session}}
    save: {told: session_id}
  - program: app
    prints: /^(?P<printed>[0-9a-f-]{36})$/
    save: {id: printed}
  - expect: dialout-answered
    where: {sessionId: $id}
    absent: true
    from_here_on: true
  - program: app
    prints: $told
  - phone: anna
    do: hangup
  - expect: {webhook: dialout.stopped, status: 503}
""",
    )
    assert completed.code == 0, completed.out + completed.err


def test_a_story_expects_what_the_server_of_a_trunk_answers(folder: Path) -> None:
    (folder / "service.py").write_text(SERVICE)
    completed = run(
        folder,
        """\
title: A service accepts a call to a trunk
client: {joins: false}
programs:
  app: {command: [$python, service.py], env: {PORT: $app.port}, ready: {listens: $app.port}}
phones:
  anna: {number: "+12065550142"}
steps:
  - rest: POST /sip-trunk
    with:
      trunk_name: support
      room_template: {}
      notification: {webhook_url: "http://127.0.0.1:${app.port}/in"}
      trunk_config: {is_open: true}
  - expect: {webhook: sip_trunk.test}
  - phone: anna
    dial: sip:+15550002@sandbox-support.siptrunk.localhost
  - expect: {webhook: sip_trunk.incoming, where: {call: {From: "+12065550142"}}}
    save: {made: room.name}
  - phone: anna
    expect: answered
  - client: join
    room: $made
  - expect: dialin-connected
  - phone: anna
    do: hangup
  - expect: dialin-stopped
""",
    )
    assert completed.code == 0, completed.out + completed.err


def test_another_program_can_be_given_on_the_command_line(folder: Path) -> None:
    text = DIALS.replace("command: [$python, bot.py, $busy.number, $anna.number]", "command: [sh, -c, 'exit 9']")
    other = f"{sys.executable} {folder / 'bot.py'} +12065550141 +12065550142"
    completed = run(folder, text, "--client", other)
    assert completed.code == 0, completed.out + completed.err


def test_programs_and_their_children_end_with_their_story_and_with_an_interrupted_run(folder: Path) -> None:
    (folder / "child.py").write_text(
        "import subprocess, sys, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        "print('child', child.pid, flush=True)\nchild.wait()\n"
    )
    text = "title: {}\nclient: {{command: [$python, child.py], ready: {{prints: child}}}}\nsteps: [{{pause_ms: {}}}]\n"
    (folder / "stories").mkdir()
    for number, pause in enumerate((1, 600_000)):
        (folder / f"{number}.yaml").write_text(text.format(number, pause))
    completed = command("run", folder / "0.yaml")
    assert completed.code == 0, completed.out
    (line,) = (line for line in completed.out.splitlines() if "| child" in line)
    assert not _runs(int(line.split()[-1]))
    with start("run", folder / "1.yaml", folder / "0.yaml", "-j", "2") as process:
        assert process.stdout is not None
        found = _await_children(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    _, alive = psutil.wait_procs(found, timeout=5)
    assert [each for each in alive if _runs(each.pid)] == []


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended may be waited for by nobody, and still exist."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _await_children(pid: int) -> list[psutil.Process]:
    """Wait until the long program and its child run; return all processes below `pid`."""
    while True:
        found = psutil.Process(pid).children(recursive=True)
        if any("time.sleep(3600)" in " ".join(each.cmdline()) for each in found if each.is_running()):
            return found
