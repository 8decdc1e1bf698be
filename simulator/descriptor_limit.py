"""File descriptors, of which a server with calls needs some hundred."""

from __future__ import annotations

import resource
from pathlib import Path

from simulator.errors import ConfigurationError

FEWEST = 256
"""Two sockets for each side of a call's RTP and RTCP, and some for the server and each worker."""
FEWEST_FREE = 80
"""A server with a phone and two calls opens 30 in its own process, and more with each client and worker."""
_WANTED = 1024
"""Not more: PJSIP uses select(2)."""
_OPEN_FILES = ("/proc/self/fd", "/dev/fd")
"""Folders with an entry for each open file of this process: on Linux, and elsewhere."""


def ensure_descriptors() -> None:
    """Raise the limit of this process to 1,024 open files.

    ConfigurationError when even 256 are not allowed, or when so many are open that calls could not be made.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = soft
    if soft != resource.RLIM_INFINITY and soft < _WANTED:
        allowed = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
        if allowed < FEWEST:
            raise ConfigurationError("ulimit -n", allowed, f"at least {FEWEST} open files, better {_WANTED}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    opened = _count_open_files()
    if allowed != resource.RLIM_INFINITY and opened + FEWEST_FREE > allowed:
        enough = f"at least {opened + FEWEST_FREE}: this process has {opened} open files, and needs {FEWEST_FREE} more"
        raise ConfigurationError("ulimit -n", allowed, enough)


def _count_open_files() -> int:
    folder = next((folder for folder in map(Path, _OPEN_FILES) if folder.is_dir()), None)
    return 0 if folder is None else sum(1 for _ in folder.iterdir()) - 1  # without the one that lists the folder
