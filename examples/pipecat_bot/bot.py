"""A Pipecat bot that calls a number, plays a tone as its greeting, and hangs up when the callee has pressed 1.

    python bot.py +12065550142

In a product, a pipeline with speech services takes the place of the tone.
"""

import asyncio
import math
import os
import sys
from array import array

from pipecat.frames.frames import EndFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.transports.daily.transport import DailyParams, DailyTransport
from pipecat.workers.runner import WorkerRunner

RATE = 16000


def greeting():
    """Two seconds of 550 Hz."""
    samples = (int(8000 * math.sin(2 * math.pi * 550 * n / RATE)) for n in range(2 * RATE))
    return OutputAudioRawFrame(array("h", samples).tobytes(), RATE, 1)


async def main(number):
    """Call `number`; return when the call is over."""
    params = DailyParams(audio_in_enabled=True, audio_out_enabled=True, audio_out_sample_rate=RATE)
    transport = DailyTransport(os.environ["DAILY_ROOM_URL"], os.environ["DAILY_ROOM_TOKEN"], "Bot", params)
    worker = PipelineWorker(Pipeline([transport.input(), transport.output()]))

    @transport.event_handler("on_joined")
    async def on_joined(transport, data):
        await transport.start_dialout({"phoneNumber": number})

    @transport.event_handler("on_dialout_answered")
    async def on_dialout_answered(transport, data):
        await worker.queue_frame(greeting())

    @transport.event_handler("on_dtmf_event")
    async def on_dtmf_event(transport, data):
        if data["tone"] == "1":
            print("confirmed", flush=True)
            await worker.queue_frame(EndFrame())

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
