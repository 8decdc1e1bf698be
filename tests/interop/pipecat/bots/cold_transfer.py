"""A bot that transfers its caller to an operator and then leaves, written with names of Pipecat before 1.3."""

from __future__ import annotations

import os
from typing import Any

from pipecat.frames.frames import EndFrame, LLMMessagesAppendFrame, LLMRunFrame
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.runner.types import DailyRunnerArguments
from pipecat.services.llm_service import FunctionCallParams
from pipecat.transports.daily.transport import DailyDialinSettings, DailyParams, DailyTransport

from tests.interop.pipecat.bots.conversation import conversation
from tests.interop.pipecat.services import Call, ScriptedLanguageModel

OPERATOR_HZ = 520.0
"""The tone of callers who ask for the operator."""


async def run_bot(transport: DailyTransport, operator: str, *, handle_sigint: bool) -> None:
    """Talk with the caller until the operator has answered."""
    llm = ScriptedLanguageModel("Good day to you.", {"operator": Call("dial_operator")})

    transferring = False

    async def dial_operator(params: FunctionCallParams) -> None:
        nonlocal transferring
        transferring = True
        await params.llm.push_frame(
            LLMMessagesAppendFrame([{"role": "system", "content": "One moment, please."}], run_llm=True)
        )
        await transport.sip_call_transfer({"toEndPoint": operator})

    llm.register_function("dial_operator", dial_operator)
    task = PipelineTask(
        conversation(transport, llm, {OPERATOR_HZ: "operator"}),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
    )

    @transport.event_handler("on_first_participant_joined")
    async def on_first_participant_joined(transport: DailyTransport, participant: Any) -> None:
        await task.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_dialout_answered")
    async def on_dialout_answered(transport: DailyTransport, data: Any) -> None:
        await task.queue_frames([EndFrame()])

    @transport.event_handler("on_dialout_error")
    async def on_dialout_error(transport: DailyTransport, data: Any) -> None:
        await task.cancel()

    @transport.event_handler("on_participant_left")
    async def on_participant_left(transport: DailyTransport, participant: Any, reason: str) -> None:
        if not transferring:
            await task.cancel()

    runner = PipelineRunner(handle_sigint=handle_sigint)
    await runner.add_workers(task)
    await runner.run()


async def bot(runner_args: DailyRunnerArguments) -> None:
    """Run the bot; the body contains what Daily posts about a held caller, and the operator's number."""
    body = runner_args.body
    transport = DailyTransport(
        runner_args.room_url,
        runner_args.token,
        "Transfer bot",
        params=DailyParams(
            api_key=os.environ["DAILY_API_KEY"],
            dialin_settings=DailyDialinSettings(call_id=body["callId"], call_domain=body["callDomain"]),
            audio_in_enabled=True,
            audio_out_enabled=True,
        ),
    )
    await run_bot(transport, body["operator"], handle_sigint=runner_args.handle_sigint)
