"""The HTML of forms: nothing that a peer or a user has named becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

from fake_daily_server.sandbox.forms import Field, copied, form, options

EVIL = "\"><script>alert(1)</script>'"


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_texts_of_others_stay_texts() -> None:
    fields = (
        Field(EVIL, EVIL, EVIL, suggestions=EVIL),
        Field("choice", EVIL, EVIL, choices=("", EVIL)),
        Field("fixed", "", EVIL, fixed=True),
    )
    html = form(EVIL, EVIL, EVIL, *fields) + copied(EVIL, EVIL) + options(EVIL, {EVIL: EVIL})
    tags = Tags(html).found
    assert "script" not in {tag for tag, _ in tags}
    assert EVIL in {attributes.get("data-copy") for _, attributes in tags}


def test_each_field_has_a_label_and_says_its_type() -> None:
    html = form(
        "new", "POST /v1/rooms", "create", Field("n", "how many", "2", "number"), Field("b", "on", "", "boolean")
    )
    tags = Tags(html).found
    inputs = [attributes for tag, attributes in tags if tag == "input"]
    assert [each["for"] for tag, each in tags if tag == "label"] == [each["id"] for each in inputs]
    assert [(each["type"], each["data-json"]) for each in inputs] == [("number", "number"), ("checkbox", "boolean")]
    assert tags[0] == ("form", {"id": "new", "data-request": "POST /v1/rooms"})
