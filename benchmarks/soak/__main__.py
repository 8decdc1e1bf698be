"""`python -m benchmarks.soak`: calls with sound on a server that is never reset; fails when what it holds grows."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx

from benchmarks import machine
from benchmarks.fresh_process import ROOT, environment
from benchmarks.soak.lane import Lane
from benchmarks.soak.resources import Resources, resources
from benchmarks.soak.verdict import CHILD_GROWTH, PARENT_GROWTH, growths, judged

_SAMPLES = 24
_SETTLING_S = 1.5
"""How long there are no calls before a sample: PJSIP keeps the sockets of a call for half a second after its end."""
_RECORDS = 5000
"""The setting `timeline_records`, small enough that the timeline is full before the samples are judged."""
_COLUMNS = ("minute", "calls", "unheard", "server MB", "worker MB", "processes", "handles", "sockets", "threads")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--minutes", type=click.FloatRange(min=1), default=60.0, help="How long calls are made.")
@click.option("--lanes", type=click.IntRange(1, 16), default=4, help="How many calls there are at the same time.")
def main(minutes: float, lanes: int) -> None:
    """Make calls with sound on a server that is never reset, and fail when its memory or handles grow.

    Each lane dials in and out in turn, with a tone each way, digits, and a new room with a new participant for every
    four calls. Memory is that of the server process and of its largest worker.
    """
    described = machine.description()
    click.echo(f"{described['cpu']}, {described['cores']} cores, {described['system']}, {described['python']}")
    click.echo(f"{minutes:g} minutes, {lanes} calls at a time, load average {machine.load():.2f}")
    click.echo("".join(f"{column:>11}" for column in _COLUMNS))
    with _server() as (pid, url, key):
        samples = asyncio.run(_run(pid, url, key, minutes=minutes, lanes=lanes))
    first, last = judged(samples)[0], judged(samples)[-1]
    per_call = (last.parent.rss - first.parent.rss) / 1024 / max(1, last.calls - first.calls)
    click.echo(f"\njudged from minute {first.minutes:.1f}: server {per_call:+.2f} KB per call")
    found = growths(samples)
    for line in found:
        click.echo(f"not flat: {line}")
    if found:
        sys.exit(1)
    click.echo(
        f"nothing has grown: handles, sockets, threads and processes not at all, memory of the server ≤ "
        f"{PARENT_GROWTH:.0%}, of each worker ≤ {CHILD_GROWTH:.0%}"
    )


@contextmanager
def _server() -> Iterator[tuple[int, str, str]]:
    """A server in a process of its own: its process id, its address, and its API key."""
    command = [sys.executable, "-m", "fake_daily_server", "--port", "0", "--sip-port", "0"]
    command += ["--set", f"timeline_records={_RECORDS}"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield process.pid, ready["api_url"].removesuffix("/v1"), ready["api_key"]
        finally:
            process.terminate()


async def _run(pid: int, url: str, key: str, *, minutes: float, lanes: int) -> list[Resources]:
    """Make calls for so many minutes; returns the samples."""
    samples: list[Resources] = []
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as api:
        made = [Lane(api, f"+1206555{number:04}") for number in range(100, 100 + lanes)]
        for lane in made:
            await lane.add_phone()
        began = time.monotonic()
        for number in range(1, _SAMPLES + 1):
            until = began + 60 * minutes * number / _SAMPLES
            await asyncio.gather(*(_play(lane, until) for lane in made))
            await asyncio.sleep(_SETTLING_S)
            sample = resources(
                pid,
                minutes=(time.monotonic() - began) / 60,
                calls=sum(lane.calls for lane in made),
                unheard=sum(lane.unheard for lane in made),
            )
            samples.append(sample)
            _print(sample)
    return samples


async def _play(lane: Lane, until: float) -> None:
    """Play one round at least, and further ones until the given time."""
    while True:
        await lane.play_round()
        if time.monotonic() >= until:
            return


def _print(sample: Resources) -> None:
    memory = (f"{sample.minutes:.1f}", sample.calls, sample.unheard, f"{sample.parent_mb:.1f}")
    counts = (1 + len(sample.children), sample.handles, sample.sockets, sample.threads)
    click.echo("".join(f"{cell:>11}" for cell in (*memory, f"{sample.largest_child_mb:.1f}", *counts)))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.soak")
