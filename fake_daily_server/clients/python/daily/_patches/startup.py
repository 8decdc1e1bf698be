"""What a program needs beside the module itself when it finds the module by PYTHONPATH."""

from __future__ import annotations

import atexit
import json
import os
import sys
from contextlib import ExitStack
from importlib.util import find_spec

from .dotenv import KEPT, environment_kept, put_back
from .pipecat import api_url_default

ENVIRONMENT = "DAILY_SIM_ENVIRONMENT"
"""JSON of what `KEPT` variables shall be, from whoever started this program; a `.env` file does not change it."""


def arrange() -> None:
    """Point Pipecat at DAILY_API_URL, and let no `.env` file point it elsewhere, until the process ends.

    Raises ImportError when this Python lacks the one package that the module needs.
    """
    if find_spec("websockets") is None:
        raise ImportError(
            f"the stand-in module daily needs the package websockets, which {sys.executable} does not have: "
            f"{sys.executable} -m pip install websockets"
        )
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    told = os.environ.get(ENVIRONMENT)
    if told is not None:
        wanted = json.loads(told)
        put_back({name: wanted.get(name) for name in KEPT})
        until_the_end.enter_context(environment_kept())
    url = os.environ.get("DAILY_API_URL")
    if url:
        until_the_end.enter_context(api_url_default(url))
