"""A bot that puts the caller on hold with music, calls an agent, briefs them alone, and brings both together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from pipecat.audio.mixers.soundfile_mixer import SoundfileMixer
from pipecat.frames.frames import (
    BotStoppedSpeakingFrame,
    ControlFrame,
    EndWorkerFrame,
    Frame,
    LLMMessagesAppendFrame,
    LLMRunFrame,
    MixerEnableFrame,
)
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.types import DailyRunnerArguments
from pipecat.services.llm_service import FunctionCallParams
from pipecat.transports.daily.transport import DailyDialinSettings, DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

from tests.interop.pipecat.bots.conversation import conversation
from tests.interop.pipecat.services import Call, ScriptedLanguageModel

AGENT_HZ = 520.0
"""What callers say who want an agent."""


@dataclass
class AgentWanted(ControlFrame):
    """The caller is to be brought together with an agent, once the bot has said so."""


@dataclass
class AgentAnswered(ControlFrame):
    """The agent can be briefed."""


@dataclass
class AgentFailed(ControlFrame):
    """The agent was not reached."""


class Transfer(FrameProcessor):
    """The steps, each begun when the bot has said what goes before it."""

    def __init__(self, transport: DailyTransport, agent: str) -> None:
        super().__init__()
        self.caller = ""
        self.together = False
        self._transport = transport
        self._agent = agent
        self._saying = ""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Follow the steps; pass every frame of others on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, AgentWanted):
            self._saying = "goodbye for now"
        elif isinstance(frame, AgentAnswered):
            await self.push_frame(MixerEnableFrame(False))
            await self._let_the_caller_hear(False)
            await self._say("Somebody for you.", then="briefing")
        elif isinstance(frame, AgentFailed):
            await self.push_frame(MixerEnableFrame(False))
            await self._say("Nobody is there.", then="")
        else:
            if isinstance(frame, BotStoppedSpeakingFrame):
                await self._said()
            await self.push_frame(frame, direction)

    async def _said(self) -> None:
        said, self._saying = self._saying, ""
        if said == "goodbye for now":
            await self.push_frame(MixerEnableFrame(True))
            _, error = await self._transport.start_dialout({"phoneNumber": self._agent, "displayName": "agent"})
            if error:
                await self.push_error(error)
        elif said == "briefing":
            await self._let_the_caller_hear(True)
            self.together = True

    async def _say(self, text: str, *, then: str) -> None:
        self._saying = then
        message = {"role": "system", "content": text}
        await self.push_frame(LLMMessagesAppendFrame([message], run_llm=True), FrameDirection.UPSTREAM)

    async def _let_the_caller_hear(self, allowed: bool) -> None:
        permissions = {"canReceive": {"base": allowed}, "canSend": allowed}
        await self._transport.update_remote_participants({self.caller: {"permissions": permissions}})


async def run_bot(transport: DailyTransport, agent: str, *, handle_sigint: bool) -> None:
    """Talk with the caller, then let an agent do it."""
    llm = ScriptedLanguageModel("Good day to you.", {"agent": Call("find_agent")})
    transfer = Transfer(transport, agent)

    async def find_agent(params: FunctionCallParams) -> None:
        message = {"role": "system", "content": "One moment, please."}
        await params.llm.push_frame(AgentWanted())
        await params.llm.push_frame(LLMMessagesAppendFrame([message], run_llm=True), FrameDirection.UPSTREAM)

    llm.register_function("find_agent", find_agent)
    worker = PipelineWorker(
        conversation(transport, llm, {AGENT_HZ: "agent"}, transfer),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
    )

    @transport.event_handler("on_first_participant_joined")
    async def on_first_participant_joined(transport: DailyTransport, participant: Any) -> None:
        transfer.caller = participant["id"]
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_dialout_answered")
    async def on_dialout_answered(transport: DailyTransport, data: Any) -> None:
        await worker.queue_frame(AgentAnswered())

    @transport.event_handler("on_dialout_error")
    async def on_dialout_error(transport: DailyTransport, data: Any) -> None:
        await worker.queue_frame(AgentFailed())

    @transport.event_handler("on_participant_left")
    async def on_participant_left(transport: DailyTransport, participant: Any, reason: str) -> None:
        if transfer.together or participant["id"] == transfer.caller:
            await worker.queue_frame(EndWorkerFrame(), FrameDirection.UPSTREAM)

    runner = WorkerRunner(handle_sigint=handle_sigint)
    await runner.add_workers(worker)
    await runner.run()


async def bot(runner_args: DailyRunnerArguments) -> None:
    """The body: `agent`, a number; `hold_music`, an 8 kHz WAV file; and what Daily posts about a held caller."""
    body = runner_args.body
    music = SoundfileMixer(
        sound_files={"hold": body["hold_music"]}, default_sound="hold", volume=1.0, mixing=False, loop=True
    )
    transport = DailyTransport(
        runner_args.room_url,
        runner_args.token,
        "Transfer bot",
        params=DailyParams(
            api_key=os.environ["DAILY_API_KEY"],
            dialin_settings=DailyDialinSettings(call_id=body["callId"], call_domain=body["callDomain"]),
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_out_end_silence_secs=0,
            audio_out_mixer=music,
        ),
    )
    await run_bot(transport, body["agent"], handle_sigint=runner_args.handle_sigint)
