"""Replaces Pipecat's default address of the REST API, which bots use unless they pass an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

from .import_hooks import when_imported


@contextmanager
def api_url_default(url: str) -> Iterator[None]:
    """Inside the `with` block, make `url` the default of `DailyParams`, its subclasses and `DailyRESTHelper`.

    Pipecat may be imported before or inside the block; its own defaults are restored at the end. Addresses that a bot
    passes itself are kept.
    """
    undo: list[Callable[[], None]] = []

    def patch_params(module: ModuleType) -> None:
        params = module.DailyParams
        original = params.model_fields["api_url"].default
        _change_default(params, original, url)
        undo.append(lambda: _change_default(params, url, original))

    def patch_rest_helper(module: ModuleType) -> None:
        defaults = module.DailyRESTHelper.__init__.__kwdefaults__
        original = defaults["daily_api_url"]
        defaults["daily_api_url"] = url
        undo.append(lambda: defaults.update(daily_api_url=original))

    with ExitStack() as hooks:
        for name, patch, needs in (
            ("pipecat.transports.daily.transport", patch_params, "DailyParams"),
            ("pipecat.transports.daily.utils", patch_rest_helper, "DailyRESTHelper"),
        ):
            hooks.enter_context(when_imported(name, patch, needs=needs))
        try:
            yield
        finally:
            for step in undo:
                step()


def _change_default(model: type[Any], old: Any, new: Any) -> None:
    """Change the default of `api_url` from `old` to `new` in a model and in the subclasses that inherit it."""
    field = model.model_fields["api_url"]
    if field.default == old:
        field.default = new
        model.model_rebuild(force=True)
    for subclass in model.__subclasses__():
        _change_default(subclass, old, new)
