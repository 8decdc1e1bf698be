"""A stand-in for the module `daily` of daily-python 0.36, whose clients join rooms of the fake Daily.

It needs nothing of the rest of this project, only `websockets`; `numpy` and `soxr` are loaded when sound begins.
"""

from __future__ import annotations

from ._client import CallClient
from ._event_handler import EventHandler

__all__ = ["CallClient", "Daily", "EventHandler"]


class Daily:
    """Sets up the library."""

    @staticmethod
    def init(worker_threads: int = 2, log_level: object = None) -> None:
        """Nothing has to be set up here."""


if __name__ == "daily":  # found by PYTHONPATH, not put in place by somebody who arranges the rest
    from ._ways_in import arrange

    arrange()
