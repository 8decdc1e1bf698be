"""The corpus: seven ordinary messages, each a file with places for what differs from one message to the next."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def seed(name: str) -> str:
    """The text of a message in the corpus, with LF as line end."""
    return (CORPUS / f"{name}.sip").read_text(encoding="utf-8")


def filled(text: str, **values: object) -> bytes:
    """The message with these values, CRLF as line end, and the length of its body."""
    head, _, body = text.format_map({"length": "{length}", **values}).partition("\n\n")
    body = body.replace("\n", "\r\n")
    return f"{head}\n\n".replace("{length}", str(len(body.encode()))).replace("\n", "\r\n").encode() + body.encode()
