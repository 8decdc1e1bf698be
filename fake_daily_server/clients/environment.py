"""The environment variables that lead a program to a fake Daily."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from simulator.errors import ConfigurationError

Pacing = Literal["real-time", "fast"]
"""Whether writes of sound by Python clients take as long as it plays, or complete at once; the room hears the same."""

MODULE_FOLDER = Path(__file__).parent / "python"
"""What goes first on the path of a Python in which `import daily` shall find the stand-in."""

PACING = "DAILY_SIM_PACING"


def addresses(
    *,
    api_url: str,
    api_key: str,
    room_url: str | None = None,
    room_token: str | None = None,
    pacing: Pacing | None = None,
) -> dict[str, str | None]:
    """DAILY_API_URL, DAILY_API_KEY, DAILY_CALL_MACHINE_URL, DAILY_ROOM_URL and DAILY_ROOM_TOKEN; None means unset.

    A room of the surroundings never stays, since it is one of the real Daily. DAILY_SIM_PACING is there only when it
    is chosen. Raises ConfigurationError for a pacing that does not exist.
    """
    chosen: dict[str, str | None] = {
        "DAILY_API_URL": api_url,
        "DAILY_API_KEY": api_key,
        "DAILY_CALL_MACHINE_URL": call_machine_url(api_url),
        "DAILY_ROOM_URL": room_url,
        "DAILY_ROOM_TOKEN": room_token,
    }
    if pacing is not None:
        if pacing not in get_args(Pacing):
            raise ConfigurationError("pacing", pacing, " or ".join(get_args(Pacing)))
        chosen[PACING] = pacing
    return chosen


def call_machine_url(api_url: str) -> str:
    """For daily-js: the folder that `dailyConfig.bundlePathOverride` takes."""
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
    """The whole environment of a program in a process of its own, for `subprocess.run(…, env=…)`.

    A Python started with it imports the stand-in for daily-python, has `api_url` as Pipecat's default, and loads no
    other addresses from a `.env` file. What else is in `base` stays.
    """
    chosen = addresses(api_url=api_url, api_key=api_key, room_url=room_url, room_token=room_token, pacing=pacing)
    path = os.pathsep.join(part for part in (str(MODULE_FOLDER), base.get("PYTHONPATH", "")) if part)
    wanted = {**base, **chosen, "PYTHONPATH": path, "DAILY_SIM_ENVIRONMENT": json.dumps(chosen)}
    return {name: value for name, value in wanted.items() if value is not None}
