"""The interpreter of a persona's steps, without I/O."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.personas.persona import PersonaSteps
from simulator.personas.script import AwaitDigit, Note, Prompt, Script

MENU = {"menu": "main", "prompt": "Choose.", "branches": {"1": "sales", "12": "support", "3": ["again"]}, "repeats": 1}


def played(steps: list[Any], heard: list[str | None]) -> tuple[Script, list[str]]:
    """Run steps; each prompt and each wait for a digit gets the next of `heard`. Returns what was done."""
    script = Script(PersonaSteps.model_validate({"called": steps}).called)
    actions, digit = script.actions(), None
    done: list[str] = []
    rest = iter(heard)
    while True:
        try:
            action = actions.send(digit)
        except StopIteration:
            return script, done
        digit = None
        match action:
            case Note(text):
                done.append(text)
            case Prompt(text, _):
                done.append(f"prompt {text}")
                digit = next(rest, "stop")
            case AwaitDigit(within_ms):
                done.append(f"wait {within_ms}")
                digit = next(rest, "stop")
            case step:
                done.append(str(step))
        if digit == "stop":
            return script, done


def test_steps_follow_each_other_and_the_last_one_ends_the_call() -> None:
    script, done = played([{"ring_ms": 200}, "answer", {"say": "Hello"}, "hang_up", {"say": "never"}], [])
    assert done == ["ring for 200 ms", "answer", "say “Hello”", "hang up"]
    assert script.place == "at its end"


@pytest.mark.parametrize(
    ("heard", "branches"),
    [
        (["1", None], ["sales"]),
        ([None, "1", "2"], ["support"]),
        (["3", "1", None], ["3", "sales"]),
        (["7", "1", None], ["sales"]),
        ([None, None, "1", "2"], ["support"]),
        (["7", "8"], []),
    ],
)
def test_digits_choose_a_branch(heard: list[str | None], branches: list[str]) -> None:
    assert played([MENU], heard)[0].branches == branches


def test_all_repeats_in_vain_lead_to_the_last_steps() -> None:
    _, done = played([{**MENU, "wrong": "Wrong.", "otherwise": [{"say": "Bye"}, "hang_up"]}], ["7", None, None, None])
    assert done == [
        "prompt Choose.",
        "menu 'main': heard 7, expected 1, 12 or 3",
        "prompt Wrong.",
        "prompt Choose.",
        "wait 5000",
        "menu 'main': heard nothing, expected 1, 12 or 3",
        "say “Bye”",
        "hang up",
    ]


@pytest.mark.parametrize(
    ("steps", "heard", "place"),
    [
        ([MENU], [], "in menu 'main', expected 1, 12 or 3"),
        ([MENU], ["1"], "in menu 'main', has heard 1, expected 12"),
        ([MENU], ["7"], "in menu 'main', had heard 7, expected 1, 12 or 3"),
        ([{**MENU, "branches": {"1": ["answer", {**MENU, "menu": "inner"}]}}], ["1"],
         "in menu 'main', branch '1', in menu 'inner', expected 1, 12 or 3"),
    ],
)  # fmt: skip
def test_the_place_says_what_was_heard_and_what_is_expected(
    steps: list[Any], heard: list[str | None], place: str
) -> None:
    assert played(steps, heard)[0].place == place
