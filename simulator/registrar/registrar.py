"""The registrar: answers REGISTER (RFC 3261 §10.3), proves who calls (§22.3), and knows where clients are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from simulator.registrar.bindings import MOST_BINDINGS, Binding, Bindings
from simulator.registrar.contacts import Contact, Contacts
from simulator.registrar.digest import Algorithm
from simulator.registrar.expiry import ExpiryLimits
from simulator.registrar.proof import FORBIDDEN, PasswordProof
from simulator.registrar.reply import Refused, Reply, refused
from simulator.sip_bytes import Address, shown, user_and_host
from simulator.sip_requests.request import Request


class Registrar:
    """The clients of one domain.

    `password_of` returns the password of a client, or None for a name that no client has now; `hosts` are the hosts
    that the domain's addresses may have, in lower case. `now` is in seconds of any one clock.
    """

    def __init__(
        self,
        realm: str,
        password_of: Callable[[str], str | None],
        *,
        hosts: Collection[str],
        expiry: ExpiryLimits | None = None,
        algorithms: Sequence[Algorithm] = ("MD5",),
        secret: bytes | None = None,
    ) -> None:
        self.realm = realm
        self._password_of = password_of
        self._hosts = frozenset(hosts)
        self._expiry = expiry or ExpiryLimits()
        self._proof = PasswordProof(algorithms, secret)
        self._bindings = Bindings()

    # --- questions -------------------------------------------------------------------------------------------

    def client_at(self, uri: bytes) -> str | None:
        """The client that has a SIP URI as its address; None when none has."""
        user, host = user_and_host(uri)
        return user if user and host in self._hosts and self._password_of(user) is not None else None

    def bindings_of(self, client: str, now: float) -> tuple[Binding, ...]:
        """Where a client can be reached now, the latest registration last; nowhere if there is no such client."""
        return self._bindings.of(client, now) if self._password_of(client) is not None else ()

    def registered(self, now: float) -> tuple[tuple[str, Binding], ...]:
        """All bindings, each with its client."""
        return tuple((client, one) for client in self._bindings.clients for one in self.bindings_of(client, now))

    def drop(self, client: str) -> None:
        """Forget where a client can be reached."""
        self._bindings.drop(client)

    def drop_connection(self, connection: int) -> None:
        """Forget the user agents that have registered over a TCP connection, which is closed."""
        self._bindings.drop_connection(connection)

    # --- requests --------------------------------------------------------------------------------------------

    def register(self, request: Request, now: float) -> Reply:
        """Answer a REGISTER."""
        try:
            return self._registered(request, now)
        except Refused as refusal:
            return refusal.reply

    def caller_of(self, request: Request) -> str | None:
        """The client that an INVITE names as its caller; None when it names somebody else."""
        caller = Address.parse(request.message.value(b"from") or b"")
        return None if caller is None else self.client_at(caller.uri)

    def screen_call(self, request: Request, client: str, now: float) -> Reply | None:
        """Challenge or refuse an INVITE unless its sender has proved to be `client`."""
        try:
            self._authenticate(request, client, now, by_proxy=True)
        except Refused as refusal:
            return refusal.reply
        return None

    # --- REGISTER --------------------------------------------------------------------------------------------

    def _registered(self, request: Request, now: float) -> Reply:
        message = request.message
        required = message.values(b"require")
        if required:
            unsupported = shown(b", ".join(required), most=100)
            raise refused(420, "Bad Extension", f"it requires {unsupported}", headers=(("Unsupported", unsupported),))
        to = Address.parse(message.value(b"to") or b"")
        user, host = user_and_host(b"" if to is None else to.uri)
        if host not in self._hosts:
            raise refused(404, "Not Found", f"{host or 'the To'} is not the host of this domain", client=user)
        self._authenticate(request, user, now, by_proxy=False)
        asked = Contacts.of(message, user)
        present = self._bindings.of(user, now)
        if asked.removes_all:
            self._check_order(present, request, user)
            self._bindings.replace(user, [one.key for one in present], ())
            return self._reply(request, user, "unregisters", now)
        if not asked.values:
            return self._reply(request, user, "", now)
        return self._update(request, user, asked.values, present, now)

    def _update(
        self, request: Request, user: str, contacts: Sequence[Contact], present: Sequence[Binding], now: float
    ) -> Reply:
        """Bind all Contacts, or none of them (§10.3, item 7)."""
        removed: list[bytes] = []
        added: dict[bytes, Binding] = {}
        for contact in contacts:
            granted = self._expiry.granted(contact.expires)
            if granted is None:
                least = str(self._expiry.least)
                why = f"it asks for {contact.expires} s, and the least is {least} s"
                raise refused(423, "Interval Too Brief", why, client=user, headers=(("Min-Expires", least),))
            if granted == 0:
                removed.append(contact.key)
                continue
            added[contact.key] = Binding(
                contact.key, contact.uri, request.source, request.call_id, request.cseq, now + granted
            )
        keys = {*removed, *added}
        self._check_order([one for one in present if one.key in keys], request, user)
        if len({one.key for one in present} - set(removed) | set(added)) > MOST_BINDINGS:
            why = f"a client has at most {MOST_BINDINGS} contacts"
            raise refused(403, f"{FORBIDDEN}: {why}", why, client=user)
        self._bindings.replace(user, removed, added.values())
        return self._reply(request, user, "registers" if added else "unregisters", now)

    def _check_order(self, bindings: Sequence[Binding], request: Request, user: str) -> None:
        """Refuse a request that was overtaken by a later one. A retransmission of the latest is carried out again."""
        if any(one.call_id == request.call_id and one.cseq > request.cseq for one in bindings):
            why = "a REGISTER with a higher CSeq came before it"
            raise refused(500, f"Server Internal Error: {why}", why, client=user)

    def _reply(self, request: Request, user: str, action: str, now: float) -> Reply:
        bindings = self._bindings.of(user, now)
        contacts = tuple(
            ("Contact", f"<{one.contact.decode('latin-1')}>;expires={one.remaining(now)}") for one in bindings
        )
        record: dict[str, object] = {"action": action, "client": user} if action else {}
        if action == "registers":
            record["expires_s"] = bindings[-1].remaining(now)
        return Reply(200, "OK", contacts, record)

    def _authenticate(self, request: Request, user: str, now: float, *, by_proxy: bool) -> None:
        """Raise Refused unless the sender has proved that it knows the password of `user`."""
        self._proof.require(request, user, self._password_of(user), realm=self.realm, now=now, by_proxy=by_proxy)
