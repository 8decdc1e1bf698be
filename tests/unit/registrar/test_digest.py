"""Digest authentication: the examples of the RFCs, and headers that are no credentials."""

from __future__ import annotations

import pytest

from simulator.registrar.digest import Credentials, challenge

MUFASA = (
    b'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
    b'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
    b'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
    b'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", '
)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_are_computed(algorithm: str, response: str) -> None:
    given = Credentials.parse(MUFASA + f'algorithm={algorithm}, response="{response}"'.encode())
    assert given is not None
    assert given.flaw is None
    assert given.count == 1
    assert given.expected("GET", "Circle of Life") == response


def test_md5_is_the_algorithm_when_none_is_named() -> None:
    given = Credentials.parse(MUFASA + b'response="x"')
    assert given is not None
    assert given.algorithm == "MD5"


@pytest.mark.parametrize(
    "value",
    [
        b"Basic bWU6bWU=",
        b"Digest",
        b'Digest username="a"',
        MUFASA + b'response="x", response="y"',
        MUFASA + b'response="x',
        MUFASA + b"response=x y",
        b"Digest " + b'\\"' * 500,
    ],
)
def test_what_is_no_digest_is_not_parsed(value: bytes) -> None:
    assert Credentials.parse(value) is None


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        (b"qop=auth", b"qop=auth-int", "qop is not auth"),
        (b"qop=auth, ", b"", "qop is not auth"),
        (b"nc=00000001", b"nc=1", "nc is not eight hexadecimal digits, or cnonce is missing"),
        (b'response="x"', b'response="x", algorithm=MD5-sess', "the algorithm is neither MD5 nor SHA-256"),
    ],
)
def test_credentials_that_cannot_be_checked_have_a_flaw(old: bytes, new: bytes, flaw: str) -> None:
    given = Credentials.parse((MUFASA + b'response="x"').replace(old, new))
    assert given is not None
    assert given.flaw == flaw


def test_a_challenge_names_realm_nonce_algorithm_and_qop() -> None:
    assert challenge("sip.test", "n1", "MD5") == 'Digest realm="sip.test", nonce="n1", algorithm=MD5, qop="auth"'
    assert challenge("sip.test", "n1", "SHA-256", stale=True).endswith('algorithm=SHA-256, qop="auth", stale=true')
