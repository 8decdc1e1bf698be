"""The video of one room: passes decoded frames from each sender to its watchers. Loads no video library."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av import VideoFrame

    Watcher = Callable[[VideoFrame], None]
    """A callback that receives the frames of one sender."""


class RoomVideo:
    """Passes video frames from senders to watchers. Used on the room's loop.

    Senders are identified by keys: the session id for a camera, another key for a shared screen.
    """

    def __init__(self) -> None:
        self._watchers: dict[str, list[Watcher]] = {}
        self._followers: list[Callable[[], None]] = []

    def visibility_changed(self) -> None:
        """Call every follower, after a join, a leave, or a change of who may see whom."""
        for follower in tuple(self._followers):
            follower()

    def follow(self, follower: Callable[[], None]) -> None:
        """Call `follower` in each `visibility_changed`."""
        self._followers.append(follower)

    def unfollow(self, follower: Callable[[], None]) -> None:
        """Stop calling `follower`. Does nothing if it is not registered."""
        if follower in self._followers:
            self._followers.remove(follower)

    def show(self, sender: str, frame: VideoFrame) -> None:
        """Pass a frame of `sender` to all its watchers; each watcher encodes it separately."""
        for watcher in tuple(self._watchers.get(sender, ())):
            watcher(frame)

    def is_watched(self, sender: str) -> bool:
        """Whether `sender` has a watcher, so that its frames need to be decoded."""
        return bool(self._watchers.get(sender))

    def watch(self, sender: str, watcher: Watcher) -> None:
        """Pass the frames of `sender` to `watcher` from now on."""
        self._watchers.setdefault(sender, []).append(watcher)

    def unwatch(self, sender: str, watcher: Watcher) -> None:
        """Stop passing frames of `sender` to `watcher`. Does nothing if `watcher` is not registered."""
        watchers = self._watchers.get(sender, [])
        if watcher in watchers:
            watchers.remove(watcher)
        if not watchers:
            self._watchers.pop(sender, None)
