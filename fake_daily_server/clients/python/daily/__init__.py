"""A stand-in for the module `daily` of daily-python 0.36; its clients join rooms of the fake Daily.

Public names, signatures, defaults and error texts are those of the compiled module, which in places differs from its
published stub. The package imports nothing else from this project; it needs `websockets`, and `numpy` for audio and
video.
"""

from . import daily
from .daily import *  # noqa: F403 - as daily-python's own package does

__all__ = daily.__all__

if __name__ == "daily":  # imported as a top-level module, found by PYTHONPATH
    from ._patches import startup

    startup.set_up_process()
