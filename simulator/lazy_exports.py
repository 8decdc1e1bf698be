"""Public names of a package that are imported when they are first used, so that naming the package costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping


def lazy_exports(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """The `__getattr__` (PEP 562) of `package`; `modules` says which names each module brings."""
    defined_in = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> object:
        if name not in defined_in:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}; public: {', '.join(sorted(defined_in))}"
            )
        return getattr(importlib.import_module(defined_in[name]), name)

    return load
