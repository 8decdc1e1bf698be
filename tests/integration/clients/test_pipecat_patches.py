"""Unmodified Pipecat uses the stand-in and the address of the fake Daily, in any order of imports.

Each case runs in a separate process, since a module is imported only once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.clients.environment import program_environment

pytestmark = pytest.mark.interop("pipecat", "daily")

URL = "http://127.0.0.1:7880/v1"
REAL_URL = "https://api.daily.co/v1"

LOOK = """
import daily, json, os, sys

def look():
    import pipecat.transports.daily.transport as transport
    from pipecat.transports.daily.utils import DailyRESTHelper

    helper = DailyRESTHelper(daily_api_key="", aiohttp_session=None)
    return {
        "CallClient": sys.modules[transport.CallClient.__init__.__module__].__name__
        if hasattr(transport.CallClient.__init__, "__module__") else "native",
        "api_url": transport.DailyParams().api_url,
        "helper": helper.daily_api_url,
        "variables": [os.environ.get(name) for name in ("DAILY_API_URL", "DAILY_API_KEY", "DAILY_ROOM_URL")],
    }
"""


def python(source: str, folder: Path, environment: dict[str, str] | None = None) -> Any:
    """Run a program; return its last line, parsed as JSON. It is a file because python-dotenv searches next to it."""
    program = folder / "program.py"
    program.write_text(source)
    result = subprocess.run(
        [sys.executable, "-W", "ignore", program],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=folder,
        env=environment or dict(os.environ),
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


IN_PLACE = f"""
from fake_daily_server.clients import daily_python
in_place = daily_python.in_place(api_url={URL!r}, api_key="key")
"""
NOT_INSTALLED = """
class NotInstalled:
    def find_spec(self, name, path, target=None):
        if name == "daily":
            raise ModuleNotFoundError("No module named 'daily'", name="daily")

sys.meta_path.insert(0, NotInstalled())
"""


def check_stand_in(found: dict[str, Any]) -> None:
    assert found["CallClient"].startswith("fake_daily_server.clients.python.daily")
    assert (found["api_url"], found["helper"]) == (URL, URL)
    assert found["variables"] == [URL, "key", None]


def test_pipecat_was_imported_before_with_daily_python(tmp_path: Path) -> None:
    before, during, subclass, after, subclass_after = python(
        f"""{LOOK}{IN_PLACE}
before = look()
from pipecat.transports.daily.transport import DailyParams
class Params(DailyParams):
    more: int = 1
with in_place:
    during, subclass = look(), Params().api_url
print(json.dumps([before, during, subclass, look(), Params().api_url]))""",
        tmp_path,
    )
    assert before["CallClient"] == "native"
    check_stand_in(during)
    assert (subclass, subclass_after) == (URL, REAL_URL)
    assert after == before


def test_pipecat_is_imported_inside_and_daily_python_returns_afterwards(tmp_path: Path) -> None:
    during, after, real = python(
        f"""{LOOK.replace("import daily, ", "import ")}{IN_PLACE}
with in_place:
    during = look()
