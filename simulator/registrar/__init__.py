"""The registrar of SIP clients: who they are, and where each of them can be reached (RFC 3261 §10 and §22).

    registrar = Registrar("127.0.0.1:5060", password_of, hosts={"127.0.0.1"})
    reply = registrar.register(request, now)

It has no sockets and no clock: the front door gives it requests and the time, and sends its replies.
"""

from simulator.registrar.bindings import Binding
from simulator.registrar.expiry import ExpiryLimits
from simulator.registrar.registrar import Registrar
from simulator.registrar.reply import Reply

__all__ = ["Binding", "ExpiryLimits", "Registrar", "Reply"]
