"""AudioReceiver: passes each participant's audio to the renderers and to the speaker. Used on the I/O loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .speaker import selected_playout
from .wire import parse_audio

if TYPE_CHECKING:
    from .renderer import AudioRenderer

TRACKS: Mapping[str, str] = {"microphone": "audio", "screenAudio": "screenAudio"}
"""The name in the signalling of the track of each audio source, by daily-python's name of the source."""

Subscription = Callable[[str, str], str]
"""Returns `subscribed`, `unsubscribed` or `staged` for a participant id and a source."""

_Source = tuple[str, str]
"""A participant id and the name of a source."""


class AudioReceiver:
    """Delivers the audio of playable and subscribed tracks to renderers and the speaker."""

    def __init__(self) -> None:
        self._renderers: dict[_Source, AudioRenderer] = {}
        self._sources: dict[str, _Source] = {}
        """Sources by the id in audio messages: a participant id for its microphone, otherwise a track id."""

    @property
    def wanted(self) -> bool:
        """Whether there is a renderer or a selected speaker, so that audio is needed."""
        return bool(self._renderers) or selected_playout() is not None

    @property
    def active(self) -> bool:
        """Whether a renderer needs frames, including silent ones."""
        return any(renderer.stream is not None for renderer in self._renderers.values())

    def add(self, renderer: AudioRenderer) -> None:
        """Add a renderer; it replaces an earlier one of the same participant and source."""
        key = (renderer.participant_id, renderer.source)
        if (earlier := self._renderers.get(key)) is not None:
            earlier.close()
        self._renderers[key] = renderer

    def update(self, participants: Mapping[str, Mapping[str, Any]], subscription: Subscription) -> None:
        """Adapt to the room's participants, in the signalling's format, and to the client's subscriptions."""

        def audible(participant_id: str, source: str) -> bool:
            participant = participants.get(participant_id)
            if participant is None or participant["local"] or subscription(participant_id, source) != "subscribed":
                return False
            playable: bool = participant["tracks"].get(TRACKS.get(source, source), {}).get("state") == "playable"
            return playable

        for (participant_id, source), renderer in self._renderers.items():
            if not audible(participant_id, source):
                renderer.stream = None
            elif renderer.stream is None:
                renderer.start(time.monotonic())
        self._sources = dict(_sources(participants))
        if (playout := selected_playout()) is not None:
            playout.set_participants(self, [key for key, source in self._sources.items() if audible(*source)])

    def receive(self, message: bytes) -> None:
        """Deliver the audio frame in a binary message of the room."""
        if (parsed := parse_audio(message)) is None:
            return
        key, pcm = parsed
        if (source := self._sources.get(key)) is not None and (renderer := self._renderers.get(source)) is not None:
            renderer.push(pcm)
        if (playout := selected_playout()) is not None:
            playout.push(self, key, pcm)

    def fill_silence(self, now: float) -> None:
        """Deliver silence in place of the frames that are overdue at the time `now`."""
        for renderer in self._renderers.values():
            renderer.fill_silence(now)

    def close(self) -> None:
        """Stop calling renderers. May be called on any thread."""
        for renderer in tuple(self._renderers.values()):
            renderer.close()


def _sources(participants: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, _Source]]:
    for participant_id, participant in participants.items():
        yield participant_id, (participant_id, "microphone")
        for name, track in participant["tracks"].items():
            if "id" in track:
                yield track["id"], (participant_id, name)
