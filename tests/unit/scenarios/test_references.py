from __future__ import annotations

from scenarios.references import references, resolved

VALUES = {"first": "id-1", "count": 3, "room.sip_uri": "sip:r.0@127.0.0.1:5060"}


def test_a_lone_reference_gives_the_value_itself() -> None:
    assert resolved("$count", VALUES.__getitem__) == 3
    assert resolved("${first}", VALUES.__getitem__) == "id-1"


def test_within_a_text_it_gives_its_text() -> None:
    assert resolved("${room.sip_uri};x=${count}", VALUES.__getitem__) == "sip:r.0@127.0.0.1:5060;x=3"
    assert resolved("call $first.", {"first": "id-1"}.__getitem__) == "call id-1."


def test_a_doubled_dollar_is_a_dollar() -> None:
    assert resolved("$$first costs $5", VALUES.__getitem__) == "$first costs $5"


def test_it_reaches_into_mappings_and_lists() -> None:
    tree = {"a": ["$first", {"b": "/x$/"}], "c": 1}
    assert resolved(tree, VALUES.__getitem__) == {"a": ["id-1", {"b": "/x$/"}], "c": 1}


def test_the_names_in_a_text() -> None:
    assert list(references("$a and ${b.c} but not $$d, $5 or /e$/")) == ["a", "b.c"]
