"""The base class of event handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class EventHandler:
    """Subclass it, override what you care about, and give it to a `CallClient`.

    Callbacks come one after the other, in order, on a thread of the client's own. What one raises goes to
    `sys.unraisablehook`.
    """

    def __new__(cls, *_args: Any) -> Self:
        return super().__new__(cls)
