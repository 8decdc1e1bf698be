"""What a client hears: each participant's sound on its way to the renderers and to the speaker. On the I/O loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import speaker
from .wire import heard

if TYPE_CHECKING:
    from .renderer import AudioRenderer

TRACKS: Mapping[str, str] = {"microphone": "audio", "screenAudio": "screenAudio"}
"""daily-python's word for a source of sound, and the signalling's for its track."""

Subscription = Callable[[str, str], str]
"""From a participant and a source to `subscribed`, `unsubscribed` or `staged`."""

_Source = tuple[str, str]
"""A participant, and which sound of it."""


class Hearing:
    """Who is heard: participants whose track is playable and subscribed to, while the room sends sound."""

    def __init__(self) -> None:
        self._renderers: dict[_Source, AudioRenderer] = {}
        self._sources: dict[str, _Source] = {}
        """By what messages have: the id of a participant for its microphone, or of a track."""

    @property
    def wanted(self) -> bool:
        """Whether anybody listens."""
        return bool(self._renderers) or speaker.playout() is not None

    @property
    def busy(self) -> bool:
        """Whether a renderer is to be called all the time."""
        return any(renderer.rendering is not None for renderer in self._renderers.values())

    def add(self, renderer: AudioRenderer) -> None:
        """Another renderer, instead of an earlier one of the same participant and source."""
        key = (renderer.participant_id, renderer.source)
        if (earlier := self._renderers.get(key)) is not None:
            earlier.close()
        self._renderers[key] = renderer

    def arrange(self, participants: Mapping[str, Mapping[str, Any]], subscription: Subscription) -> None:
        """These are in the room, as the signalling shows them, and this is whom the client subscribes to."""

        def audible(participant: str, source: str) -> bool:
            person = participants.get(participant)
            if person is None or person["local"] or subscription(participant, source) != "subscribed":
                return False
            playable: bool = person["tracks"].get(TRACKS.get(source, source), {}).get("state") == "playable"
            return playable

        for (participant, source), renderer in self._renderers.items():
            if not audible(participant, source):
                renderer.rendering = None
            elif renderer.rendering is None:
                renderer.begin(time.monotonic())
        self._sources = dict(_sources(participants))
        if (playout := speaker.playout()) is not None:
            playout.arrange(self, [key for key, source in self._sources.items() if audible(*source)])

    def hear(self, message: bytes) -> None:
        """A binary message came from the room."""
        if (voice := heard(message)) is None:
            return
        key, pcm = voice
        if (source := self._sources.get(key)) is not None and (renderer := self._renderers.get(source)) is not None:
            renderer.hear(pcm)
        if (playout := speaker.playout()) is not None:
            playout.hear(self, key, pcm)

    def wait(self, now: float) -> None:
        """Time has passed: who said nothing was silent."""
        for renderer in self._renderers.values():
            renderer.wait(now)

    def close(self) -> None:
        """No renderer is called any more. On any thread."""
        for renderer in tuple(self._renderers.values()):
            renderer.close()


def _sources(participants: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, _Source]]:
    for participant, person in participants.items():
        yield participant, (participant, "microphone")
        for name, track in person["tracks"].items():
            if "id" in track:
                yield track["id"], (participant, name)
