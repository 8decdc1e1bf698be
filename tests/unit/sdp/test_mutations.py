"""No text makes the reader of session descriptions fail, and what PJSIP gets of it is a correct description."""

from __future__ import annotations

import re

from simulator.sdp.body import MessageBody
from simulator.sdp.description import Description
from simulator.sdp.formats import CODECS
from simulator.sdp.received_answer import usable_answer
from simulator.sdp.received_offer import ReceivedOffer
from tests.unit.sdp.mutations import CORRECT, mutated

SECTION = re.compile(r"m=[A-Za-z0-9.!%*_`'~+-]+ \d{1,5} [^ ]+( [A-Za-z0-9.!%*_`'~+-]+)+")


def test_any_text_is_read_and_what_pjsip_gets_is_correct() -> None:
    for text in mutated(seed=1, count=2000):
        offer = ReceivedOffer.read(MessageBody(sdp=text), tuple(CODECS))
        assert offer is not None
        given = offer.undecided(tuple(CODECS))
        for line in given.splitlines():
            assert not line.startswith("m=") or SECTION.fullmatch(line), (text, line)
        read = Description.parse(given)
        assert read is not None
        assert sum(each.kind == "audio" and each.port > 0 for each in read.sections) == 1
        if offer.description is not None and offer.audio is not None:
            assert len(read.sections) == len(offer.description.sections)


def test_any_answer_has_the_sections_of_the_offer() -> None:
    offers = [description for text in CORRECT if (description := Description.parse(text)) is not None]
    for text in mutated(seed=2, count=1000):
        answer = Description.parse(text)
        for offer in offers if answer is not None else ():
            found = usable_answer(offer, answer, tuple(CODECS)) if answer else None
            assert found is None or len(found[0].sections) == len(offer.sections)
