"""The commands for a call's audio: players, recorders, PCM channels, RTP statistics."""

from __future__ import annotations

import asyncio

from simulator.useragent.messages import (
    GetStatistics,
    OpenPcm,
    Play,
    Record,
    Statistics,
    StopPlaying,
    StopRecording,
)
from simulator.useragent.worker.audio import is_complete_wav
from simulator.useragent.worker.commands.base import CommandGroup, CommandRefused, CommandWorker, Handlers

_RECORDING_TIMEOUT = 1.0
"""Seconds that PJSIP may take to complete a recording."""
_RECORDING_CHECK = 0.005


class AudioCommands(CommandGroup):
    """Play, record, open a PCM channel, count RTP packets; all of them from the call's beginning on."""

    def __init__(self, worker: CommandWorker) -> None:
        super().__init__(worker)
        self.handlers: Handlers = {
            Play: self._play,
            StopPlaying: self._stop_playing,
            Record: self._record,
            StopRecording: self._stop_recording,
            OpenPcm: self._open_pcm,
            GetStatistics: self._get_statistics,
        }
        self._loop = asyncio.get_running_loop()

    def _play(self, command: Play) -> None:
        self._find(command.call).audio.play(command.path, loop=command.loop)
        self._worker.done(command)

    def _stop_playing(self, command: StopPlaying) -> None:
        self._find(command.call).audio.stop_playing()
        self._worker.done(command)

    def _record(self, command: Record) -> None:
        self._find(command.call).audio.record(command.path)
        self._worker.done(command)

    def _stop_recording(self, command: StopRecording) -> None:
        path = self._find(command.call).audio.stop_recording()
        deadline = self._loop.time() + _RECORDING_TIMEOUT

        def check() -> None:
            if path is None or is_complete_wav(path):
                self._worker.done(command)
            elif self._loop.time() < deadline:
                self._loop.call_later(_RECORDING_CHECK, check)
            else:
                error = f"PJSIP did not complete {path} within {_RECORDING_TIMEOUT:g} s"
                self._worker.refuse(command, CommandRefused(error))

        check()

    def _open_pcm(self, command: OpenPcm) -> None:
        descriptor = self._find(command.call).audio.open_pcm(command.rate)
        self._worker.done(command, [descriptor])

    def _get_statistics(self, command: GetStatistics) -> None:
        call = self._find(command.call)
        index = call.media.audio_index()
        if index is None:
            raise CommandRefused("this call has no media yet")
        rtcp = call.getStreamStat(index).rtcp
        sent, received = rtcp.txStat, rtcp.rxStat
        self._worker.done(
            command,
            statistics=Statistics(
                sent_packets=sent.pkt,
                received_packets=received.pkt,
                lost_packets=received.loss,
                discarded_packets=received.discard,
                jitter_ms=received.jitterUsec.mean / 1000,
                remote_lost_packets=sent.loss,
                round_trip_ms=rtcp.rttUsec.mean / 1000,
            ),
        )
