"""Challenges to prove a password, and their answers (RFC 3261 §22)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence

from simulator.registrar.digest import Algorithm, Credentials, challenge
from simulator.registrar.nonces import Nonces
from simulator.registrar.reply import Refused, Reply, refused
from simulator.sip_requests.request import Request

FORBIDDEN = "Forbidden"


class PasswordProof:
    """Asks senders of requests for the proof of a password. `now` is in seconds of any one clock."""

    def __init__(self, algorithms: Sequence[Algorithm], secret: bytes | None = None) -> None:
        self._algorithms = tuple(algorithms)
        self._nonces = Nonces(secret or secrets.token_bytes(32))

    def require(
        self, request: Request, user: str, password: str | None, *, realm: str, now: float, by_proxy: bool
    ) -> None:
        """Raise Refused unless the sender has proved that it knows the password of `user`; None: no such user.

        With `by_proxy` the challenge is a 407, otherwise a 401.
        """
        given = self._credentials(request, user, realm, by_proxy=by_proxy)
        if given is None:
            raise self._challenge(realm, now, by_proxy=by_proxy)
        if given.flaw is not None:
            raise refused(400, f"Bad Request: {given.flaw}", given.flaw, client=user)
        if password is None:
            raise refused(403, FORBIDDEN, "there is no such client", client=user)
        if given.username != user:
            raise refused(403, FORBIDDEN, "the credentials are those of another client", client=user)
        expected = given.expected(request.method.decode("latin-1"), password)
        if not hmac.compare_digest(expected.encode(), given.response.lower().encode("latin-1", "replace")):
            raise refused(403, FORBIDDEN, "the password is wrong", client=user)
        if not self._nonces.use(given.nonce, given.count, (request.call_id, request.cseq), now):
            raise self._challenge(realm, now, stale=True, by_proxy=by_proxy)

    def _credentials(self, request: Request, user: str, realm: str, *, by_proxy: bool) -> Credentials | None:
        """The credentials for this realm; None when there are none (RFC 3261 §22.3)."""
        lines = request.message.values(b"proxy-authorization" if by_proxy else b"authorization")
        for line in lines:
            given = Credentials.parse(line)
            if given is None:
                why = "the credentials cannot be parsed"
                raise refused(400, f"Bad Request: {why}", why, client=user)
            if given.realm == realm:
                return given
        return None

    def _challenge(self, realm: str, now: float, *, stale: bool = False, by_proxy: bool) -> Refused:
        nonce = self._nonces.issue(now)
        name = "Proxy-Authenticate" if by_proxy else "WWW-Authenticate"
        values = [challenge(realm, nonce, algorithm, stale=stale) for algorithm in self._algorithms]
        status, reason = (407, "Proxy Authentication Required") if by_proxy else (401, "Unauthorized")
        return Refused(Reply(status, reason, tuple((name, value) for value in values)))
