"""A bot that tells with which arguments the runner starts it. A program: Pipecat's runner calls `bot`."""

from __future__ import annotations

import json
import sys
from typing import Any


async def bot(runner_args: Any) -> None:
    """Write the arguments as one line of JSON."""
    said = {name: getattr(runner_args, name, None) for name in ("session_id", "room_url", "token", "body")}
    sys.stdout.write(f"bot {json.dumps(said)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    from pipecat.runner.run import main

    main()
