"""REGISTERs and INVITEs of a client with its digest, as bytes and as requests; without sockets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from simulator.registrar import ExpiryLimits, Registrar, Reply
from simulator.registrar.digest import Algorithm
from simulator.sip_bytes import read
from simulator.sip_requests.hop import Hop
from simulator.sip_requests.request import Request
from simulator.sip_requests.screening import screen

REALM = "127.0.0.1:5060"
PASSWORD = "correct-horse-1"
SOURCE = Hop("127.0.0.1", 40000)
CONTACT = "Contact: <sip:bench@192.0.2.9:40000>"


def registrar(
    *algorithms: Algorithm, users: Sequence[str] = ("bench",), expiry: ExpiryLimits | None = None
) -> Registrar:
    """A registrar with these clients, all with the same password."""
    passwords = dict.fromkeys(users, PASSWORD)
    return Registrar(
        REALM, passwords.get, hosts={"127.0.0.1"}, algorithms=algorithms or ("MD5",), expiry=expiry, secret=b"secret"
    )


def message(
    *lines: str,
    method: str = "REGISTER",
    user: str = "bench",
    host: str = "127.0.0.1",
    call_id: str = "reg",
    cseq: int = 1,
    branch: str = "z9hG4bK1",
    uri: str = f"sip:{REALM}",
    to: str = "",
) -> bytes:
    """A request of a client, with these additional header lines."""
    head = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:40000;branch={branch};rport",
        "Max-Forwards: 70",
        f"From: <sip:{user}@{host}>;tag=a",
        f"To: <{to or f'sip:{user}@{host}'}>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        *lines,
        "Content-Length: 0",
    ]
    return "\r\n".join([*head, "", ""]).encode()


def parsed(data: bytes, source: Hop = SOURCE) -> Request:
    """A message as the front door hands it to the registrar."""
    found = screen(read(data), len(data), source)
    assert isinstance(found, Request), found
    return found


def authorization(
    challenge: str,
    *,
    password: str = PASSWORD,
    user: str = "bench",
    method: str = "REGISTER",
    uri: str = f"sip:{REALM}",
    count: int = 1,
    name: str = "Authorization",
) -> str:
    """The header line that answers a challenge; written without the code under test."""
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
    hashed = hashlib.sha256 if given["algorithm"] == "SHA-256" else hashlib.md5

    def digest(text: str) -> str:
        return hashed(text.encode()).hexdigest()

    nc, cnonce = f"{count:08x}", "0a4f113b"
    first, second = digest(f"{user}:{given['realm']}:{password}"), digest(f"{method}:{uri}")
    response = digest(f"{first}:{given['nonce']}:{nc}:{cnonce}:auth:{second}")
    return (
        f'{name}: Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", '
        f'response="{response}", algorithm={given["algorithm"]}, cnonce="{cnonce}", qop=auth, nc={nc}'
    )


def challenge_of(reply: Reply) -> str:
    """The first challenge in a 401 or 407."""
    assert reply.status in (401, 407), reply
    return reply.headers[0][1]


def registered(
    where: Registrar, *lines: str, now: float = 0, user: str = "bench", cseq: int = 2, **about: str
) -> Reply:
    """The reply to a REGISTER with these lines that answers a challenge."""
    challenge = challenge_of(where.register(parsed(message(user=user)), now))
    answer = authorization(challenge, user=user)
    return where.register(parsed(message(answer, *lines, user=user, cseq=cseq, **about)), now)


def contacts(reply: Reply) -> list[str]:
    """The Contacts of a 200."""
    assert reply.status == 200, reply
    return [value for name, value in reply.headers if name == "Contact"]
