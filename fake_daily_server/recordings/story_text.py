"""A story as the text of a scenario file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from fake_daily_server.recordings.story_parts import Story

_LONGEST_NAME = 60
"""Of what the title names: the title of a scenario has at most 120 characters."""


def story_text(story: Story, title: str, comments: Sequence[str]) -> str:
    """The scenario file of a story, which begins with comments."""
    first, *others = story.rooms.values()
    content: dict[str, Any] = {"title": f"The calls of {shortened(title)}, in the order in which they were recorded"}
    content["room"] = first.properties
    if others:
        content["rooms"] = {room.name: room.properties for room in others}
        content["clients"] = {room.client: {"room": room.name} for room in others}
    if story.settings:
        content["settings"] = story.settings
    content |= {"phones": story.phones, "steps": story.steps}
    body = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return "\n".join([*(f"# {comment}" for comment in head_comments(story, comments)), body])


def head_comments(story: Story, comments: Sequence[str]) -> list[str]:
    """What a reader of the story has to know of how it was made."""
    return [
        *comments,
        "Where the recording does not say which side hung up, the far end does.",
        *(f"Left out: {each}" for each in dict.fromkeys(story.left_out)),
    ]


def shortened(name: str) -> str:
    """The name of what was recorded, short enough for a title: its end tells more than its beginning."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[-_LONGEST_NAME + 1 :]}"
