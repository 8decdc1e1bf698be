"""Doing something to a module of somebody else once it has been imported, whenever that is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast


@contextmanager
def when_imported(name: str, act: Callable[[ModuleType], None], *, asked_for: str) -> Iterator[None]:
    """Call `act` with the module `name`: now if it is there, else as soon as it is imported inside the block.

    A module that is in the midst of its own import cannot be changed yet; `act` then waits until somebody takes
    the attribute `asked_for` from it.
    """
    module = sys.modules.get(name)
    if module is None:
        with _watched(name, act):
            yield
    elif getattr(module.__spec__, "_initializing", False):
        _act_when_asked(module, act, asked_for)
        yield
    else:
        act(module)
        yield


@contextmanager
def _watched(name: str, act: Callable[[ModuleType], None]) -> Iterator[None]:
    watcher = _Watcher(name, act)
    sys.meta_path.insert(0, watcher)
    try:
        yield
    finally:
        if watcher in sys.meta_path:
            sys.meta_path.remove(watcher)


class _Watcher:
    """Finds one module as the other finders do, and takes itself away."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self._name = name
        self._act = act

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = cast("Any", _ThenAct(spec.loader, self._done))
                return spec
        return None

    def _done(self, module: ModuleType) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
            self._act(module)


class _ThenAct:
    """The loader that would have been used, and an act after it. The module keeps the loader alone.

    (Not derived from `importlib.abc.Loader`, which takes 10 ms to import.)
    """

    def __init__(self, loader: Any, act: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._act = act

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._act(module)


def _act_when_asked(module: ModuleType, act: Callable[[ModuleType], None], asked_for: str) -> None:
    kind = type(module)

    class Awaited(kind):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            if name == asked_for and asked_for in ModuleType.__getattribute__(self, "__dict__"):
                self.__class__ = kind  # type: ignore[assignment]
                act(self)
            return kind.__getattribute__(self, name)

    module.__class__ = Awaited
