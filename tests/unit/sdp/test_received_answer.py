"""An answer is read with the sections of the offer, whatever sections it has."""

from __future__ import annotations

import pytest

from simulator.sdp.description import Description
from simulator.sdp.received_answer import usable_answer

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
PCMU, G729, REFUSED, VIDEO = (
    "m=audio 4000 RTP/AVP 0\r\n",
    "m=audio 4000 RTP/AVP 18\r\n",
    "m=audio 0 RTP/AVP 0\r\n",
    "m=video 4002 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n",
)


def described(*sections: str) -> Description:
    description = Description.parse(HEAD + "".join(sections))
    assert description is not None
    return description


@pytest.mark.parametrize(
    ("offer", "answer", "expected"),
    [
        ([PCMU], [PCMU], [("audio", 4000)]),
        ([PCMU], [REFUSED, PCMU], [("audio", 4000)]),
        ([PCMU], [PCMU, VIDEO], [("audio", 4000)]),
        ([PCMU, VIDEO], [PCMU], [("audio", 4000), ("video", 0)]),
        ([PCMU, VIDEO], [PCMU, VIDEO], [("audio", 4000), ("video", 4002)]),
        ([PCMU, VIDEO], [PCMU, PCMU], [("audio", 4000), ("video", 0)]),
        ([VIDEO, PCMU], [PCMU], [("video", 0), ("audio", 4000)]),
    ],
)
def test_the_answer_gets_the_sections_of_the_offer(
    offer: list[str], answer: list[str], expected: list[tuple[str, int]]
) -> None:
    found = usable_answer(described(*offer), described(*answer), ["PCMU"])
    assert found is not None
    description, index = found
    assert [(section.kind, section.port) for section in description.sections] == expected
    assert description.sections[index].kind == "audio"


@pytest.mark.parametrize("answer", [[], [REFUSED], [G729], [VIDEO]])
def test_an_answer_without_usable_audio_is_none(answer: list[str]) -> None:
    assert usable_answer(described(PCMU), described(*answer), ["PCMU"]) is None


def test_an_answer_to_an_offer_without_audio_is_none() -> None:
    assert usable_answer(described(VIDEO), described(PCMU), ["PCMU"]) is None
