from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.problems import InvalidScenarios, Place
from scenarios.source import Source, spell

PATH = Path("some.yaml")


def test_every_scalar_is_text() -> None:
    tree = Source.parse('a: 012\nb: yes\nc: 1.50\nd: null\ne:\nf: "x"\ng: +12065550142\nh: 2026-01-02\n', PATH).tree
    assert tree == {
        "a": "012",
        "b": "yes",
        "c": "1.50",
        "d": "null",
        "e": "",
        "f": "x",
        "g": "+12065550142",
        "h": "2026-01-02",
    }


def test_values_and_keys_know_their_places() -> None:
    source = Source.parse("a: 1\nb:\n  - x\n  - {y: 2}\n", PATH)
    assert source.place(("b", 1, "y")) == Place(4, 9)
    assert source.place(("b", 1, "y"), of_key=True) == Place(4, 6)
    assert source.place(("b", 0)) == Place(3, 5)


def test_a_way_past_the_tree_ends_at_its_last_known_step() -> None:
    source = Source.parse("a: {b: 1}\n", PATH)
    assert source.place(("a", "z", 3)) == source.place(("a",))
    assert source.at(("a", "z")) is None
    assert source.at(("a", "b")) == "1"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: b: c", "1:5", "quote a text that has a colon"),
        ("\ta: 1", "1:1", "indent with spaces"),
        ("a: [1, 2\nb: 3", "2:2", "expected ',' or ']'"),
        ("a: 1\n---\nb: 2", "2:1", "single document"),
        ("", "1:1", "it is empty"),
        ("- a", "1:1", "a scenario is a mapping"),
        ("just words", "1:1", "a scenario is a mapping"),
        ("a: 1\na: 2", "2:1", "a: written twice; the first is in line 1"),
        ("? [x]\n: 1", "1:3", "a key is a word"),
        ("a: &x [*x]", "1:4", "nested deeper"),
    ],
)
def test_what_is_no_scenario_is_said_with_its_place(text: str, place: str, said: str) -> None:
    with pytest.raises(InvalidScenarios) as wrong:
        Source.parse(text, PATH)
    assert str(wrong.value).startswith(f"some.yaml:{place}: ")
    assert said in str(wrong.value)


def test_control_characters_are_one_line_too() -> None:
    with pytest.raises(InvalidScenarios, match=r"^some\.yaml: not YAML: unacceptable character #x0007.*$"):
        Source.parse("a: \x07", PATH)


def test_a_file_in_another_encoding_is_refused_where_it_breaks(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"title: x\nroom: caf\xe9\n")
    with pytest.raises(InvalidScenarios, match=r"latin\.yaml:2:10: this is not UTF-8 text"):
        Source.read(file)


def test_lists_count_from_one() -> None:
    assert spell(("steps", 1, "with", "phoneNumber")) == "steps[2].with.phoneNumber"
