"""`python -m tests.hostile.attack`: everything hostile in its long form, on a machine without a network.

The machine is a network namespace whose only cable ends in a sink: a packet that arrives there fails the run. The
tests run once at 127.0.0.1, and those of `tests/hostile` again with a server at the machine's own address.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass

import click

from tests.interop.namespaces.isolated_machine import ADDRESS, IsolatedMachine
from tests.peers import why_missing

_LOOPBACK = "127.0.0.1"
_FUZZ_EXAMPLES = 200
_POLL_S = 0.5
_HOSTILE = "tests/hostile"
_ELSEWHERE = (
    "tests/interop/test_front_door_hostile.py",
    "tests/interop/test_front_door_load.py",
    "tests/integration/network/test_full_disk.py",
    "tests/integration/useragent/test_strange_targets.py",
    "tests/server/rest/test_host_names.py",
    "tests/server/rest/test_call_machine_and_cors.py",
    "tests/server/rest/test_openapi.py",
    "tests/server/signalling/test_slow_reader.py",
    "tests/unit/front_door/test_hostile.py",
)
"""Hostile tests that belong to what they test."""
_WITH_OWN_NAMESPACES = "tests/interop/namespaces"


@dataclass(frozen=True)
class Stage:
    """One run of pytest; `isolated` when it has no namespaces of its own."""

    name: str
    tests: tuple[str, ...]
    host: str = _LOOPBACK
    isolated: bool = True


STAGES = (
    Stage("peers that name other machines", (_WITH_OWN_NAMESPACES,), isolated=False),
    Stage(f"server at {ADDRESS}", (_HOSTILE,), ADDRESS),
    Stage(f"server at {_LOOPBACK}", (_HOSTILE, *_ELSEWHERE)),
)


@dataclass(frozen=True)
class Outcome:
    """How a stage ended, and what had left the machine."""

    stage: Stage
    exit_code: int
    packets: tuple[str, ...]
    minutes: float

    @property
    def held(self) -> bool:
        return self.exit_code == 0 and not self.packets


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seed", type=int, help="The random seed of an earlier run, to repeat it.")
def main(seed: int | None) -> None:
    """Attack the server for about 20 minutes, and see that nothing dies and nothing leaves the machine."""
    if missing := why_missing("ip"):
        raise click.ClickException(
            f"{missing}\nThe attack runs in network namespaces, so that nothing can leave the machine. It needs Linux, "
            "`ip`, and root with CAP_SYS_ADMIN and CAP_NET_ADMIN (a container needs --privileged)."
        )
    chosen = random.SystemRandom().randrange(10**6) if seed is None else seed
    click.echo(f"random seed {chosen}; --seed {chosen} repeats this run")
    outcomes = [_run(stage, chosen) for stage in STAGES]
    click.echo(f"\nrandom seed {chosen}")
    for outcome in outcomes:
        click.echo(_summary(outcome))
    if not all(outcome.held for outcome in outcomes):
        sys.exit(1)
    click.echo("nothing died, and nothing left the machine")


def _run(stage: Stage, seed: int) -> Outcome:
    """Run the tests of a stage, and report at once what arrives at the sink."""
    click.echo(f"\n== {stage.name}: {' '.join(stage.tests)}")
    began = time.monotonic()
    environment = {
        **os.environ,
        "DAILY_SIM_ATTACK": "long",
        "DAILY_SIM_ATTACK_HOST": stage.host,
        "DAILY_SIM_ATTACK_SEED": str(seed),
        "DAILY_SIM_FUZZ_EXAMPLES": str(_FUZZ_EXAMPLES),
    }
    command = [sys.executable, "-m", "pytest", "-v", "-s", "--tb=short", *stage.tests]
    packets: list[str] = []
    if stage.isolated:
        with IsolatedMachine() as machine:
            with subprocess.Popen(machine.command(*command), env=environment) as tests:
                while tests.poll() is None:
                    packets += _seen(machine)
                    time.sleep(_POLL_S)
            packets += _seen(machine)
            code = tests.returncode
    else:
        code = subprocess.run(command, env=environment, check=False).returncode
    return Outcome(stage, code, tuple(packets), (time.monotonic() - began) / 60)


def _seen(machine: IsolatedMachine) -> list[str]:
    """What has left the machine since the last call."""
    packets = machine.take_packets()
    for packet in packets:
        click.echo(f"LEFT THE MACHINE: {packet}", err=True)
    return packets


def _summary(outcome: Outcome) -> str:
    tests = "all tests passed" if outcome.exit_code == 0 else f"pytest ended with {outcome.exit_code}"
    left = f"{len(outcome.packets)} packets left, first {outcome.packets[0]}" if outcome.packets else "nothing left"
    verdict = "held" if outcome.held else "DID NOT HOLD"
    return f"{verdict}  {outcome.stage.name}: {tests}, {left}, {outcome.minutes:.1f} min"


if __name__ == "__main__":
    main(prog_name="python -m tests.hostile.attack")
