"""Sets up a process that finds the stand-in through PYTHONPATH: the patches last until the process ends."""

from __future__ import annotations

import atexit
import json
import os
import sys
from contextlib import ExitStack
from importlib.util import find_spec

from .dotenv import PROTECTED, environment_protected, restore_variables
from .pipecat import api_url_default

ENVIRONMENT = "DAILY_SIM_ENVIRONMENT"
"""Environment variable with a JSON object: the `PROTECTED` variables as set by the process that started this one."""


def set_up_process() -> None:
    """Make Pipecat use DAILY_API_URL, and prevent `.env` files from changing the address.

    Raises ImportError if the package `websockets` is not installed in this Python.
    """
    if find_spec("websockets") is None:
        raise ImportError(
            f"the stand-in module daily needs the package websockets, which {sys.executable} does not have; "
            f"install it: {sys.executable} -m pip install websockets"
        )
    patches = ExitStack()
    atexit.register(patches.close)
    given = os.environ.get(ENVIRONMENT)
    if given is not None:
        values = json.loads(given)
        restore_variables({name: values.get(name) for name in PROTECTED})
        patches.enter_context(environment_protected())
    url = os.environ.get("DAILY_API_URL")
    if url:
        patches.enter_context(api_url_default(url))
