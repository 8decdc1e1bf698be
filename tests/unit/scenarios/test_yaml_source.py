from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loading.problems import InvalidScenarios, Location
from scenarios.loading.yaml_source import YamlSource, path_text

PATH = Path("some.yaml")


def test_every_scalar_is_text() -> None:
    tree = YamlSource.parse('a: 012\nb: yes\nc: 1.50\nd: null\ne:\nf: "x"\ng: +12065550142\nh: 2026-01-02\n', PATH).tree
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


def test_values_and_keys_have_locations() -> None:
    source = YamlSource.parse("a: 1\nb:\n  - x\n  - {y: 2}\n", PATH)
    assert source.location(("b", 1, "y")) == Location(4, 9)
    assert source.location(("b", 1, "y"), of_key=True) == Location(4, 6)
    assert source.location(("b", 0)) == Location(3, 5)


def test_the_location_of_an_unknown_path_is_that_of_its_last_known_part() -> None:
    source = YamlSource.parse("a: {b: 1}\n", PATH)
    assert source.location(("a", "z", 3)) == source.location(("a",))
    assert source.value_at(("a", "z")) is None
    assert source.value_at(("a", "b")) == "1"


@pytest.mark.parametrize(
    ("text", "location", "message"),
    [
        ("a: b: c", "1:5", "quote a text that has a colon"),
        ("\ta: 1", "1:1", "indent with spaces"),
        ("a: [1, 2\nb: 3", "2:2", "expected ',' or ']'"),
        ("a: 1\n---\nb: 2", "2:1", "single document"),
        ("", "1:1", "the file is empty"),
        ("- a", "1:1", "a scenario is a mapping"),
        ("just words", "1:1", "a scenario is a mapping"),
        ("a: 1\na: 2", "2:1", "a: appears twice; the first one is in line 1"),
        ("? [x]\n: 1", "1:3", "a key must be a word"),
        ("a: &x [*x]", "1:4", "nested deeper"),
    ],
)
def test_an_unusable_text_is_reported_with_its_location(text: str, location: str, message: str) -> None:
    with pytest.raises(InvalidScenarios) as invalid:
        YamlSource.parse(text, PATH)
    assert str(invalid.value).startswith(f"some.yaml:{location}: ")
    assert message in str(invalid.value)


def test_a_control_character_is_reported_on_one_line() -> None:
    with pytest.raises(InvalidScenarios, match=r"^some\.yaml: not YAML: unacceptable character #x0007.*$"):
        YamlSource.parse("a: \x07", PATH)


def test_a_byte_that_is_not_utf_8_is_reported_with_its_location(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"title: x\nroom: caf\xe9\n")
    with pytest.raises(InvalidScenarios, match=r"latin\.yaml:2:10: this is not UTF-8 text"):
        YamlSource.read(file)


def test_indices_in_paths_are_shown_from_one() -> None:
    assert path_text(("steps", 1, "with", "phoneNumber")) == "steps[2].with.phoneNumber"
