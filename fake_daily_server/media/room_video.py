"""The video of one room: decoded frames go from each sender to those who watch it. Loads no video library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

    Watcher = Callable[[VideoFrame], None]
    """Receives the frames of one sender."""


class RoomVideo:
    """Used on the room's loop. Senders are keys: a session id for a camera, another key for a screen."""

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}
        self._followers: list[Callable[[], None]] = []

    def visibility_changed(self) -> None:
        """Call every follower: a participant has joined or left, or may be seen by others than before."""
        for follower in tuple(self._followers):
            follower()

    def follow(self, follower: Callable[[], None]) -> None:
        """Call `follower` whenever visibility changes."""
        self._followers.append(follower)

    def unfollow(self, follower: Callable[[], None]) -> None:
        """Stop calling `follower`. Does nothing when it was not following."""
        if follower in self._followers:
            self._followers.remove(follower)

    def show(self, sender: str, frame: VideoFrame) -> None:
        """Pass a frame of `sender` to all its watchers, each of which encodes it for itself."""
        for watcher in tuple(self._watchers.get(sender, ())):
            watcher(frame)

    def is_watched(self, sender: str) -> bool:
        """Whether `sender` has a watcher, so that decoding its frames is worth it."""
        return bool(self._watchers.get(sender))

    def watch(self, sender: str, watcher: Watcher) -> None:
        """Pass the frames of `sender` to `watcher` from now on."""
        self._watchers.setdefault(sender, []).append(watcher)

    def unwatch(self, sender: str, watcher: Watcher) -> None:
        """Stop passing frames of `sender` to `watcher`. Does nothing when it was not watching."""
        watchers = self._watchers.get(sender, [])
        if watcher in watchers:
            watchers.remove(watcher)
        if not watchers:
            self._watchers.pop(sender, None)
