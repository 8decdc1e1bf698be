"""Session descriptions with seeded mistakes: lines lost, doubled, moved and cut, numbers and characters replaced."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
EVENTS = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
CORRECT = (
    f"{HEAD}m=audio 40000 RTP/AVP 0 101\r\n{EVENTS}",
    f"{HEAD}m=audio 40000 RTP/AVP 0 96 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n{EVENTS}"
    "a=ptime:20\r\na=maxptime:40\r\na=rtcp:40001 IN IP4 127.0.0.1\r\n",
    f"{HEAD}m=audio 40000 RTP/AVP 0\r\nm=video 40002 RTP/AVP 97 99\r\na=rtpmap:97 VP8/90000\r\n"
    "a=rtpmap:99 H264/90000\r\na=fmtp:99 packetization-mode=1\r\na=rtcp-fb:* nack pli\r\n",
    f"{HEAD}m=audio 0 RTP/AVP 0\r\nm=audio 40000 RTP/AVP 9 0 101\r\n{EVENTS}a=sendonly\r\n",
)
_NUMBERS = ("0", "-1", "1", "127", "128", "255", "65535", "65536", "4294967296", "48000")
_CHARACTERS = ("\x00", "\xff", "é", " ", "/", ":", ";", "=", "-1", "999999999999", "\t", "%n", "\x7f", "\u2028")


def mutated(seed: int, count: int) -> Iterator[str]:
    """So many descriptions, each with one to four mistakes."""
    rng = random.Random(seed)
    for _ in range(count):
        text = rng.choice(CORRECT)
        for _ in range(rng.randint(1, 4)):
            text = _with_mistake(rng, text)[:6000]
        yield text


def _with_mistake(rng: random.Random, text: str) -> str:
    lines = text.split("\r\n")
    index = rng.randrange(len(lines))
    line = lines[index]
    cut = rng.randint(0, len(line))
    match rng.randrange(8):
        case 0:
            del lines[index]
        case 1:
            lines.insert(index, rng.choice(lines))
        case 2:
            lines[index] = line[:cut] + rng.choice(_CHARACTERS) + line[cut:]
        case 3:
            lines[index] = line[:cut] + line[cut + rng.randint(1, 3) :]
        case 4:
            lines[index] = re.sub(r"\d+", rng.choice(_NUMBERS), line, count=1)
        case 5:
            rng.shuffle(lines)
        case 6:
            lines[index] = line * rng.randint(2, 40)
        case _:
            lines[index] = line.swapcase()
    return "\r\n".join(lines)
