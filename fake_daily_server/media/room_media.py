"""The sound of one room: who takes part, what is played, and nothing at all while nobody could hear anybody.

Loads numpy and makes a mixer only when there is something to mix: a room with one phone and clients without audio
opens no channel and costs nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.legs import HoldableLeg, Leg, LegCounts
from fake_daily_server.media.permissions import hears, hears_track
from fake_daily_server.media.room_video import RoomVideo
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from fake_daily_server.media.conference import Conference, Playing
    from fake_daily_server.media.legs import Frame
    from fake_daily_server.media.opus_voice import SharedVoices
    from fake_daily_server.values.participants import Participant
    from simulator.useragent.handle import Call

logger = logging.getLogger("fake_daily_server.media")

Record = Callable[..., object]
"""`record(kind, **fields)` writes to the timeline, with the room's name."""

Present = Callable[[], "Mapping[str, Participant]"]
"""Everybody in the room by session id."""


async def load() -> None:
    """Import the mixer without holding up the loop: numpy takes about 80 ms."""
    await asyncio.to_thread(_import_mixer)


def _import_mixer() -> None:
    from fake_daily_server.media import conference, pcm_leg, sip_leg  # noqa: F401, PLC0415  # that is the point


class RoomMedia:
    """Used on the room's loop."""

    def __init__(
        self,
        clock: MediaClock,
        participants: Present,
        record: Record,
        *,
        on_speaker: Callable[[str], None] = lambda session_id: None,
    ) -> None:
        self._clock = clock
        self._participants = participants
        self._record = record
        self._on_speaker = on_speaker
        """Called with the session id of whoever becomes the active speaker."""
        self._conference: Conference | None = None
        self._calls: dict[str, Call] = {}
        """Telephony participants whose audio is not opened, since there is nobody to hear it."""
        self._opening: dict[str, asyncio.Task[None]] = {}
        self.video = RoomVideo()
        self._voices: SharedVoices | None = None
        self._held: set[str] = set()
        self._tracks: dict[str, tuple[str, str]] = {}
        """Named tracks by id: whose they are, and their names."""

    @property
    def voices(self) -> SharedVoices:
        """Everybody's voice as Opus, for the room's WebRTC legs."""
        if self._voices is None:
            from fake_daily_server.media.opus_voice import SharedVoices  # noqa: PLC0415  # loads PyAV

            self._voices = SharedVoices()
        return self._voices

    # --- who takes part --------------------------------------------------------------------------------------

    @property
    def legs(self) -> Mapping[str, Leg]:
        """Those in the mix, by session id, and named tracks by their ids."""
        return {} if self._conference is None else self._conference.legs

    def attach(self, session_id: str, leg: Leg) -> None:
        """Let a leg take part from now on, instead of an earlier one of the same participant."""
        self._abandon(session_id)
        self._sounding().add(session_id, leg)
        self._open_calls()

    def attach_call(self, session_id: str, call: Call) -> None:
        """Let a SIP call with media take part: as soon as there is somebody or something else to be heard."""
        self._abandon(session_id)
        self._calls[session_id] = call
        self._open_calls()

    def detach(self, session_id: str) -> None:
        """Let go of all that a participant says and hears, and stop what is played to it; nothing when it has none."""
        for track_id in [id_ for id_, (owner, _) in self._tracks.items() if owner == session_id]:
            self.detach_track(track_id)
        self.mute(session_id)

    def mute(self, session_id: str) -> None:
        """Let go of a participant's leg, and stop what is played to it; its named tracks go on."""
        self._abandon(session_id)
        self._held.discard(session_id)
        self.video.changed()
        self.stop_playing(session_id)
        self._remove(session_id)

    def attach_track(self, track_id: str, leg: Leg, *, owner: str, name: str) -> None:
        """Let a named track of a participant be heard from now on."""
        self._tracks[track_id] = owner, name
        self._sounding().add(track_id, leg)
        self._open_calls()

    def detach_track(self, track_id: str) -> None:
        """It is heard no more; nothing when there is no such track."""
        if self._tracks.pop(track_id, None) is not None:
            self._remove(track_id)

    def hold(self, session_id: str, *, held: bool) -> None:
        """A call has been put on hold, or taken off: until then it neither hears nor is heard."""
        (self._held.add if held else self._held.discard)(session_id)
        leg = self.legs.get(session_id)
        if isinstance(leg, HoldableLeg):
            leg.hold(held)

    def permissions_changed(self) -> None:
        """Somebody may hear and see, or be heard and seen by, others than before."""
        self.video.changed()
        if self._conference is not None:
            self._conference.rearrange()

    # --- what is played --------------------------------------------------------------------------------------

    def play(self, session_id: str | None, samples: Frame, *, loop: bool = False) -> Playing:
        """Play 16 kHz mono int16 samples to one participant, or with None to everybody.

        It begins when the hearer's leg is there, is mixed with what the others say, and ignores `canReceive`.
        """
        playing = self._sounding().play(samples, to=session_id, loop=loop)
        self._open_calls()
        return playing

    def stop_playing(self, session_id: str | None = None) -> None:
        """Stop what is played to one participant, or with None what is played to everybody."""
        if self._conference is not None:
            self._conference.stop_playing(session_id)

    # --- what is known ---------------------------------------------------------------------------------------

    def statistics(self) -> dict[str, LegCounts]:
        """Frames, underruns and overruns of every leg in the mix, by session id."""
        return {session_id: leg.counts for session_id, leg in self.legs.items()}

    def tell_failure(self, session_id: str, error: str) -> None:
        """Put on the timeline that a participant's media could not go on."""
        self._record("media", action="failed", session_id=session_id, error=error)

    def close(self) -> None:
        """Let go of everybody."""
        for session_id in (*self._calls, *self._opening, *self.legs):
            self.detach(session_id)
        if self._conference is not None:
            self._conference.close()
            self._conference = None

    # --- inside ----------------------------------------------------------------------------------------------

    def _sounding(self) -> Conference:
        if self._conference is None:
            from fake_daily_server.media.conference import Conference  # noqa: PLC0415  # loads numpy

            self._conference = Conference(self._clock, self._rule, on_lost=self._lost, on_speaker=self._speaks)
        return self._conference

    def _rule(self) -> Callable[[str, str], bool]:
        present, tracks = self._participants(), self._tracks

        def heard(listener: str, speaker: str) -> bool:
            if listener in tracks:
                return False
            owner, name = tracks.get(speaker, (speaker, None))
            if listener not in present or owner not in present:
                return listener != owner
            if name is not None:
                return hears_track(present[listener], present[owner], name)
            return hears(present[listener], present[owner])

        return heard

    def _open_calls(self) -> None:
        others = len(self._opening) + len(self.legs)
        played = self._conference is not None and self._conference.is_playing
        if not played and len(self._calls) + others < 2:
            return
        for session_id, call in self._calls.items():
            task = asyncio.create_task(self._open(session_id, call), name=f"audio of session {session_id}")
            self._opening[session_id] = task
        self._calls.clear()

    async def _open(self, session_id: str, call: Call) -> None:
        me = asyncio.current_task()
        try:
            await load()
            from fake_daily_server.media.sip_leg import SipLeg  # noqa: PLC0415  # loads numpy

            leg = await SipLeg.open(call)
            leg.hold(session_id in self._held)
            self._sounding().add(session_id, leg)
        except SimulatorError as failure:
            if call.ended is None:
                self._record("media", action="no audio", session_id=session_id, error=str(failure))
        finally:
            if self._opening.get(session_id) is me:
                del self._opening[session_id]

    def _abandon(self, session_id: str) -> None:
        self._calls.pop(session_id, None)
        if (opening := self._opening.pop(session_id, None)) is not None:
            opening.cancel()

    def _speaks(self, key: str) -> None:
        owner, _ = self._tracks.get(key, (key, ""))
        if owner in self._participants():
            self._on_speaker(owner)

    def _remove(self, key: str) -> None:
        if self._conference is not None and (leg := self._conference.remove(key)) is not None:
            self._tell_losses(key, leg)

    def _lost(self, session_id: str, leg: Leg) -> None:
        self._tell_losses(session_id, leg)

    def _tell_losses(self, session_id: str, leg: Leg) -> None:
        counts = leg.counts
        if not counts.clean:
            lost = {"underruns": counts.underruns, "overruns": counts.overruns}
            self._record("media", action="sound was lost", session_id=session_id, **lost)
