"""A story as a plain test for pytest, with the fixtures `sync_fake_daily` and `sync_phone_network`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fake_daily_server.recordings.step_python import PythonSteps, python_value
from fake_daily_server.recordings.story_parts import Story
from fake_daily_server.recordings.story_text import head_comments

_INDENT = " " * 4


def story_python(story: Story, title: str, comments: Sequence[str]) -> str:
    """The text of a test module. Raises ConfigurationError for a story with a step that pytest has no verb for."""
    head = [f"# {comment}" for comment in head_comments(story, comments)]
    steps = PythonSteps()
    body = [
        *_set_up(story),
        "",
        *(line for step in story.steps for line in steps.lines(step)),
        *(f"{room.client}.leave()" for room in story.rooms.values()),
    ]
    about = f'"""The calls of {title}, in the order in which they were recorded."""'.replace("\\", "/")
    return "\n".join(
        [
            *head,
            "",
            "",
            "def test_the_calls(sync_fake_daily, sync_phone_network):",
            f"{_INDENT}{about}",
            *(f"{_INDENT}{line}".rstrip() for line in body),
            "",
        ]
    )


def _set_up(story: Story) -> Iterator[str]:
    if story.settings:
        yield f"sync_fake_daily.reset({_named(story.settings)})"
    for room in story.rooms.values():
        yield f"{room.name} = sync_fake_daily.create_room({_named(room.properties)})"
        yield f"{room.client} = sync_fake_daily.join({room.name})"
    for name, spec in story.phones.items():
        more = {field: value for field, value in spec.items() if field != "number"}
        given = f", {_named(more)}" if more else ""
        yield f"{name} = sync_phone_network.phone({python_value(spec['number'])}{given})"


def _named(values: dict[str, object]) -> str:
    return ", ".join(f"{name}={python_value(value)}" for name, value in values.items())
