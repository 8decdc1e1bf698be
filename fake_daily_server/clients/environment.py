"""Environment variables that point a program at a fake Daily."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from simulator.errors import ConfigurationError

Pacing = Literal["real-time", "fast"]
"""Whether audio writes of Python clients last as long as the audio or complete at once; the room's audio is equal."""

MODULE_FOLDER = Path(__file__).parent / "python"
"""The folder to put first on PYTHONPATH, so that `import daily` finds the stand-in."""

PACING = "DAILY_SIM_PACING"
PROTECTED_VALUES = "DAILY_SIM_ENVIRONMENT"
"""A JSON object: the values that Daily's variables keep in a Python program, whatever its `.env` file says."""


def daily_variables(
    *,
    api_url: str,
    api_key: str,
    room_url: str | None = None,
    room_token: str | None = None,
    pacing: Pacing | None = None,
) -> dict[str, str | None]:
    """Return DAILY_API_URL, DAILY_API_KEY, DAILY_CALL_MACHINE_URL, DAILY_ROOM_URL, DAILY_ROOM_TOKEN; None means unset.

    Without a room, the room variables are unset: existing ones would refer to the real Daily.
    DAILY_SIM_PACING is included if `pacing` is given. Raises ConfigurationError for an unknown pacing.
    """
    variables: dict[str, str | None] = {
        "DAILY_API_URL": api_url,
        "DAILY_API_KEY": api_key,
        "DAILY_CALL_MACHINE_URL": call_machine_url(api_url),
        "DAILY_ROOM_URL": room_url,
        "DAILY_ROOM_TOKEN": room_token,
    }
    if pacing is not None:
        if pacing not in get_args(Pacing):
            raise ConfigurationError("pacing", pacing, " or ".join(get_args(Pacing)))
        variables[PACING] = pacing
    return variables


def call_machine_url(api_url: str) -> str:
    """Return the URL for daily-js's option `dailyConfig.bundlePathOverride`."""
    return f"{api_url.removesuffix('/v1')}/static"


def program_environment(
    *,
    api_url: str,
    api_key: str,
    room_url: str | None = None,
    room_token: str | None = None,
    pacing: Pacing | None = None,
    base: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the complete environment for a program that runs as another process: `subprocess.run(…, env=…)`.

    In a Python program, `import daily` finds the stand-in for daily-python, Pipecat's default is `api_url`, and `.env`
    files do not change the address. All other variables of `base` are kept.
    """
    variables = daily_variables(
        api_url=api_url, api_key=api_key, room_url=room_url, room_token=room_token, pacing=pacing
    )
    path = os.pathsep.join(part for part in (str(MODULE_FOLDER), base.get("PYTHONPATH", "")) if part)
    environment = {**base, **variables, "PYTHONPATH": path, PROTECTED_VALUES: json.dumps(variables)}
    return {name: value for name, value in environment.items() if value is not None}


def with_own_variables(environment: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return an environment of `program_environment` with the variables that a test sets itself.

    They precede the others, also Daily's. The stand-in stays first on PYTHONPATH.
    """
    combined = {**environment, **own}
    if PROTECTED_VALUES in environment:
        kept = json.loads(environment[PROTECTED_VALUES])
        combined[PROTECTED_VALUES] = json.dumps({name: own.get(name, value) for name, value in kept.items()})
    if "PYTHONPATH" in own:
        combined["PYTHONPATH"] = os.pathsep.join((str(MODULE_FOLDER), own["PYTHONPATH"]))
    return combined
