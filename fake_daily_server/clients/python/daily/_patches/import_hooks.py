"""Patches a third-party module as soon as it has been imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast

Patch = Callable[[ModuleType], None]


@contextmanager
def when_imported(name: str, patch: Patch, *, needs: str) -> Iterator[None]:
    """Call `patch` with the module `name`: now if it is imported, otherwise at its import inside the `with` block.

    If the import of the module is in progress, `patch` runs at the first read of the module's attribute `needs`, which
    `patch` modifies.
    """
    module = sys.modules.get(name)
    if module is None:
        with _finder_installed(name, patch):
            yield
    elif getattr(module.__spec__, "_initializing", False):
        _patch_at_first_read(module, patch, needs)
        yield
    else:
        patch(module)
        yield


@contextmanager
def _finder_installed(name: str, patch: Patch) -> Iterator[None]:
    finder = _PatchingFinder(name, patch)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


class _PatchingFinder:
    """A meta path finder that finds one module through the other finders and removes itself after its import."""

    def __init__(self, name: str, patch: Patch) -> None:
        self._name = name
        self._patch = patch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = cast("Any", _PatchingLoader(spec.loader, self._imported))
                return spec
        return None

    def _imported(self, module: ModuleType) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
            self._patch(module)


class _PatchingLoader:
    """Runs the original loader, then the patch. The module itself refers only to the original loader.

    (Not derived from `importlib.abc.Loader`, whose import takes 10 ms.)
    """

    def __init__(self, loader: Any, patch: Patch) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._patch(module)


def _patch_at_first_read(module: ModuleType, patch: Patch, needs: str) -> None:
    original_class = type(module)

    class _Unpatched(original_class):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            if name == needs and needs in ModuleType.__getattribute__(self, "__dict__"):
                self.__class__ = original_class  # type: ignore[assignment]
                patch(self)
            return original_class.__getattribute__(self, name)

    module.__class__ = _Unpatched
