"""File descriptors, of which a server with calls needs some hundred."""

from __future__ import annotations

import resource

from simulator.errors import ConfigurationError

FEWEST = 256
"""Two sockets for each side of a call's RTP and RTCP, and some for the server and each worker."""
_WANTED = 1024
"""Not more: PJSIP uses select(2)."""


def ensure_descriptors() -> None:
    """Raise the limit of this process to 1,024 open files. ConfigurationError when even 256 are not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED:
        return
    allowed = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if allowed < FEWEST:
        raise ConfigurationError("ulimit -n", allowed, f"at least {FEWEST} open files, better {_WANTED}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
