"""The far end of one call: carries out the steps of a persona on the phone's verbs, and records each of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.errors import CallEnded, CallRefused, ExpectationFailed, SimulatorError
from simulator.kept_files import kept_files_folder
from simulator.personas import steps as s
from simulator.personas.persona import BoundPersona
from simulator.personas.positions import Position, Positions
from simulator.personas.script import Action, AwaitDigit, Note, Prompt, Script
from simulator.relay import Faults
from simulator.waiting import Changes

if TYPE_CHECKING:
    from simulator.phone_call import PhoneCall

_ANSWERED_WITHIN = 3600.0
"""Seconds that the steps of a caller wait for the answer; the call ends before."""
_TALKS_WITHIN = 3600.0
_REPLACED_WITHIN = 32.0
"""Seconds that an INVITE with Replaces may take after the REFER: timer B of SIP (RFC 3261 §17.1.1.2)."""
_SILENCE_SECONDS = 1.0
"""Length of the silence that the step `wait_for: silence` waits for."""


class FarEnd:
    """The far end of one call, which follows the steps of a persona. `start` begins, `stop` ends it."""

    def __init__(self, call: PhoneCall, persona: BoundPersona, record: Callable[..., None]) -> None:
        """`record` adds a record of the call to the timeline: an action, and its fields."""
        self.persona = persona.name
        self._call = call
        self._record = record
        self._script = Script(_steps_of(persona, call))
        self._task: asyncio.Task[None] | None = None
        self._heard = Changes()
        self._ending: asyncio.Task[None] | None = None
        self.positions = Positions()
        """The positions in its steps that it has reached."""
        self._digits_taken = 0
        self._messages = 0

    @property
    def place(self) -> str:
        """Where in its steps the far end stands: `'desk' (persona menu) is in menu 'main', expected 1 or 3`."""
        return f"{self._call.phone!r} (persona {self.persona}) is {self._script.place}"

    @property
    def branches(self) -> list[str]:
        """The names of the branches of menus that the caller has chosen, oldest first."""
        return self._script.branches

    def start(self, *, delay_ms: int) -> None:
        """Follow the steps in the background; those of a called phone begin in `delay_ms` milliseconds."""
        begin = self._follow(delay_ms if self._call.incoming else 0)
        self._task = asyncio.create_task(begin, name=f"{self._call.phone} as {self.persona}")

    def digit_heard(self) -> None:
        """The call has received a digit."""
        self._heard.notify()

    def stop(self) -> None:
        """The call has ended: do nothing more, after what is due at this moment."""
        if self._task is not None:
            asyncio.get_running_loop().call_soon(self._task.cancel)

    async def _follow(self, delay_ms: int) -> None:
        try:
            await asyncio.sleep(delay_ms / 1000)
            if not self._call.incoming or self._call.replaces_another:
                await self._call.wait_answered(within=_ANSWERED_WITHIN)
            actions = self._script.actions()
            digit: str | None = None
            while True:
                try:
                    action = actions.send(digit)
                except StopIteration:
                    return
                digit = await self._perform(action)
        except SimulatorError as failure:
            if not isinstance(failure, CallEnded) and self._call.ended is None:
                self._record("fails", persona=self.persona, error=f"{self._script.place}: {failure}")

    def _reach(self, position: Position, **more: Any) -> None:
        """Record a position, at the present place in the menus, and `more` fields."""
        position = replace(position, menu=self._script.menu, branch=self._script.branch)
        self.positions.reached.append(position)
        self._record("persona", persona=self.persona, **position.fields, **more)
        self._call.persona_moved()

    async def _perform(self, action: Action) -> str | None:
        match action:
            case AwaitDigit():
                return await self._next_digit(action.within_ms / 1000)
            case Prompt():
                return await self._prompt(action)
            case Note():
                self._reach(Position(action.text, digits=action.digits or None))
            case _:
                self._reach(Position(str(action), step=action.word))
                await self._step(action)
        return None

    async def _step(self, step: s.Step) -> None:
        call = self._call
        match step:
            case s.Ring():
                if step.ring_ms:
                    await call.ring()
                    await asyncio.sleep(step.ring_ms / 1000)
            case s.RingForever():
                await call.ring()
                await asyncio.Event().wait()
            case s.EarlyMedia():
                await call.ring(early_media=True)
            case s.SessionTimer():
                call.replace_answer_headers(call.sip_call_id, step.headers)
            case s.Answer() | s.AnswerTwice():
                if isinstance(step, s.AnswerTwice):
                    call.expect_second_answer(call.sip_call_id)
                await call.answer()
                await call.wait_answered(within=_ANSWERED_WITHIN)
            case s.Refuse():
                await call.reject(step.refuse, step.reason, headers=step.headers)
            case s.HangUp():
                await call.hang_up()
            case _:
                await self._step_in_call(step)

    async def _step_in_call(self, step: s.Step) -> None:
        call = self._call
        match step:
            case s.Hold():
                await call.hold()
            case s.Resume():
                await call.resume()
            case s.Offer():
                await self._offer(step)
            case s.Transfer() if step.attended:
                await self._transfer_attended(step)
            case s.Transfer():
                await call.transfer(step.transfer)
            case s.Lose():
                await call.impair(Faults(loss=1), direction=step.lose)
            case _:
                await self._sound(step)

    async def _sound(self, step: s.Step) -> None:
        call = self._call
        match step:
            case s.Pause():
                await asyncio.sleep(step.pause_ms / 1000)
            case s.PauseSeconds():
                await asyncio.sleep(step.pause_s)
            case s.Press():
                await call.press(step.press, method=step.method)
            case s.Say():
                await self._say(step.say, step.seconds)
            case s.Tone():
                await call.hum(step.tone, seconds=step.ms / 1000)
                await call.finish_talking(within=_TALKS_WITHIN)
            case s.Music():
                await self._music(step.music_s)
            case s.Record():
                await self._take_message(step)
            case s.WaitFor():
                await self._wait_for(step)
            case _:
                raise NotImplementedError(step.word)

    async def _offer(self, step: s.Offer) -> None:
        try:
            await self._call.change_codec(step.offer)
        except CallRefused as refused:
            self._reach(Position(f"the offer is refused: {refused.status}"))

    async def _transfer_attended(self, step: s.Transfer) -> None:
        """Call the target, tell it, and let one of the two take this far end's place in the call of the other."""
        target = await self._call.dial_beside(step.transfer)
        await target.wait_answered(within=_ANSWERED_WITHIN)
        if step.announce:
            await target.say(step.announce)
            await target.finish_talking(within=_TALKS_WITHIN)
        referred, replaced = (target, self._call) if step.refers == "target" else (self._call, target)
        await referred.transfer_to_call(replaced)
        # The end of its own call ends the steps, and the other call is to be ended then.
        self._ending = asyncio.create_task(self._end_once_replaced(referred, replaced), name="an attended transfer")

    async def _end_once_replaced(self, referred: PhoneCall, replaced: PhoneCall) -> None:
        try:
            await replaced.wait_for_end(within=_REPLACED_WITHIN)
            await referred.hang_up()
        except ExpectationFailed:
            note = f"{referred.remote} has not taken its place in the call with {replaced.remote}"
            self._reach(Position(note))

    # --- sound -----------------------------------------------------------------------------------------------

    async def _say(self, text: str, seconds: float = 0) -> None:
        if text or seconds:
            await self._call.say(seconds or text)
            await self._call.finish_talking(within=_TALKS_WITHIN)

    async def _music(self, seconds: float) -> None:
        from simulator.audio.music import hold_music  # noqa: PLC0415  # loads numpy

        line = await self._call.audio_line()
        tune = hold_music()
        wanted = round(seconds * line.rate)
        for start in range(0, wanted, len(tune)):
            line.send_queue.add(tune[: wanted - start])
        await self._call.finish_talking(within=_TALKS_WITHIN)

    async def _take_message(self, step: s.Record) -> None:
        from simulator.audio.expectations import silence_heard  # noqa: PLC0415  # loads numpy

        self._messages += 1
        name = re.sub(r"\W", "", f"{self._call.phone}_{self._call.sip_call_id[:12]}_{self._messages}")
        path = kept_files_folder("messages") / f"{name}.wav"
        line = await self._call.audio_line()
        began = line.received.position
        await self._call.record(path.resolve())
        try:
            await silence_heard(line, step.until_silence_s, within=step.record_s)
        finally:
            seconds = (line.received.position - began) / line.rate
            self._reach(Position(f"has recorded {seconds:.1f} s"), path=str(path))
        await self._call.stop_recording()

    async def _wait_for(self, step: s.WaitFor) -> None:
        from simulator.audio import expectations  # noqa: PLC0415  # loads numpy

        line = await self._call.audio_line()
        within = step.within_ms / 1000
        if step.wait_for == "speech":
            heard = await expectations.speech_heard(line, within=within)
        else:
            heard = await expectations.silence_heard(line, min(_SILENCE_SECONDS, within), within=within)
        if not heard:
            self._reach(Position(f"no {step.wait_for} within {within:g} s"))

    # --- digits ----------------------------------------------------------------------------------------------

    async def _next_digit(self, within: float) -> str | None:
        """Wait for the next digit that no menu has taken; None after `within` seconds."""
        heard = self._call.heard

        def found() -> str | None:
            return heard[self._digits_taken].digit if len(heard) > self._digits_taken else None

        digit = await self._heard.until(found, within=within)
        if digit is not None:
            self._digits_taken += 1
        return digit

    async def _prompt(self, prompt: Prompt) -> str | None:
        self._reach(Position(f"say “{prompt.text}”", step=s.Menu.word))
        if not prompt.interruptible:
            await self._say(prompt.text)
            self._digits_taken = len(self._call.heard)
            return None
        talking = asyncio.ensure_future(self._say(prompt.text))
        listening = asyncio.ensure_future(self._next_digit(_TALKS_WITHIN))
        try:
            await asyncio.wait((talking, listening), return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                talking.result()
                return None
            if not talking.done():
                await self._call.hush()
            return listening.result()
        finally:
            await _cancelled(talking, listening)


def _steps_of(persona: BoundPersona, call: PhoneCall) -> Sequence[s.Step]:
    """What the persona does in this call; a call that replaces another one is answered without it."""
    if not call.incoming:
        return persona.calling
    return [step for step in persona.called if not (call.replaces_another and step.takes_call)]


async def _cancelled(*tasks: asyncio.Future[Any]) -> None:
    """Cancel the tasks, and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
