"""Interprets the steps of a persona, without I/O: what to do next, given what the far end has heard.

`script` is a generator. It yields what the far end does, and is sent the digit that this has ended with, if any:

    actions = script.actions()
    action = next(actions)
    action = actions.send(digit)        # None when nothing was heard

It also keeps where in the steps the far end stands, and which branches of menus were chosen.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.personas.steps import Again, HangUp, Menu, Refuse, Step


@dataclass(frozen=True, slots=True)
class Prompt:
    """Say a text; with `interruptible` stop at the first digit, and report this."""

    text: str
    interruptible: bool


@dataclass(frozen=True, slots=True)
class AwaitDigit:
    """Wait for the next digit; report it, or None after `within_ms`."""

    within_ms: int


@dataclass(frozen=True, slots=True)
class Note:
    """Record what has happened in a menu, and the digits that were heard as its choice."""

    text: str
    digits: str


Action = Step | Prompt | AwaitDigit | Note
Actions = Generator[Action, str | None, bool]
"""What the far end does; the value at the end is whether the menu around it begins again."""


class Script:
    """The course of one call by the steps of a persona."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._place: list[str] = []
        self._detail = ""
        self.menu: str | None = None
        """The name of the innermost menu that the far end is in."""
        self.branch: str | None = None
        """The name of the innermost branch that the far end is in."""
        self.branches: list[str] = []
        """The names of the branches of menus that the caller has chosen, oldest first."""
        self.is_finished = False

    @property
    def place(self) -> str:
        """Where in the steps the far end stands: `in menu 'main', had heard 2, expected 1 or 3`."""
        if self.is_finished:
            return "at its end"
        return ", ".join((*self._place, *filter(None, (self._detail,)))) or "before its first step"

    def actions(self) -> Generator[Action, str | None, None]:
        """Yield what the far end does, in turn."""
        yield from self._run(self._steps)
        self.is_finished = True

    def _run(self, steps: Sequence[Step]) -> Actions:
        for number, step in enumerate(steps, start=1):
            if isinstance(step, Again):
                return True
            if isinstance(step, Menu):
                with self._within(f"in {step}", menu=step.menu):
                    yield from self._menu(step)
                continue
            with self._within(f"at step {number} of {len(steps)}: {step}"):
                yield step
            if isinstance(step, HangUp | Refuse):
                return False
        return False

    def _menu(self, menu: Menu) -> Actions:
        attempts = menu.repeats + 1
        heard_before = ""
        while attempts:
            attempts -= 1
            self._detail = f"{heard_before}expected {_either(menu.branches)}"
            digits, choice = yield from self._choice(menu, heard_before)
            if choice is not None:
                branch = menu.branches[choice]
                name = branch.name or choice
                self.branches.append(name)
                self._detail = ""
                with self._within(f"branch {name!r}", branch=name):
                    yield Note(f"{menu}: {choice} chooses {name!r}", choice)
                    again = yield from self._run(branch.steps)
                if not again:
                    return False
                attempts, heard_before = menu.repeats + 1, ""
                continue
            heard_before = f"had heard {digits or 'nothing'}, "
            self._detail = f"{heard_before}expected {_either(menu.branches)}"
            heard = f"heard {digits or 'nothing'}"
            yield Note(f"{menu}: {heard}, expected {_either(menu.branches)}", digits)
            if digits and menu.wrong and attempts:
                yield Prompt(menu.wrong, interruptible=False)
        yield from self._run(menu.otherwise)
        return False

    def _choice(self, menu: Menu, heard_before: str) -> Generator[Action, str | None, tuple[str, str | None]]:
        """Prompt and wait for the digits of a choice; the value is what was heard, and the choice if it is one."""
        digits = ""
        digit = yield Prompt(menu.prompt, menu.interruptible)
        while True:
            if digit is None:
                digit = yield AwaitDigit(menu.within_ms)
            if digit is None:
                return digits, digits if digits in menu.branches else None
            digits, digit = digits + digit, None
            longer = [each for each in menu.branches if each.startswith(digits) and each != digits]
            if digits in menu.branches and not longer:
                return digits, digits
            if not longer and digits not in menu.branches:
                return digits, None
            self._detail = f"{heard_before}has heard {digits}, expected {_either(longer)}"

    @contextmanager
    def _within(self, place: str, *, menu: str | None = None, branch: str | None = None) -> Iterator[None]:
        """Stand at `place` during the context, and afterwards where the far end stood before."""
        outer = self._detail, self.menu, self.branch
        self._place.append(place)
        self._detail, self.menu, self.branch = "", menu or self.menu, branch or self.branch
        yield
        self._place.pop()
        self._detail, self.menu, self.branch = outer


def _either(choices: object) -> str:
    """The choices in words: `1, 2 or 3`."""
    *others, last = map(str, choices)  # type: ignore[call-overload]
    return f"{', '.join(others)} or {last}" if others else last
