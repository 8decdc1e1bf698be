"""Pipecat's defaults for the address of the REST API, which bots that name none get from nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

from .import_hooks import when_imported


@contextmanager
def api_url_default(url: str) -> Iterator[None]:
    """Inside, `DailyParams`, its subclasses and `DailyRESTHelper` have `url` as default; afterwards what they had.

    Pipecat may be imported before or inside. Addresses that a bot gives itself stay.
    """
    undo: list[Callable[[], None]] = []

    def change_params(module: ModuleType) -> None:
        params = module.DailyParams
        own = params.model_fields["api_url"].default
        _change_field(params, own, url)
        undo.append(lambda: _change_field(params, url, own))

    def change_helper(module: ModuleType) -> None:
        defaults = module.DailyRESTHelper.__init__.__kwdefaults__
        own = defaults["daily_api_url"]
        defaults["daily_api_url"] = url
        undo.append(lambda: defaults.update(daily_api_url=own))

    with ExitStack() as watching:
        for name, act, asked_for in (
            ("pipecat.transports.daily.transport", change_params, "DailyParams"),
            ("pipecat.transports.daily.utils", change_helper, "DailyRESTHelper"),
        ):
            watching.enter_context(when_imported(name, act, asked_for=asked_for))
        try:
            yield
        finally:
            for step in undo:
                step()


def _change_field(model: type[Any], old: Any, new: Any) -> None:
    field = model.model_fields["api_url"]
    if field.default == old:
        field.default = new
        model.model_rebuild(force=True)
    for subclass in model.__subclasses__():
        _change_field(subclass, old, new)
