"""The source of each field of the contract, read from `sources.yaml`."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from simulator.errors import ConfigurationError

PATH = Path(__file__).with_name("sources.yaml")

Confidence = Literal["documented", "library", "inferred", "chosen"]
"""How well a field is known: stated by the page, read from a published library, inferred from what is stated, or chosen
by this project."""


class Page(BaseModel):
    """A page of documentation, or a published library."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    url: str | None = None


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str
    fields: str
    confidence: Confidence = "documented"
    decided: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The source of one field."""

    page: Page
    confidence: Confidence
    decided: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The source as `x-source` of a JSON Schema."""
        known = {"page": self.page.title, "url": self.page.url, "confidence": self.confidence, "decided": self.decided}
        return {name: value for name, value in known.items() if value is not None}


Objects = Mapping[str, Mapping[str, Source]]
"""The source of each field, by name of the object and then of the field."""


class Sources:
    """The content of `sources.yaml`. Raises ConfigurationError for a field named twice or an unknown page."""

    def __init__(self, path: Path = PATH) -> None:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.pages = TypeAdapter(dict[str, Page]).validate_python(read.pop("pages"))
        self._sections: dict[str, Objects] = {
            section: {name: self._fields(name, entries) for name, entries in objects.items()}
            for section, objects in read.items()
        }

    def _fields(self, name: str, entries: Sequence[Any]) -> Mapping[str, Source]:
        found: dict[str, Source] = {}
        for entry in TypeAdapter(list[_Entry]).validate_python(entries):
            if entry.page not in self.pages:
                raise ConfigurationError(f"page of {name}", entry.page, f"one of {', '.join(self.pages)}")
            for field in entry.fields.split():
                if field in found:
                    raise ConfigurationError(f"field of {name}", field, "a field that is named only once")
                found[field] = Source(self.pages[entry.page], entry.confidence, entry.decided)
        return found

    def find(self, sections: Sequence[str], name: str) -> Mapping[str, Source] | None:
        """The sources of the fields of object `name`, from the first of `sections` that has it; None if none has."""
        for section in sections:
            for pattern, fields in self._sections.get(section, {}).items():
                if fnmatch.fnmatchcase(name, pattern):
                    return fields
        return None

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield the section and the name of each object."""
        for section, objects in self._sections.items():
            for name in objects:
                yield section, name
