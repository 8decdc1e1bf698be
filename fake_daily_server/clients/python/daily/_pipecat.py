"""Pipecat's default for the REST API, which a bot that builds its `DailyParams` by hand takes from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from ._imports import when_imported

TRANSPORT = "pipecat.transports.daily.transport"


@contextmanager
def api_url_default(url: str) -> Iterator[None]:
    """Inside, `DailyParams()` and its subclasses have `api_url` = `url`; afterwards what they had.

    Pipecat may be imported before or inside. Values that a bot gives itself are its own.
    """
    before: list[tuple[type[Any], Any]] = []

    def set_default(module: ModuleType) -> None:
        daily_params = module.DailyParams
        own = daily_params.model_fields["api_url"].default
        before.append((daily_params, own))
        _change_default(daily_params, own, url)

    with when_imported(TRANSPORT, set_default, asked_for="DailyParams"):
        try:
            yield
        finally:
            for daily_params, own in before:
                _change_default(daily_params, url, own)


def _change_default(model: type[Any], old: Any, new: Any) -> None:
    field = model.model_fields["api_url"]
    if field.default == old:
        field.default = new
        model.model_rebuild(force=True)
    for subclass in model.__subclasses__():
        _change_default(subclass, old, new)
