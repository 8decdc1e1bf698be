"""The personas that are known: those of this package, and those in folders of the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import ConfigurationError
from simulator.validation_errors import with_nearest

if TYPE_CHECKING:
    from simulator.personas.persona import BoundPersona, Persona

FOLDER = Path(__file__).parent
"""The folder of the personas that come with the project."""


class Personas:
    """The personas by name. A file in one of `folders` precedes one of the same name in the package."""

    def __init__(self, folders: Iterable[str | Path] = ()) -> None:
        """Raises ConfigurationError for a folder that does not exist."""
        self._folders = tuple(Path(folder) for folder in folders)
        for folder in self._folders:
            if not folder.is_dir():
                raise ConfigurationError("personas", str(folder), "a folder with persona files, such as voicemail.yaml")
        self._read: dict[str, Persona] = {}

    def with_folders(self, folders: Iterable[str | Path]) -> Personas:
        """These personas, and those in more folders, which precede them."""
        return Personas((*folders, *self._folders))

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of the user's own, the first one first."""
        return self._folders

    @cached_property
    def _paths(self) -> Mapping[str, Path]:
        folders = (FOLDER, *reversed(self._folders))
        return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}

    @property
    def names(self) -> list[str]:
        """The names of all personas, sorted."""
        return sorted(self._paths)

    def get(self, name: str) -> Persona:
        """The persona with this name; its file is read at the first use.

        Raises ConfigurationError for an unknown name, with the nearest known one, and for an unusable file.
        """
        if name not in self._paths:
            known = f"a known persona: {', '.join(self.names)}"
            raise ConfigurationError("persona", name, with_nearest(known, name, self.names))
        if name not in self._read:
            from simulator.personas.persona import Persona  # noqa: PLC0415  # most servers never need its models

            self._read[name] = Persona.read(self._paths[name])
        return self._read[name]

    def bound(self, name: str, given: Mapping[str, Any]) -> BoundPersona:
        """The persona with values for its parameters. Raises ConfigurationError for both."""
        return self.get(name).bound(given)
