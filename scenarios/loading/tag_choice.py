"""`-t`: scenarios chosen by their tags."""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.language.suggestions import suggestion
from scenarios.loading.scenario_files import ScenarioFile

_NOT = "not "


class UnknownTag(ValueError):
    """No scenario has a tag that was asked for."""


def chosen_by_tags(files: Sequence[ScenarioFile], tags: Sequence[str]) -> list[ScenarioFile]:
    """The scenarios with one of the tags, and without those that follow a `not`. Raises UnknownTag."""
    known = sorted({tag for file in files for tag in file.scenario.tags})
    wanted = {tag for tag in tags if not tag.startswith(_NOT)}
    unwanted = {tag.removeprefix(_NOT).strip() for tag in tags if tag.startswith(_NOT)}
    for tag in (*wanted, *unwanted):
        if tag not in known:
            raise UnknownTag(f"-t {tag}: no scenario has this tag{suggestion(tag, known, label='tags')}")
    with_wanted = (file for file in files if not wanted or wanted & set(file.scenario.tags))
    return [file for file in with_wanted if not unwanted & set(file.scenario.tags)]