import daily
print(json.dumps([during, look(), daily.__file__]))""",
        tmp_path,
    )
    check_stand_in(during)
    assert (after["api_url"], after["helper"]) == (REAL_URL, REAL_URL)
    assert "site-packages" in real


def test_pipecat_is_imported_inside_without_daily_python_installed(tmp_path: Path) -> None:
    source = (
        f"{LOOK.replace('import daily, ', 'import ')}{NOT_INSTALLED}{IN_PLACE}with in_place: print(json.dumps(look()))"
    )
    check_stand_in(python(source, tmp_path))


DOTENV = f"DAILY_API_URL={REAL_URL}\nDAILY_API_KEY=real key\nDAILY_ROOM_URL=https://acme.daily.co/real\nMINE=mine\n"
LOAD = "from dotenv import load_dotenv\nload_dotenv(override=True)\n"
TRANSPORT = "from pipecat.transports.daily.transport import DailyParams, DailyTransport\n"


@pytest.mark.parametrize(
    "imports",
    [
        pytest.param(f"{TRANSPORT}{LOAD}", id="env file after the imports"),
        pytest.param(f"{LOAD}{TRANSPORT}", id="env file before the imports"),
        pytest.param(f"import daily\n{TRANSPORT}{LOAD}", id="daily first"),
        pytest.param(f"{LOAD}import pipecat.runner.run\n{TRANSPORT}{LOAD}", id="with Pipecat's runner"),
    ],
)
def test_program_environment_wins_over_the_env_file(tmp_path: Path, imports: str) -> None:
    (tmp_path / ".env").write_text(DOTENV)
    environment = program_environment(api_url=URL, api_key="key", base={**os.environ, "MINE": "theirs"})
    found, mine = python(
        f"{imports}{LOOK}print(json.dumps([look() | {{'params': DailyParams().api_url}}, os.environ['MINE']]))",
        tmp_path,
        environment,
    )
    assert found["CallClient"].startswith("daily.")
    assert (found["params"], found["api_url"], found["helper"]) == (URL, URL, URL)
    assert found["variables"] == [URL, "key", None]
    assert mine == "mine"


def test_an_address_that_a_bot_passes_is_kept(tmp_path: Path) -> None:
    source = """import json
from pipecat.transports.daily.transport import DailyParams
class Own(DailyParams):
    api_url: str = "http://127.0.0.1:1/v1"
print(json.dumps([DailyParams(api_url="http://127.0.0.1:2/v1").api_url, Own().api_url, DailyParams().api_url]))"""
    found = python(source, tmp_path, program_environment(api_url=URL, api_key="key"))
    assert found == ["http://127.0.0.1:2/v1", "http://127.0.0.1:1/v1", URL]


def test_a_test_module_can_import_a_pipecat_bot_at_its_top(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        bot="""
        import os
        from pipecat.transports.daily.transport import DailyParams, DailyTransport

        PARAMS = DailyParams(api_key=os.getenv("DAILY_API_KEY"))
        """
    )
    pytester.makepyfile(
        """
        import bot

        def test_it(sync_fake_daily):
            assert bot.PARAMS.api_url == sync_fake_daily.api_url
            assert bot.PARAMS.api_key == sync_fake_daily.api_key
        """
    )
    pytester.runpytest_subprocess("-W", "ignore", "-o", "daily_python=stand-in").assert_outcomes(passed=1)


def test_a_bot_with_classes_of_daily_python_joins_through_the_stand_in(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio

        import daily
        from pipecat.pipeline.pipeline import Pipeline
        from pipecat.pipeline.worker import PipelineWorker
        from pipecat.transports.daily.transport import DailyParams, DailyTransport
        from pipecat.workers.runner import WorkerRunner

        REAL = [daily.EventHandler]  # a module-level name would be replaced

        async def test_it(daily_python, fake_daily, daily_room, daily_client):
            assert daily.EventHandler is daily_python.EventHandler
            params = DailyParams(audio_in_enabled=True)
            transport = DailyTransport(daily_room.url, daily_room.owner_token, "Bot", params)
            assert isinstance(transport._client, REAL[0])
            worker = PipelineWorker(Pipeline([transport.input(), transport.output()]))

            @transport.event_handler("on_app_message")
            async def on_app_message(transport, message, sender):
                await worker.cancel()

            runner = WorkerRunner(handle_sigint=False)
            await runner.add_workers(worker)
            running = asyncio.create_task(runner.run())
            joined = await daily_client.wait_for("participant-joined", where={"participant.user_name": "Bot"})
            await daily_client.send_app_message("the end")
            await daily_client.wait_for(
                "participant-left", where={"participant.session_id": joined["participant"]["session_id"]}
            )
            await asyncio.wait_for(running, 5)
        """
    )
    options = ("-W", "error", "-W", "ignore::DeprecationWarning", "-o", "asyncio_mode=auto")
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=1)
