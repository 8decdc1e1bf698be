"""Locust's own command with two worker processes: its summed statistics are what the servers counted."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fake_daily_server.load.agreement import of_locust
from fake_daily_server.load.server_counts import ANSWERED, HEARD, PRESSED, counted
from fake_daily_server.server import FakeDaily
from tests.docs.pages import ROOT

pytestmark = pytest.mark.interop("locust")

LOCUSTFILES = Path(__file__).parent / "locustfiles"
STATISTICS = ("--json-file", "statistics")
"""With this option Locust prints no tables."""
EXAMPLE = ROOT / "examples" / "load" / "locustfile.py"


class Entry:
    """A row of Locust's statistics, from its JSON file."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.method, self.name = row["method"], row["name"]
        self.num_requests, self.num_failures = row["num_requests"], row["num_failures"]
        self.total_content_length = row["total_content_length"]


def locust(locustfile: Path, folder: Path, *options: str, **environment: object) -> tuple[int, str]:
    """Run Locust without its page, its master at a port of its own; return its exit status and all that it printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--only-summary"),
            *("--stop-timeout", "30", *options),
            *("--master-bind-host", "127.0.0.1", f"--master-bind-port={port}", f"--master-port={port}"),
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **{name: str(value) for name, value in environment.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


def rows_of(folder: Path) -> list[Entry]:
    """The statistics that Locust has left."""
    return [Entry(row) for row in json.loads((folder / "statistics.json").read_text())]


def comparison(said: str) -> set[str]:
    """The lines that compare Locust's statistics with the servers' counts, without those that are equal."""
    lines = said.partition("what the servers counted:\n")[2].splitlines()
    end = next(index for index, line in enumerate([*lines, "["]) if line.startswith("["))
    assert end > 0, said
    return {line for line in lines[:end] if not line.endswith(", equal")}


def test_the_summed_statistics_of_two_workers_are_what_their_servers_counted(tmp_path: Path) -> None:
    status, said = locust(LOCUSTFILES / "calls.py", tmp_path, *STATISTICS, "--processes", "2", CALLS=200, USERS=8)
    assert status == 0, said
    rows = rows_of(tmp_path)
    sums = of_locust(rows)
    dial_ins, dial_outs = sums["dialin-connected"], sums["dialout-connected"]
    assert dial_ins + dial_outs == sums[ANSWERED] >= 200
    assert sums["dialin-stopped"] == dial_ins
    assert sums["dialout-answered"] == sums["dialout-stopped"] == dial_outs
    assert sums["dtmf-event"] == sums[PRESSED] == 2 * dial_ins
    assert comparison(said) == {
        f"{HEARD}: 0 in Locust's statistics, {2 * dial_ins} counted by the servers",
        "dialin-ready: 0 in Locust's statistics, 8 counted by the servers",
        f"dialout-warning: 0 in Locust's statistics, {dial_outs} counted by the servers",
    }
    assert sum(row.num_failures for row in rows) == 0


def test_the_example_runs_in_one_process(tmp_path: Path) -> None:
    status, said = locust(EXAMPLE, tmp_path, *STATISTICS, "-u", "2", "-r", "2", "-t", "8s")
    assert status == 0, said
    sums = of_locust(rows_of(tmp_path))
    assert sums["dialin-stopped"] == sums["dialin-connected"] > 0
    assert {ANSWERED, PRESSED, "dialin-stopped"}.isdisjoint(line.partition(":")[0] for line in comparison(said))


async def test_rooms_of_another_server_are_called_by_the_phones_beside_the_worker(
    fake_daily: FakeDaily, tmp_path: Path
) -> None:
    server = fake_daily.api_url.removesuffix("/v1")
    status, said = await asyncio.to_thread(
        locust, EXAMPLE, tmp_path, *STATISTICS, "-u", "2", "-t", "8s", "-H", server, DAILY_API_KEY=fake_daily.api_key
    )
    assert status == 0, said
    sums = of_locust(rows_of(tmp_path))
    events = counted(record.as_dict() for record in fake_daily.timeline.records())
    assert events["dialin-stopped"] == sums["dialin-stopped"] > 0
    assert events["dialin-connected"] + events["dialout-connected"] == sums[ANSWERED]


def test_a_failed_wait_is_a_failure_with_the_server_s_explanation_and_leaves_no_call(tmp_path: Path) -> None:
    status, said = locust(LOCUSTFILES / "hears_nothing.py", tmp_path, "-u", "1", "-t", "5s")
    assert status == 1
    assert "Expected  phone-1 hears 440 Hz  within 0.3 s | Nearest   it heard silence" in said
    assert "Traceback" not in said
    assert set(re.findall(r"^calls: .*", said, flags=re.MULTILINE)) == {"calls: {'ended'}"}


def test_a_server_that_does_not_start_ends_locust_with_what_it_printed(tmp_path: Path) -> None:
    status, said = locust(EXAMPLE, tmp_path, "-u", "1", "-t", "60s", "--sim-set", "ring_timeot=5")
    assert status == 1
    assert "the server did not start" in said
    assert "ring_timeot" in said.rpartition("the server did not start")[2].partition("\n")[2]
