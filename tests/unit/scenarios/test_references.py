from __future__ import annotations

from scenarios.language.references import references, resolve

VALUES = {"first": "id-1", "count": 3, "room.sip_uri": "sip:r.0@127.0.0.1:5060"}


def test_a_text_that_is_one_reference_becomes_the_value() -> None:
    assert resolve("$count", VALUES.__getitem__) == 3
    assert resolve("${first}", VALUES.__getitem__) == "id-1"


def test_a_reference_within_a_text_becomes_the_text_of_the_value() -> None:
    assert resolve("${room.sip_uri};x=${count}", VALUES.__getitem__) == "sip:r.0@127.0.0.1:5060;x=3"
    assert resolve("call $first.", {"first": "id-1"}.__getitem__) == "call id-1."


def test_two_dollar_signs_are_one_dollar_sign() -> None:
    assert resolve("$$first costs $5", VALUES.__getitem__) == "$first costs $5"


def test_references_are_resolved_in_mappings_and_lists() -> None:
    tree = {"a": ["$first", {"b": "/x$/"}], "c": 1}
    assert resolve(tree, VALUES.__getitem__) == {"a": ["id-1", {"b": "/x$/"}], "c": 1}


def test_all_references_of_a_text_are_found() -> None:
    assert list(references("$a and ${b.c} but not $$d, $5 or /e$/")) == ["a", "b.c"]
