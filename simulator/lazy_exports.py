"""Imports the public names of a package at their first use, so that importing the package itself is cheap."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def lazy_exports(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """Build the `__getattr__` (PEP 562) of `package`; `modules` maps each module to the public names defined there."""
    defined_in = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> object:
        if name not in defined_in:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}; public: {', '.join(sorted(defined_in))}"
            )
        return getattr(importlib.import_module(defined_in[name]), name)

    return load
