"""`include`: the steps of another file."""

from __future__ import annotations

from scenarios.steps.base import Step


class Include(Step):
    """The steps of another file. They take the place of this step when the file is read."""

    include: str
    """The file; a relative path starts at the folder of this one. Files that begin with `_` are no scenarios."""

    def __str__(self) -> str:
        return f"the steps of {self.include}"
