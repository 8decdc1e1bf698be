"""A bot that prints the arguments with which Pipecat's runner calls it. Can be run as a program."""

from __future__ import annotations

import json
import sys
from typing import Any


async def bot(runner_args: Any) -> None:
    """Print the arguments as one line of JSON."""
    arguments = {name: getattr(runner_args, name, None) for name in ("session_id", "room_url", "token", "body")}
    sys.stdout.write(f"bot {json.dumps(arguments)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    from pipecat.runner.run import main

    main()
