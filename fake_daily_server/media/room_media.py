"""The media of one room: whose audio is mixed, who receives whose video, and the playbacks.

numpy is imported and the mixer created only once there is something to mix: for a room with one phone and clients
without audio, no PCM channel is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fake_daily_server.media.clock import MediaClock
from fake_daily_server.media.lazy_imports import load_mixer
from fake_daily_server.media.leg import HoldableLeg, Leg, LegCounts
from fake_daily_server.media.permissions import receives_audio, receives_custom_audio
from fake_daily_server.media.room_video import RoomVideo
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from fake_daily_server.media.audio_frame import Frame
    from fake_daily_server.media.conference import Conference
    from fake_daily_server.media.mixer import Hears
    from fake_daily_server.media.opus_encoder import SharedOpusEncoders
    from fake_daily_server.media.playback import Playback
    from fake_daily_server.values.participants import Participant
    from simulator.useragent.handle import Call

Record = Callable[..., object]
"""`record(kind, **fields)` appends a record to the timeline, with the room's name."""

Present = Callable[[], "Mapping[str, Participant]"]
"""Returns the participants of the room, by session id."""


class RoomMedia:
    """The media of one room. Used on its loop. `on_speaker` receives the session id of each new active speaker."""

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
        self._conference: Conference | None = None
        self._calls: dict[str, Call] = {}
        """Calls by session id whose PCM channel is not open yet, because they could neither hear nor be heard."""
        self._opening: dict[str, asyncio.Task[None]] = {}
        """Tasks that open the PCM channel of a call, by session id."""
        self.video = RoomVideo()
        self._encoders: SharedOpusEncoders | None = None
        self._held: set[str] = set()
        """Session ids of calls on hold."""
        self._tracks: dict[str, tuple[str, str]] = {}
        """The owner's session id and the name of each named track, by track id."""

    @property
    def encoders(self) -> SharedOpusEncoders:
        """The Opus encoders that the room's WebRTC legs share."""
        if self._encoders is None:
            from fake_daily_server.media.opus_encoder import SharedOpusEncoders  # noqa: PLC0415  # loads PyAV

            self._encoders = SharedOpusEncoders()
        return self._encoders

    # --- legs ------------------------------------------------------------------------------------------------

    @property
    def legs(self) -> Mapping[str, Leg]:
        """The legs in the mix: those of participants by session id, those of named tracks by track id."""
        return {} if self._conference is None else self._conference.legs

    def attach(self, session_id: str, leg: Leg) -> None:
        """Add a participant's leg to the mix; an earlier leg of the same participant is replaced."""
        self._forget_call(session_id)
        self._open_conference().add(session_id, leg)
        self._open_calls()

    def attach_call(self, session_id: str, call: Call) -> None:
        """Add a SIP call with media. Its PCM channel is opened once the call could hear or be heard."""
        self._forget_call(session_id)
        self._calls[session_id] = call
        self._open_calls()

    def detach(self, session_id: str) -> None:
        """Remove the leg and the named tracks of a participant, and stop the playbacks to it.

        Does nothing for a participant without media.
        """
        for track_id in [id_ for id_, (owner, _) in self._tracks.items() if owner == session_id]:
            self.detach_track(track_id)
        self.detach_leg(session_id)

    def detach_leg(self, session_id: str) -> None:
        """Remove the leg of a participant, and stop the playbacks to it; its named tracks stay in the mix."""
        self._forget_call(session_id)
        self._held.discard(session_id)
        self.video.visibility_changed()
        self.stop_playing(session_id)
        self._remove(session_id)

    def attach_track(self, track_id: str, leg: Leg, *, owner: str, name: str) -> None:
        """Add a named track to the mix; `owner` is the session id of the participant that sends it."""
        self._tracks[track_id] = owner, name
        self._open_conference().add(track_id, leg)
        self._open_calls()

    def detach_track(self, track_id: str) -> None:
        """Remove a named track from the mix. Does nothing for an unknown id."""
        if self._tracks.pop(track_id, None) is not None:
            self._remove(track_id)

    def hold(self, session_id: str, *, held: bool) -> None:
        """Put a call on hold or resume it. A call on hold hears nothing; it is heard if its peer sends."""
        (self._held.add if held else self._held.discard)(session_id)
        leg = self.legs.get(session_id)
        if isinstance(leg, HoldableLeg):
            leg.hold(held)

    def permissions_changed(self) -> None:
        """Apply the permissions of all participants again, for audio and video."""
        self.video.visibility_changed()
        if self._conference is not None:
            self._conference.rule_changed()

    # --- playing ---------------------------------------------------------------------------------------------

    def play(self, session_id: str | None, samples: Frame, *, loop: bool = False) -> Playback:
        """Play 16 kHz mono int16 samples to the participant `session_id`, or to all if it is None.

        Playback starts once a leg can hear it. It is mixed with the speakers and not subject to `canReceive`.
        """
        playback = self._open_conference().play(samples, to=session_id, loop=loop)
        self._open_calls()
        return playback

    def stop_playing(self, session_id: str | None = None) -> None:
        """Stop the playbacks to the participant `session_id`, or those to all if it is None."""
        if self._conference is not None:
            self._conference.stop_playing(session_id)

    # --- reports ---------------------------------------------------------------------------------------------

    def statistics(self) -> dict[str, LegCounts]:
        """The frame counts of every leg in the mix, by session id or track id."""
        return {key: leg.counts for key, leg in self.legs.items()}

    def record_failure(self, session_id: str, error: str) -> None:
        """Record on the timeline that the media of a participant has failed."""
        self._record("media", action="failed", session_id=session_id, error=error)

    def close(self) -> None:
        """Remove all legs and stop all playbacks."""
        for session_id in (*self._calls, *self._opening, *self.legs):
            self.detach(session_id)
        if self._conference is not None:
            self._conference.close()
            self._conference = None

    # --- internals -------------------------------------------------------------------------------------------

    def _open_conference(self) -> Conference:
        if self._conference is None:
            from fake_daily_server.media.conference import Conference  # noqa: PLC0415  # loads numpy

            self._conference = Conference(
                self._clock, self._rule, on_lost=self._leg_removed, on_speaker=self._speaker_changed
            )
        return self._conference

    def _rule(self) -> Hears:
        present, tracks = self._participants(), self._tracks

        def hears(listener: str, speaker: str) -> bool:
            if listener in tracks:
                return False
            owner, name = tracks.get(speaker, (speaker, None))
            if listener not in present or owner not in present:
                return listener != owner
            if name is not None:
                return receives_custom_audio(present[listener], present[owner], name)
            return receives_audio(present[listener], present[owner])

        return hears

    def _open_calls(self) -> None:
        """Open the PCM channels of all calls if two parties could hear each other or there is a playback."""
        others = len(self._opening) + len(self.legs)
        playing = self._conference is not None and self._conference.is_playing
        if not playing and len(self._calls) + others < 2:
            return
        for session_id, call in self._calls.items():
            task = asyncio.create_task(self._open_call(session_id, call), name=f"audio of session {session_id}")
            self._opening[session_id] = task
        self._calls.clear()

    async def _open_call(self, session_id: str, call: Call) -> None:
        me = asyncio.current_task()
        try:
            await load_mixer()
            from fake_daily_server.media.sip_leg import SipLeg  # noqa: PLC0415  # loads numpy

            leg = await SipLeg.open(call)
            leg.hold(session_id in self._held)
            self._open_conference().add(session_id, leg)
        except SimulatorError as failure:
            if call.ended is None:
                self._record("media", action="no audio", session_id=session_id, error=str(failure))
        finally:
            if self._opening.get(session_id) is me:
                del self._opening[session_id]

    def _forget_call(self, session_id: str) -> None:
        """Forget a call whose PCM channel is not open yet."""
        self._calls.pop(session_id, None)
        if (opening := self._opening.pop(session_id, None)) is not None:
            opening.cancel()

    def _speaker_changed(self, key: str) -> None:
        owner, _ = self._tracks.get(key, (key, ""))
        if owner in self._participants():
            self._on_speaker(owner)

    def _remove(self, key: str) -> None:
        if self._conference is not None and (leg := self._conference.remove(key)) is not None:
            self._leg_removed(key, leg)

    def _leg_removed(self, key: str, leg: Leg) -> None:
        """Free the resources of a leg that has left the mix, and record lost audio on the timeline."""
        if self._encoders is not None:
            self._encoders.remove_speaker(key)
        counts = leg.counts
        if not counts.clean:
            lost = {"underruns": counts.underruns, "overruns": counts.overruns}
            self._record("media", action="sound was lost", session_id=key, **lost)
