"""A stand-in for the module `daily` of daily-python 0.36, whose clients join rooms of the fake Daily.

Its public names, their signatures, defaults and errors are those of the module itself, which differ here and there
from its published stub. It needs nothing of the rest of this project, only `websockets`, and `numpy` when sound begins.
"""

from . import daily
from .daily import *  # noqa: F403 - as daily-python's own package does

__all__ = daily.__all__

if __name__ == "daily":  # found by its path
    from ._patches import startup as _ways_in

    _ways_in.arrange()
