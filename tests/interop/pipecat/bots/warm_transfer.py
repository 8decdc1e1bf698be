"""A bot that plays hold music to its caller, calls an agent, briefs the agent alone, and connects both."""

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
"""The tone of callers who ask for an agent."""


@dataclass
class AgentWanted(ControlFrame):
    """Frame that requests an agent for the caller, once the bot has finished the announcement."""


@dataclass
class AgentAnswered(ControlFrame):
    """Frame that reports that the agent has answered."""


@dataclass
class AgentFailed(ControlFrame):
    """Frame that reports that the agent could not be reached."""


class Transfer(FrameProcessor):
    """Performs the steps of the transfer, each once the bot has finished the preceding announcement."""

    def __init__(self, transport: DailyTransport, agent: str) -> None:
        super().__init__()
        self.caller = ""
        self.connected = False
        self._transport = transport
        self._agent = agent
        self._announcement = ""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Perform the steps of the transfer; pass on other frames."""
        await super().process_frame(frame, direction)
        if isinstance(frame, AgentWanted):
            self._announcement = "hold"
        elif isinstance(frame, AgentAnswered):
            await self.push_frame(MixerEnableFrame(False))
            await self._set_caller_permissions(False)
            await self._announce("A caller for you.", then="briefing")
        elif isinstance(frame, AgentFailed):
            await self.push_frame(MixerEnableFrame(False))
            await self._announce("No agent is available.", then="")
        else:
            if isinstance(frame, BotStoppedSpeakingFrame):
                await self._announced()
            await self.push_frame(frame, direction)

    async def _announced(self) -> None:
        finished, self._announcement = self._announcement, ""
        if finished == "hold":
            await self.push_frame(MixerEnableFrame(True))
            _, error = await self._transport.start_dialout({"phoneNumber": self._agent, "displayName": "agent"})
            if error:
                await self.push_error(error)
        elif finished == "briefing":
            await self._set_caller_permissions(True)
            self.connected = True

    async def _announce(self, text: str, *, then: str) -> None:
        self._announcement = then
        message = {"role": "system", "content": text}
        await self.push_frame(LLMMessagesAppendFrame([message], run_llm=True), FrameDirection.UPSTREAM)

    async def _set_caller_permissions(self, allowed: bool) -> None:
        permissions = {"canReceive": {"base": allowed}, "canSend": allowed}
        await self._transport.update_remote_participants({self.caller: {"permissions": permissions}})


async def run_bot(transport: DailyTransport, agent: str, *, handle_sigint: bool) -> None:
    """Talk with the caller, then connect an agent."""
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
        if transfer.connected or participant["id"] == transfer.caller:
            await worker.queue_frame(EndWorkerFrame(), FrameDirection.UPSTREAM)

    runner = WorkerRunner(handle_sigint=handle_sigint)
    await runner.add_workers(worker)
    await runner.run()


async def bot(runner_args: DailyRunnerArguments) -> None:
    """Run the bot; the body has `agent`, a number, `hold_music`, an 8 kHz WAV file, and the fields that Daily posts."""
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
