"""Calls by the thousand with Locust: `CallUser`, a Locust user that places and takes calls.

An extra: `pip install "daily-telephony-simulator[load]"`. Nothing else of this package imports it, and it imports
nothing of the server, since Locust replaces parts of the standard library (gevent): each Locust worker has a server
process beside it, to which it speaks HTTP.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_daily_server.load.call import Call
    from fake_daily_server.load.call_user import CallUser
    from fake_daily_server.load.room import Room

__all__ = ["Call", "CallUser", "Room"]

_DEFINED_IN = {"Call": "call", "CallUser": "call_user", "Room": "room"}


def __getattr__(name: str) -> object:
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; public: {', '.join(__all__)}")
    try:
        module = importlib.import_module(f"{__name__}.{_DEFINED_IN[name]}")
    except ModuleNotFoundError as missing:
        if missing.name not in ("locust", "requests"):
            raise
        raise ModuleNotFoundError(
            f"{__name__}.{name} needs {missing.name}, which an extra installs: "
            'pip install "daily-telephony-simulator[load]"',
            name=missing.name,
        ) from None
    return getattr(module, name)
