"""Requests as they are received: whether their form is valid, where they come from, and responses to them.

Used by the front door and by the workers, so that both answer a request alike; it has no sockets and no clock.
"""
